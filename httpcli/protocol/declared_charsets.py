"""Finds the charset of a body in its media type, its byte order mark, or its first bytes.

XML, HTML and CSS can declare their charset, and the first bytes of JSON reveal it. HTML
is searched with regular expressions, because the standard library's parser raises
AssertionError for some invalid pages.
"""

from __future__ import annotations

import codecs
import re
from json import detect_encoding
from typing import Final

from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.media_types import MediaType, parse_media_type

_XML = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_CSS = re.compile(rb'@charset "([\w.:-]+)";')
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"""<meta[\s/]((?:"[^"]*"|'[^']*'|[^"'>])*)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_CONTENT_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


def declared_charset(media: MediaType, start: bytes) -> str:
    """Return the charset that the beginning of a body declares; empty if it declares none.

    UTF-16 and UTF-32 are recognized by their NUL bytes (RFC 4627, 3; XML 1.0, F.1). A
    declaration of them in ASCII is wrong, and the text is UTF-8, as in browsers
    (HTML, 13.2.3.2).
    """
    wide_charset = _wide_charset(start)
    if wide_charset:
        return wide_charset
    name = _declared_name(media, start).decode("ascii").lower()
    return "utf-8" if name.startswith(("utf-16", "utf-32", "ucs-2", "ucs-4")) else name


def _declared_name(media: MediaType, start: bytes) -> bytes:
    """Return the name in the declaration, as written; empty without a declaration."""
    if media.subtype == "css":
        found = _CSS.match(start)
        return found[1] if found else b""
    found = _XML.match(start)
    if found:
        return found[1]
    return _meta_charset(_COMMENT.sub(b"", start)) if "html" in media.subtype else b""


def _meta_charset(page: bytes) -> bytes:
    """Return the charset from a page's ``meta`` elements; empty without one."""
    for meta in _META.finditer(page):
        pairs = _ATTRIBUTE.findall(meta[1])
        attributes = {name.lower(): b"".join(values) for name, *values in pairs}
        found = re.fullmatch(rb"\s*([\w.:-]+)\s*", attributes.get(b"charset", b""))
        if not found and attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
            found = _CONTENT_CHARSET.search(attributes.get(b"content", b""))
        if found:
            return found[1]
    return b""


def _wide_charset(start: bytes) -> str:
    """Return UTF-16 or UTF-32 if the first characters are ASCII with NUL bytes; else empty."""
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
"""The size of the longest byte order mark in bytes."""
_PRESCAN_SIZE = 1024
"""The bytes at the beginning of a page in which browsers search for a declaration."""

# Python's text codecs that no message uses; two of them are very slow.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
# Labels that browsers support and Python does not.
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
    """Whether the response or the user states it; False for the default."""

    @property
    def is_wide(self) -> bool:
        """Whether ASCII text in this charset has NUL bytes."""
        return self.name.startswith(("utf-16", "utf-32"))

    @property
    def superset(self) -> str:
        """The name of the codec that browsers use for it, which may be a superset."""
        return _SUPERSETS.get(self.name, self.name)


class ReadAs(NamedTuple):
    """How the user wants bodies to be read, in place of what the server states."""

    media_type: str = ""
    """The value of ``--response-mime``; empty for the stated one."""
    charset: str = ""
    """The codec of ``--response-charset``; empty for the stated one."""

    def media_type_of(self, fields: Fields) -> MediaType:
        """Return the media type of a response's body, with its charset."""
        sent = parse_media_type(fields.first("content-type") or "")
        media = parse_media_type(self.media_type) if self.media_type else sent
        charset = self.charset or media.charset or sent.charset
        if not charset:
            return media
        return media._replace(parameters={**media.parameters, "charset": charset})

    def charset_of(self, fields: Fields, body: bytes | bytearray) -> Charset:
        """Return the charset of a response's body."""
        media = self.media_type_of(fields)
        return charset_of(media, bytes(body[: charset_search_size(media)]))


def charset_search_size(media: MediaType) -> int:
    """Return how many bytes of a body ``charset_of`` needs."""
    return _PRESCAN_SIZE if media.charset is None and _may_declare(media) else MAX_MARK_SIZE


def could_be_mark(start: bytes) -> bool:
    """Return whether ``start`` could be the beginning of a longer byte order mark."""
    return len(start) < MAX_MARK_SIZE and any(
        mark.startswith(start) and mark != start for mark, _ in _MARKS
    )


def charset_of(media: MediaType, start: bytes) -> Charset:
    """Return the charset of a body that begins with ``start``.

    The first known charset of: the media type, a byte order mark, the declaration in the
    body. Otherwise, and for ASCII, it is UTF-8, a superset of ASCII.
    """
    mark_charset = next((charset for mark, charset in _MARKS if start.startswith(mark)), "")
    name = find_codec(media.charset or "") or mark_charset or _declared_codec(media, start)
    if name in ("utf-16", "utf-32") and mark_charset != name:
        name += "-le"  # as in browsers; without a mark, Python would raise an error
    is_stated = name not in ("", "ascii")
    return Charset(name if is_stated else UTF_8, is_stated)


def find_codec(name: str) -> str:
    """Return the name of Python's codec for a charset; empty for an unknown one."""
    name = name.strip().lower()
    for candidate in (_LABELS.get(name, name), *_without_prefix(name)):
        try:
            codec = codecs.lookup(candidate).name
            # decode() raises LookupError for codecs from bytes to bytes (zlib, hex).
            b" ".decode(codec, "replace")
        except (LookupError, ValueError):
            continue
        return "" if codec.replace("_", "-") in _NOT_CHARSETS else codec
    return ""


def _without_prefix(name: str) -> list[str]:
    """Return Python's names for a label with a prefix: sjis for x-sjis, cp874 for windows-874."""
    names = [name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)]
    return [f"cp{name}" if name.isdecimal() else name for name in names]


def _declared_codec(media: MediaType, start: bytes) -> str:
    """Return the codec of the charset that the body declares; empty if its type cannot."""
    has_nul = b"\0" in start[:MAX_MARK_SIZE]
    if not (_may_declare(media) or (has_nul and "json" in media.subtype)):
        return ""
    return find_codec(declared_charset(media, start[:_PRESCAN_SIZE]))


def _may_declare(media: MediaType) -> bool:
    """Return whether text of that type can declare its charset."""
    return media.subtype == "css" or "xml" in media.subtype or "html" in media.subtype
