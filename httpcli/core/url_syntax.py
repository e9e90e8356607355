"""The text of an absolute URL, taken apart and made fit for the wire (RFC 3986); stdlib only.

No URL is decoded, so that signed ones stay as they were signed. Who calls
decides which schemes it knows and whether the host is one.
"""

import re
from typing import NamedTuple

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""RFC 3986, 2.3."""
PATH = "/!$&'()*+,;=:@"
"""What a path may have beside unreserved characters and escapes (RFC 3986, 3.3)."""
QUERY = PATH + "?"
"""The same for a query (RFC 3986, 3.4)."""

HIGHEST_PORT = 65535

_ESCAPE = r"%[0-9A-Fa-f]{2}"
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_AUTHORITY_END = re.compile(r"[/?#]|\Z")


class UrlParts(NamedTuple):
    """An absolute URL's pieces as typed, less the fragment.

    ``scheme`` is in lower case. ``host`` keeps the brackets of an IPv6
    address; it may be empty. ``path`` may be empty; ``query`` is None where
    there is no ``?``.
    """

    scheme: str
    userinfo: str | None
    host: str
    port: int | None
    path: str
    query: str | None


class UrlTextError(ValueError):
    """The text is not an absolute URL; ``text[start:end]`` is the place."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def split_url(text: str) -> UrlParts:
    """Split ``scheme://[userinfo@]host[:port][path][?query][#fragment]``.

    Raises UrlTextError (a ValueError) where there is no scheme, the port is
    not one, or an IPv6 address has no brackets.
    """
    scheme = SCHEME.match(text)
    if scheme is None:
        raise UrlTextError("there is no scheme, as in http://", 0, 0)
    end = authority_end(text)
    at = text.rfind("@", scheme.end(), end)
    start = scheme.end() if at < 0 else at + 1
    host, port = _host_and_port(text, start, end)
    rest = text[end:].partition("#")[0]
    path, mark, query = rest.partition("?")
    userinfo = text[scheme.end() : at] if at >= 0 else None
    return UrlParts(scheme[1].lower(), userinfo, host, port, path, query if mark else None)


def authority_end(text: str) -> int:
    """Return where the authority of an absolute URL ends (RFC 3986, 3.2)."""
    scheme = SCHEME.match(text)
    end = _AUTHORITY_END.search(text, scheme.end() if scheme else 0)
    return end.start() if end else len(text)


def quote(text: str, keep: str) -> str:
    """Percent-quote, as UTF-8, all but unreserved characters, those in ``keep``, and escapes.

    A ``%`` that begins no escape becomes ``%25``. Surrogate escapes (bytes
    that were not UTF-8) become the bytes they stand for. Raises
    UnicodeEncodeError for any other lone surrogate.
    """
    if "%" not in text:
        return quote_all(text, keep)
    pieces: list[str] = []
    done = 0
    for escape in re.finditer(_ESCAPE, text):
        pieces.append(quote_all(text[done : escape.start()], keep))
        pieces.append(escape[0])
        done = escape.end()
    pieces.append(quote_all(text[done:], keep))
    return "".join(pieces)


def quote_all(text: str, keep: str) -> str:
    """Percent-quote as ``quote`` does, ``%`` always included: the text is data, not URL."""
    unfit = {*text}.difference(UNRESERVED, keep)
    if not unfit:
        return text
    escapes = {
        ord(each): "".join(f"%{byte:02X}" for byte in each.encode("utf-8", "surrogateescape"))
        for each in unfit
    }
    return text.translate(escapes)


def unquoted(text: str, errors: str = "surrogateescape") -> str:
    """Return the text with its escapes undone; ``errors`` is what becomes of no UTF-8."""
    if "%" not in text:
        return text
    data = re.sub(_ESCAPE.encode(), _byte, text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", errors)


def form_quote(text: str) -> str:
    """Quote as a form's names and values are: ``+`` for space, all else by ``quote_all``."""
    return quote_all(text, " ").replace(" ", "+")


def remove_dots(path: str) -> str:
    """Resolve the segments ``.`` and ``..`` of a path that starts with ``/`` (RFC 3986, 5.2.4).

    >>> remove_dots("/a/../b/./c/..")
    '/b/'
    """
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[0][1:].decode("ascii"))


def _host_and_port(text: str, start: int, end: int) -> tuple[str, int | None]:
    """Split ``host[:port]``, which stands at ``text[start:end]``."""
    if text.startswith("[", start):
        bracket = text.find("]", start, end)
        if bracket < 0:
            raise UrlTextError("the IPv6 address has no closing ]", end, end)
        host_end = bracket + 1
        if host_end < end and text[host_end] != ":":
            raise UrlTextError("only a port can follow the IPv6 address", host_end, end)
    else:
        colon = text.find(":", start, end)
        host_end = end if colon < 0 else colon
        if text.find(":", host_end + 1, end) >= 0:
            raise UrlTextError("an IPv6 address stands in brackets, as [::1]", start, end)
    port = text[host_end + 1 : end]
    if not port:
        return text[start:host_end], None
    digits = port.lstrip("0") or "0"
    valid = digits.isascii() and digits.isdecimal() and len(digits) <= 5
    if not valid or int(digits) > HIGHEST_PORT:
        raise UrlTextError(f"the port is not a number from 0 to {HIGHEST_PORT}", host_end + 1, end)
    return text[start:host_end], int(digits)
