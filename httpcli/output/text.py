"""Bytes of a body into text and back, a piece at a time.

For a person, what cannot be decoded is U+FFFD; into a pipe such bytes go through
as they came, where the charset is UTF-8 or has one byte for a character. Text of
which nobody tells the charset is UTF-8, until a person would see a byte that is
none: then the charset is guessed.
"""

from __future__ import annotations

import codecs
from typing import Final

from httpcli.protocol.charsets import UTF_8, Charset

_EVERY_BYTE = bytes(range(256))
SAMPLE: Final = 1 << 16
"""Bytes that are judged at most."""


class Text:
    """Decodes a body and encodes what is made of it.

    ``shown``: a person looks at it, on a terminal that speaks UTF-8; else it
    goes back into the charset that it came in.
    """

    def __init__(self, charset: Charset, *, shown: bool) -> None:
        name = charset.meant if shown else charset.name
        if not shown and name != UTF_8 and _has_single_bytes(name):
            name = "latin-1"  # formats look at ASCII alone, and this one loses no byte
        errors = "surrogateescape" if name == UTF_8 and not shown else "replace"
        guessed = shown and not charset.told
        self._decoder = Untold() if guessed else codecs.getincrementaldecoder(name)(errors)
        self._encoder = codecs.getincrementalencoder(UTF_8 if shown else name)(errors)

    def decode(self, data: bytes, *, last: bool = False) -> str:
        """Return the text of these bytes, less a character that is cut and what waits."""
        return self._decoder.decode(data, last)

    def pause(self) -> str:
        """Nothing came for a while: return what waited to be judged."""
        return self._decoder.judge() if isinstance(self._decoder, Untold) else ""

    def encode(self, text: str, *, last: bool = False) -> bytes:
        """Return the bytes of this text."""
        return self._encoder.encode(text, last)


class Untold:
    """Decodes UTF-8 until there is a byte that is none, then guesses what it is.

    What is not ASCII from there on waits until there is enough of it to judge,
    or nothing more comes for a while: no more than ``SAMPLE`` and a piece.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder(UTF_8)("strict")
        self._held: bytearray | None = None
        self._proper = 0

    def decode(self, data: bytes, last: bool = False) -> str:
        """Return the text of these bytes, less what waits."""
        text = ""
        if self._held is not None:
            self._held += data
        else:
            try:
                text = self._decoder.decode(data, last)
            except UnicodeDecodeError as error:
                # With what the decoder had kept of a cut character.
                data = error.object
                ascii_until = _ascii_until(data)
                text = data[:ascii_until].decode("ascii")
                self._held = bytearray(data[ascii_until:])
            else:
                self._proper += 0 if text.isascii() else len(text.encode()) - len(text)
        if self._held is not None and (last or len(self._held) >= SAMPLE):
            text += self.judge(last=last)
        return text

    def judge(self, *, last: bool = False) -> str:
        """Settle the charset by what waits, and return its text; nothing where nothing waits."""
        if self._held is None:
            return ""
        held, self._held = bytes(self._held), None
        sample = held[:SAMPLE]
        if _is_damaged(sample, self._proper):
            charset = UTF_8
        else:
            from httpcli.output.charset_guess import guess

            charset = guess(sample)
        self._decoder = codecs.getincrementaldecoder(charset)("replace")
        return self._decoder.decode(held, last)


def _has_single_bytes(name: str) -> bool:
    """Tell whether each byte is a character in that charset, those of ASCII what they are."""
    try:
        is_ascii = _EVERY_BYTE[:128].decode(name).encode() == _EVERY_BYTE[:128]
    except UnicodeDecodeError:
        return False
    return is_ascii and len(_EVERY_BYTE.decode(name, "replace")) == len(_EVERY_BYTE)


def _ascii_until(data: bytes) -> int:
    """Return where the first byte is that is not ASCII."""
    try:
        data.decode("ascii")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _is_damaged(sample: bytes, proper: int) -> bool:
    """Tell whether this is UTF-8 with some bytes lost: most characters are whole.

    ``proper``: how many bytes of characters beyond ASCII came before and were right.
    """
    text = sample.decode(UTF_8, "replace")
    wrong = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return proper + beyond - wrong >= wrong
