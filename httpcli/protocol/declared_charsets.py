"""Finds the charset of a body: from its media type, a byte order mark, or its beginning.

XML, HTML and CSS declare their charset; the first bytes of JSON show it. HTML is
searched by regular expressions: the standard library's parser raises an
AssertionError for some invalid pages.
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
_CONTENT_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"


def declared_charset(media: MediaType, start: bytes) -> str:
    """Return the charset that the beginning of a body declares, empty for none.

    UTF-16 and UTF-32 are recognized by their NULs (RFC 4627, 3; XML 1.0, F.1). If
    they are declared in ASCII the declaration is wrong, and the text is UTF-8, as in
    browsers (HTML, 13.2.3.2).
    """
    wide = _wide(start)
    if wide:
        return wide
    name = _named(media, start).decode("ascii").lower()
    return "utf-8" if name.startswith(("utf-16", "utf-32", "ucs-2", "ucs-4")) else name


def _named(media: MediaType, start: bytes) -> bytes:
    """Return the declared name as written."""
    if media.subtype == "css":
        found = _CSS.match(start)
        return found[1] if found else b""
    found = _XML.match(start)
    if found:
        return found[1]
    return _meta(_COMMENT.sub(b"", start)) if "html" in media.subtype else b""


def _meta(page: bytes) -> bytes:
    """Return the charset of a page's meta elements, in either form."""
    for meta in _META.finditer(page):
        pairs = _ATTRIBUTE.findall(meta[1])
        attributes = {name.lower(): b"".join(values) for name, *values in pairs}
        found = re.fullmatch(rb"\s*([\w.:-]+)\s*", attributes.get(b"charset", b""))
        if not found and attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
            found = _CONTENT_CHARSET.search(attributes.get(b"content", b""))
        if found:
            return found[1]
    return b""


def _wide(start: bytes) -> str:
    """Return UTF-16 or UTF-32 if there are NULs between first characters of ASCII."""
    first = start[:4].strip(b"\0")[:1].decode("latin-1")
    if b"\0" not in start[:4] or not (" " <= first <= "~" or first in ("\t", "\n", "\r")):
        return ""
    found = detect_encoding(start)
    return found if found.endswith(("-le", "-be")) else ""


UTF_8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAX_MARK_SIZE: Final = 4
"""Bytes."""
_PRESCANNED = 1024
"""Bytes of a page in which browsers look for a declaration."""

# Python's text codecs that are not charsets of messages; two of them are very slow.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
# Names of browsers that Python does not know.
_LABELS = {"windows-31j": "cp932", "windows-949": "cp949", "iso-8859-8-i": "iso8859-8"}
_PREFIXES = ("windows-", "dos-", "x-")

# Labels that browsers decode as a superset: WHATWG Encoding, 4.2.
_SUPERSETS = {
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
    """The charset of a body."""

    name: str
    """The name of Python's codec."""
    is_stated: bool
    """Whether the response or the user states it; else it is the default."""

    @property
    def is_wide(self) -> bool:
        """Whether text in it has NUL bytes."""
        return self.name.startswith(("utf-16", "utf-32"))

    @property
    def superset(self) -> str:
        """The name of the codec that browsers use for it: a superset."""
        return _SUPERSETS.get(self.name, self.name)


def charset_search_size(media: MediaType) -> int:
    """Return how many bytes of a body to search for its charset."""
    return _PRESCANNED if media.charset is None and _may_declare(media) else MAX_MARK_SIZE


def could_be_mark(start: bytes) -> bool:
    """Tell whether ``start`` could be the beginning of a longer byte order mark."""
    return len(start) < MAX_MARK_SIZE and any(
        mark.startswith(start) and mark != start for mark, _ in _MARKS
    )


def charset_of(media: MediaType, start: bytes) -> Charset:
    """Return the charset of a body that begins with ``start``.

    It is that of the media type, else of a byte order mark, else the one that the
    body declares; unknown names are ignored. Otherwise it is UTF-8, also if ASCII
    is stated: UTF-8 is a superset.
    """
    marked = next((charset for mark, charset in _MARKS if start.startswith(mark)), "")
    name = find_codec(media.charset or "") or marked or _declared(media, start)
    if name in ("utf-16", "utf-32") and marked != name:
        name += "-le"  # as in browsers, without a mark; Python would raise an error
    is_stated = name not in ("", "ascii")
    return Charset(name if is_stated else UTF_8, is_stated)


def find_codec(name: str) -> str:
    """Return the codec of a charset; empty for an unknown one."""
    name = name.strip().lower()
    for candidate in (_LABELS.get(name, name), *_without_prefix(name)):
        try:
            codec = codecs.lookup(candidate).name
            # Python has codecs from bytes to bytes (zlib, hex): decode() refuses them.
            b" ".decode(codec, "replace")
        except (LookupError, ValueError):
            continue
        return "" if codec.replace("_", "-") in _NOT_CHARSETS else codec
    return ""


def _without_prefix(name: str) -> list[str]:
    """Return Python's names for a label with a prefix: sjis for x-sjis, cp874 for windows-874."""
    names = [name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)]
    return [f"cp{name}" if name.isdecimal() else name for name in names]


def _declared(media: MediaType, start: bytes) -> str:
    """Return the charset that the body declares, if its type can declare one."""
    wide = b"\0" in start[:MAX_MARK_SIZE]
    if not (_may_declare(media) or (wide and "json" in media.subtype)):
        return ""
    return find_codec(declared_charset(media, start[:_PRESCANNED]))


def _may_declare(media: MediaType) -> bool:
    """Tell whether text of that type can declare its charset."""
    return media.subtype == "css" or "xml" in media.subtype or "html" in media.subtype
