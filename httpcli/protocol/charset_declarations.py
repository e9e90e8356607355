"""What a text says of its own charset: XML, HTML and CSS declare it, JSON's first bytes tell it.

By expressions, not by the standard library's HTML parser: that one gives up
on some broken pages with an AssertionError, and pages are broken.
"""

from __future__ import annotations

import re
from json import detect_encoding

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
