"""What a text says of its own charset: XML, HTML and CSS declare it, JSON's first bytes tell it.

By expressions, not by the standard library's HTML parser: that one gives up
on some broken pages with an AssertionError, and pages are broken.
"""

from __future__ import annotations

import codecs
import re
from json import detect_encoding
from typing import Final, NamedTuple

from httpcli.protocol.media_types import MediaType

_XML = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_CSS = re.compile(rb'@charset "([\w.:-]+)";')
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"""<meta[\s/]((?:"[^"]*"|'[^']*'|[^"'>])*)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_IN_CONTENT = re.compile(rb"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"


def declared_in(media: MediaType, start: bytes) -> str:
    """Return the name that a body of that type declares in its beginning, or nothing.

    A wide charset can be seen by its NULs alone (RFC 4627, 3; XML 1.0, F.1).
    Where it is declared in bytes of ASCII it cannot be true, and the text is
    UTF-8: as browsers decide (HTML, 13.2.3.2).
    """
    wide = _wide(start)
    if wide:
        return wide
    name = _named(media, start).decode("ascii").lower()
    return "utf-8" if name.startswith(("utf-16", "utf-32", "ucs-2", "ucs-4")) else name


def _named(media: MediaType, start: bytes) -> bytes:
    """Return what is written there."""
    if media.subtype == "css":
        found = _CSS.match(start)
        return found[1] if found else b""
    found = _XML.match(start)
    if found:
        return found[1]
    return _meta(_COMMENT.sub(b"", start)) if "html" in media.subtype else b""


def _meta(page: bytes) -> bytes:
    """Return what a page's meta elements say, in either form."""
    for meta in _META.finditer(page):
        pairs = _ATTRIBUTE.findall(meta[1])
        attributes = {name.lower(): b"".join(values) for name, *values in pairs}
        found = re.fullmatch(rb"\s*([\w.:-]+)\s*", attributes.get(b"charset", b""))
        if not found and attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
            found = _IN_CONTENT.search(attributes.get(b"content", b""))
        if found:
            return found[1]
    return b""


def _wide(start: bytes) -> str:
    """Return the charset that NULs between the first characters show: those are ASCII."""
    first = start[:4].strip(b"\0")[:1].decode("latin-1")
    if b"\0" not in start[:4] or not (" " <= first <= "~" or first in ("\t", "\n", "\r")):
        return ""
    found = detect_encoding(start)
    return found if found.endswith(("-le", "-be")) else ""


# Which charset a body is in: its name as Python's codecs have it, and who told it.


UTF_8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_MARK: Final = 4
"""Bytes."""
_PRESCANNED = 1024
"""Bytes of a page in which browsers look for what it declares."""

# Python's codecs that are text encodings but no charsets of messages; two take for ever.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
# Names of the web that Python does not know.
_LABELS = {"windows-31j": "cp932", "windows-949": "cp949", "iso-8859-8-i": "iso8859-8"}
_PREFIXES = ("windows-", "dos-", "x-")

# Who says the one means the other, which has more characters: WHATWG Encoding, 4.2.
_MEANT = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}


class Charset(NamedTuple):
    """A codec's name. ``told``: by the response or the user; else it is only to be expected."""

    name: str
    told: bool

    @property
    def is_wide(self) -> bool:
        """Whether text in it has NUL bytes."""
        return self.name.startswith(("utf-16", "utf-32"))

    @property
    def meant(self) -> str:
        """The name of the larger charset that senders mean by it, as browsers read it."""
        return _MEANT.get(self.name, self.name)


def prescanned(media: MediaType) -> int:
    """Return how many bytes of such a body may tell its charset."""
    return _PRESCANNED if media.charset is None and _may_declare(media) else LONGEST_MARK


def may_be_mark(start: bytes) -> bool:
    """Tell whether more bytes could still make a byte order mark of ``start``."""
    return len(start) < LONGEST_MARK and any(
        mark.startswith(start) and mark != start for mark, _ in _MARKS
    )


def charset_of(media: MediaType, start: bytes) -> Charset:
    """Return the charset of a body that begins with ``start``.

    The media type tells it, else a byte order mark, else what the body itself
    declares; a name that nobody knows counts for nothing. Else it is UTF-8, of
    which ASCII is a part: beyond that, who says ASCII says nothing.
    """
    marked = next((charset for mark, charset in _MARKS if start.startswith(mark)), "")
    name = codec_of(media.charset or "") or marked or _declared(media, start)
    if name in ("utf-16", "utf-32") and marked != name:
        name += "-le"  # as browsers do without its mark; Python would refuse it
    told = name not in ("", "ascii")
    return Charset(name if told else UTF_8, told)


def codec_of(name: str) -> str:
    """Return the name of the codec for a charset; empty where nobody knows such a one."""
    name = name.strip().lower()
    for each in (_LABELS.get(name, name), *_less_prefix(name)):
        try:
            codec = codecs.lookup(each).name
            # Python has codecs from bytes to bytes (zlib, hex): decode() refuses them.
            b" ".decode(codec, "replace")
        except (LookupError, ValueError):
            continue
        return "" if codec.replace("_", "-") in _NOT_CHARSETS else codec
    return ""


def _less_prefix(name: str) -> list[str]:
    """Return what a name may be to Python: x-sjis is sjis, windows-874 is cp874."""
    found = [name.removeprefix(each) for each in _PREFIXES if name.startswith(each)]
    return [f"cp{each}" if each.isdecimal() else each for each in found]


def _declared(media: MediaType, start: bytes) -> str:
    """Return what the body declares, where it is of a kind that can."""
    wide = b"\0" in start[:LONGEST_MARK]
    if not (_may_declare(media) or (wide and "json" in media.subtype)):
        return ""
    found = declared_in(media, start[:_PRESCANNED])
    return codec_of(found)


def _may_declare(media: MediaType) -> bool:
    """Tell whether text of that type may declare its charset itself."""
    return media.subtype == "css" or "xml" in media.subtype or "html" in media.subtype
