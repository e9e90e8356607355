"""Bytes of a body into text and back, a piece at a time, in the charset that they are in.

The charset is the media type's, else what a byte order mark says, else UTF-8.
For a person, what cannot be decoded is U+FFFD; into a pipe such bytes of UTF-8
go through as they came.
"""

from __future__ import annotations

import codecs

UTF_8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_MARK = 4

# Python's codecs that are text encodings but no charsets of messages.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)


def may_be_mark(start: bytes) -> bool:
    """Tell whether more bytes could still make a byte order mark of ``start``."""
    return len(start) < _LONGEST_MARK and any(
        mark.startswith(start) and mark != start for mark, _ in _MARKS
    )


def charset_of(declared: str, start: bytes) -> str:
    """Return the name of the codec for a body that begins with ``start``.

    ``declared`` is the media type's charset, empty for none; a name that nobody
    knows counts for nothing.
    """
    charset = _known(declared) or _marked(start) or UTF_8
    if is_wide(charset) and not charset.endswith(("-le", "-be")) and not _marked(start):
        return f"{charset}-le"  # as browsers do without a mark; Python would refuse it
    return charset


def is_wide(charset: str) -> bool:
    """Tell whether text in that charset has NUL bytes in it."""
    return charset.startswith(("utf-16", "utf-32"))


class Text:
    """Decodes a body and encodes what is made of it.

    ``shown``: a person looks at it, on a terminal that speaks UTF-8; else it
    goes back into the charset that it came in.
    """

    def __init__(self, charset: str, *, shown: bool) -> None:
        errors = "surrogateescape" if charset == UTF_8 and not shown else "replace"
        self._decoder = codecs.getincrementaldecoder(charset)(errors)
        self._encoder = codecs.getincrementalencoder(UTF_8 if shown else charset)(errors)

    def decode(self, data: bytes, *, last: bool = False) -> str:
        """Return the text of these bytes, less a character that is cut."""
        return self._decoder.decode(data, last)

    def encode(self, text: str, *, last: bool = False) -> bytes:
        """Return the bytes of this text."""
        return self._encoder.encode(text, last)


def _known(name: str) -> str:
    """Return the codec's own name, or nothing where it is none for text."""
    try:
        codec = codecs.lookup(name).name
        # Python has codecs from bytes to bytes (zlib, hex): decode() refuses them.
        b" ".decode(codec, "replace")
    except (LookupError, ValueError):
        return ""
    return "" if codec.replace("_", "-") in _NOT_CHARSETS else codec


def _marked(start: bytes) -> str:
    """Return the charset that a byte order mark tells, or nothing."""
    return next((charset for mark, charset in _MARKS if start.startswith(mark)), "")
