"""Which texts are the host of a URL: a name, an IPv4 address, an IPv6 one in brackets.

What passes here can stand in a Host field and be handed to a resolver
(RFC 3986, 3.2.2). What the user types and where a redirect leads are read alike.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The text of an absolute URL, taken apart and made fit for the wire (RFC 3986); stdlib only.
#
# No URL is decoded, so that signed ones stay as they were signed. Who calls decides which
# schemes it knows and whether the host is one.


UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""RFC 3986, 2.3."""
PATH_CHARACTERS = "/!$&'()*+,;=:@"
"""What a path may have beside unreserved characters and escapes (RFC 3986, 3.3)."""
QUERY_CHARACTERS = PATH_CHARACTERS + "?"
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


class UrlSyntaxError(ValueError):
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
        raise UrlSyntaxError("there is no scheme, as in http://", 0, 0)
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


def unquote(text: str, errors: str = "surrogateescape") -> str:
    """Return the text with its escapes undone; ``errors`` is what becomes of no UTF-8."""
    if "%" not in text:
        return text
    data = re.sub(_ESCAPE.encode(), _byte, text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", errors)


def form_quote(text: str) -> str:
    """Quote as a form's names and values are: ``+`` for space, all else by ``quote_all``."""
    return quote_all(text, " ").replace(" ", "+")


def remove_dot_segments(path: str) -> str:
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
            raise UrlSyntaxError("the IPv6 address has no closing ]", end, end)
        host_end = bracket + 1
        if host_end < end and text[host_end] != ":":
            raise UrlSyntaxError("only a port can follow the IPv6 address", host_end, end)
    else:
        colon = text.find(":", start, end)
        host_end = end if colon < 0 else colon
        if text.find(":", host_end + 1, end) >= 0:
            raise UrlSyntaxError("an IPv6 address stands in brackets, as [::1]", start, end)
    port = text[host_end + 1 : end]
    if not port:
        return text[start:host_end], None
    digits = port.lstrip("0") or "0"
    valid = digits.isascii() and digits.isdecimal() and len(digits) <= 5
    if not valid or int(digits) > HIGHEST_PORT:
        raise UrlSyntaxError(
            f"the port is not a number from 0 to {HIGHEST_PORT}", host_end + 1, end
        )
    return text[start:host_end], int(digits)


# RFC 3986's unreserved characters and sub-delims; people use _ and more in private names.
_POSSIBLE = frozenset(UNRESERVED + "!$&'()*+,;=")
# Texts: most runs meet no IPv6 address, and compiling costs at start.
_SIX = r"([0-9A-Fa-f:.]+)(?:%(?:25(?=.))?([A-Za-z0-9._~-]+))?"
_GROUP = r"[0-9A-Fa-f]{1,4}"
_FOUR = r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}"
_LONGEST_NAME = 253
_LONGEST_LABEL = 63


class HostError(ValueError):
    """The text is no host; ``host[start:end]`` is what is wrong with it."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def normalize_host(host: str) -> str:
    """Return the host in ASCII and lower case, an IPv6 address without its brackets.

    The zone of an IPv6 address keeps its case and loses the quoting of its
    ``%`` (RFC 6874). Raises HostError.
    """
    if host.startswith("["):
        return _address(host)
    if not host.isascii():
        return _international(host)
    if not _POSSIBLE.issuperset(host):
        at = next(at for at, each in enumerate(host) if each not in _POSSIBLE)
        raise HostError(f"a host has no {host[at]!r} in it", at, at + 1)
    return _name(host, len(host))


def _name(host: str, shown: int) -> str:
    """Check the lengths of a name (RFC 1035, 2.3.4); ``shown`` is how long it was typed."""
    if not host:
        raise HostError("there is no host", 0, 0)
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        raise HostError("the host has an empty label (two dots, or one at the start)", 0, shown)
    if len(host) > _LONGEST_NAME or max(map(len, labels)) > _LONGEST_LABEL:
        raise HostError(
            f"the host is too long: {_LONGEST_NAME} characters, {_LONGEST_LABEL} between dots",
            0,
            shown,
        )
    last = labels[-1].lower()
    if last.isdecimal() or last.startswith("0x"):
        _check_ipv4(labels, shown)
    return host.lower()


def _check_ipv4(labels: list[str], shown: int) -> None:
    """Refuse short forms of an address (127.1, 0x7f000001): programs read them differently."""
    plain = [label for label in labels if label.isdecimal() and str(int(label)) == label]
    if len(plain) != 4 or len(labels) != 4 or any(int(label) > 255 for label in plain):
        raise HostError("an IPv4 address has four numbers, as 127.0.0.1", 0, shown)


def _international(host: str) -> str:
    try:
        # IDNA 2008 with UTS 46: as browsers have it.
        from idna import encode

        ascii_host: str = encode(host, uts46=True).decode("ascii")
    except ValueError as error:
        raise HostError(f"the host is not a name (IDNA: {error})", 0, len(host)) from None
    return _name(ascii_host, len(host))


def _address(host: str) -> str:
    match = re.fullmatch(_SIX, host[1:-1])
    if match is None or not _is_ipv6(match[1]):
        raise HostError("that is not an IPv6 address", 1, len(host) - 1)
    address = match[1].lower()
    return address if match[2] is None else f"{address}%{match[2]}"


def _is_ipv6(text: str) -> bool:
    """Tell whether it is an IPv6 address without zone (RFC 4291, 2.2)."""
    left, gap, right = text.partition("::")
    groups = [*(left.split(":") if left else []), *(right.split(":") if right else [])]
    size = len(groups)
    if groups and re.fullmatch(_FOUR, groups[-1]) and (right or not gap):
        groups.pop()
        size += 1
    if not all(re.fullmatch(_GROUP, group) for group in groups):
        return False
    return size <= 7 if gap else size == 8


# An http or https URL taken apart (RFC 9110, 4.2), percent-escapes as typed.


DEFAULT_PORTS = {"http": 80, "https": 443}


def is_ip_address(host: str) -> bool:
    """Tell whether a host, as ``Url`` has it, is an IP address: only there the end is a number."""
    return ":" in host or host.rstrip(".").rpartition(".")[2].isdecimal()


class Origin(NamedTuple):
    """Scheme, host and port: what credentials belong to (RFC 9110, 4.3.1)."""

    scheme: str
    host: str
    port: int


class Url(NamedTuple):
    """Where a request goes. Everything in it can stand on the wire as it is.

    ``host`` is ASCII, in lower case, an IPv6 address without its brackets;
    ``port`` is None where none was given; ``path`` starts with ``/``;
    ``query`` is None where there is no ``?``. There is no userinfo and no
    fragment: neither is ever sent.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = "/"
    query: str | None = None

    @property
    def origin(self) -> Origin:
        """The origin, with the scheme's default port filled in."""
        return Origin(self.scheme, self.host, self.effective_port)

    @property
    def effective_port(self) -> int:
        """The port that is connected to."""
        return self.port if self.port is not None else DEFAULT_PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """``host[:port]`` as the Host field has it: no port where it is the default."""
        # A zone says which of our interfaces to use; it means nothing there (RFC 6874, 4).
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        if self.port is None or self.port == DEFAULT_PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """The request target in origin form: path and query (RFC 9112, 3.2.1)."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"
