"""URLs (RFC 3986): splitting and quoting their text, checking hosts, and the ``Url`` value.

Typed URLs and the URLs of redirects are treated alike. Nothing is decoded:
decoding would make signed URLs invalid.
"""

from __future__ import annotations

import re

from httpcli.core.errors import HostError
from httpcli.core.named_tuple import NamedTuple

# The text of a URL

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""RFC 3986, 2.3."""
PATH_CHARACTERS = "/!$&'()*+,;=:@"
"""Characters of a path besides unreserved ones and escapes (RFC 3986, 3.3)."""
QUERY_CHARACTERS = PATH_CHARACTERS + "?"
"""Characters of a query besides unreserved ones and escapes (RFC 3986, 3.4)."""

MAX_PORT = 65535

_ESCAPE = r"%[0-9A-Fa-f]{2}"
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_AUTHORITY_END = re.compile(r"[/?#]|\Z")


class UrlParts(NamedTuple):
    """The parts of an absolute URL as typed, without the fragment."""

    scheme: str
    """In lower case."""
    userinfo: str | None
    """``user[:password]``, still percent-encoded; None without an ``@``."""
    host: str
    """With the brackets of an IPv6 address; it may be empty."""
    port: int | None
    """None if no port was given."""
    path: str
    """It may be empty."""
    query: str | None
    """None without a ``?``."""


class UrlSyntaxError(ValueError):
    """The text is not an absolute URL; ``text[start:end]`` is the wrong part."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def split_url(text: str) -> UrlParts:
    """Split ``scheme://[userinfo@]host[:port][path][?query][#fragment]``.

    Whether the scheme is supported and the host valid is not checked. Raises
    UrlSyntaxError without a scheme, for an invalid port, and for an IPv6 address
    without brackets.
    """
    scheme = SCHEME.match(text)
    if scheme is None:
        raise UrlSyntaxError("missing scheme, such as https://", 0, 0)
    end = authority_end(text)
    at = text.rfind("@", scheme.end(), end)
    start = scheme.end() if at < 0 else at + 1
    host, port = _host_and_port(text, start, end)
    rest = text[end:].partition("#")[0]
    path, mark, query = rest.partition("?")
    userinfo = text[scheme.end() : at] if at >= 0 else None
    return UrlParts(scheme[1].lower(), userinfo, host, port, path, query if mark else None)


def authority_end(text: str) -> int:
    """Return the end of the authority of an absolute URL (RFC 3986, 3.2)."""
    scheme = SCHEME.match(text)
    end = _AUTHORITY_END.search(text, scheme.end() if scheme else 0)
    return end.start() if end else len(text)


def quote(text: str, keep: str) -> str:
    """Percent-encode, as UTF-8, all but escapes, unreserved characters and characters in ``keep``.

    A ``%`` outside an escape becomes ``%25``. Surrogate escapes are encoded as
    their bytes. Raises UnicodeEncodeError for any other lone surrogate.
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
    """Percent-encode as ``quote`` does, and every ``%`` too: the text is data, not a URL."""
    unsafe = {*text}.difference(UNRESERVED, keep)
    if not unsafe:
        return text
    escapes = {
        ord(character): "".join(
            f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape")
        )
        for character in unsafe
    }
    return text.translate(escapes)


def unquote(text: str, errors: str = "surrogateescape") -> str:
    """Return the text with its escapes decoded; ``errors`` is as for ``bytes.decode``."""
    if "%" not in text:
        return text
    data = re.sub(_ESCAPE.encode(), _escaped_byte, text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", errors)


def form_quote(text: str) -> str:
    """Encode a name or value of a form, as ``quote_all`` but with ``+`` for a space."""
    return quote_all(text, " ").replace(" ", "+")


def remove_dot_segments(path: str) -> str:
    """Resolve the segments ``.`` and ``..`` of a path that begins with ``/`` (RFC 3986, 5.2.4).

    >>> remove_dot_segments("/a/../b/./c/..")
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


def _escaped_byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[0][1:].decode("ascii"))


def _host_and_port(text: str, start: int, end: int) -> tuple[str, int | None]:
    """Split ``host[:port]`` at ``text[start:end]``."""
    if text.startswith("[", start):
        bracket = text.find("]", start, end)
        if bracket < 0:
            raise UrlSyntaxError("missing ] after the IPv6 address", end, end)
        host_end = bracket + 1
        if host_end < end and text[host_end] != ":":
            raise UrlSyntaxError("only a port can follow the IPv6 address", host_end, end)
    else:
        colon = text.find(":", start, end)
        host_end = end if colon < 0 else colon
        if text.find(":", host_end + 1, end) >= 0:
            raise UrlSyntaxError("write IPv6 addresses in brackets: [::1]", start, end)
    port = text[host_end + 1 : end]
    if not port:
        return text[start:host_end], None
    digits = port.lstrip("0") or "0"
    valid = digits.isascii() and digits.isdecimal() and len(digits) <= 5
    if not valid or int(digits) > MAX_PORT:
        raise UrlSyntaxError(
            f"invalid port: must be a number from 0 to {MAX_PORT}", host_end + 1, end
        )
    return text[start:host_end], int(digits)


# Hosts

# RFC 3986's unreserved characters and sub-delims: private names contain _ and others.
_HOST_CHARACTERS = frozenset(UNRESERVED + "!$&'()*+,;=")
# Not compiled in advance: most runs have no IPv6 address.
_IPV6_AND_ZONE = r"([0-9A-Fa-f:.]+)(?:%(?:25(?=.))?([A-Za-z0-9._~-]+))?"
_MAX_NAME = 253
_MAX_LABEL = 63


def normalize_host(host: str) -> str:
    """Return the host in ASCII and lower case, an IPv6 address without its brackets.

    The result can be used in a Host field and looked up. The zone of an IPv6
    address keeps its case, and its ``%25`` becomes ``%`` (RFC 6874). Raises HostError.
    """
    if host.startswith("["):
        return _ipv6_address(host)
    if "%" in host or not host.isascii():
        return _unusual_name(host)
    if not _HOST_CHARACTERS.issuperset(host):
        at = next(at for at, character in enumerate(host) if character not in _HOST_CHARACTERS)
        raise HostError(f"{host[at]!r} is not allowed in a host name", at, at + 1)
    return _name(host, len(host))


def _name(host: str, typed_length: int) -> str:
    """Check a name (RFC 1035, 2.3.4); ``typed_length`` is the length of the typed host."""
    if not host:
        raise HostError("missing host", 0, 0)
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        raise HostError(
            "the host name has an empty label (two dots, or a dot at the start)", 0, typed_length
        )
    if len(host) > _MAX_NAME or max(map(len, labels)) > _MAX_LABEL:
        raise HostError(
            (
                f"the host name is too long: at most {_MAX_NAME} characters, and {_MAX_LABEL} "
                "between dots"
            ),
            0,
            typed_length,
        )
    if _is_number(labels[-1]):
        return _ipv4_address(labels, typed_length)
    return host.lower()


def _is_number(label: str) -> bool:
    """Return whether a name that ends with this label is an IPv4 address (WHATWG URL, 3.5)."""
    return label.isdecimal() or re.fullmatch(r"0[xX][0-9a-fA-F]*", label) is not None


def _ipv4_address(labels: list[str], typed_length: int) -> str:
    """Return the address in its usual form, also of short, octal and hexadecimal forms.

    ``127.1``, ``0x7f.1`` and ``2130706433`` are 127.0.0.1, as for inet_aton and in the URL
    standard of the WHATWG: the last number fills all bytes that are left.
    """
    try:
        numbers = [_ipv4_number(label) for label in labels]
        *first, last = numbers
        if len(numbers) > 4 or max(first, default=0) > 255:
            raise ValueError("too many numbers, or one that is too large")
        value = sum(number << 8 * (3 - at) for at, number in enumerate(first))
        octets = (value + last).to_bytes(4, "big")
        if last >= 1 << 8 * (4 - len(first)):
            raise OverflowError("the last number is too large")
    except (ValueError, OverflowError):
        raise HostError(
            "invalid IPv4 address: expected four numbers, as in 127.0.0.1", 0, typed_length
        ) from None
    return ".".join(map(str, octets))


def _ipv4_number(label: str) -> int:
    """Return a number that is octal after ``0`` and hexadecimal after ``0x``."""
    if label[:2] in ("0x", "0X"):
        return int(label[2:] or "0", 16)
    if not (label.isascii() and label.isdecimal()):
        raise ValueError("not a number")
    return int(label, 8 if label.startswith("0") else 10)


def _unusual_name(host: str) -> str:
    """Return a name that has percent-escapes or characters outside ASCII."""
    from httpcli.core.international_hosts import decode_escapes, to_ascii

    decoded = decode_escapes(host) if "%" in host else host
    try:
        ascii_host = decoded if decoded.isascii() else to_ascii(decoded)
    except HostError as error:
        error.end = min(error.end, len(host))
        raise
    return _name(ascii_host, len(host))


def _ipv6_address(host: str) -> str:
    match = re.fullmatch(_IPV6_AND_ZONE, host[1:-1])
    if match is None or not _is_ipv6(match[1]):
        raise HostError("invalid IPv6 address", 1, len(host) - 1)
    address = match[1].lower()
    return address if match[2] is None else f"{address}%{match[2]}"


def _is_ipv6(text: str) -> bool:
    """Return whether the text is an IPv6 address without a zone (RFC 4291, 2.2)."""
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def canonical_host(host: str) -> str:
    """Return the one spelling of a host, for comparisons with other hosts.

    In ASCII and lower case, without brackets and without the dot at the end, an IPv6 address
    as in RFC 5952, and an IPv4 address in an IPv6 address (``::ffff:192.0.2.1``) as IPv4. The
    host may be normalized or not, as in a netrc file; a text that is no host is in lower case.
    """
    if ":" in host:
        return _canonical_ipv6(host)
    name = host.rstrip(".").lower()
    if not host.isascii() or "%" in host or _is_number(name.rpartition(".")[2]):
        try:
            return normalize_host(host).rstrip(".")
        except HostError:
            return name
    return name


def is_localhost(host: str) -> bool:
    """Return whether a name means this machine: ``localhost`` and names below it (RFC 6761)."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _canonical_ipv6(host: str) -> str:
    from ipaddress import IPv6Address

    address, percent, zone = host.strip("[]").partition("%")
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return host.lower()
    return str(parsed.ipv4_mapped or parsed) + percent + zone


# URLs

DEFAULT_PORTS = {"http": 80, "https": 443}
WEBSOCKET_SCHEMES = {"ws": "http", "wss": "https"}
"""The schemes of a WebSocket, and those of its handshake (RFC 6455, 3)."""
SCHEMES = (*DEFAULT_PORTS, *WEBSOCKET_SCHEMES)
"""The schemes that can be typed, besides ``echo:`` and those of Unix sockets."""


def host_is_ip(host: str) -> bool:
    """Return whether the host of a ``Url`` is an IP address.

    The host is valid, so a last label of digits means an IPv4 address.
    """
    return ":" in host or host.rstrip(".").rpartition(".")[2].isdecimal()


class Origin(NamedTuple):
    """Scheme, host and port (RFC 9110, 4.3.1); credentials belong to an origin."""

    scheme: str
    host: str
    """As ``canonical_host`` returns it."""
    port: int


class Url(NamedTuple):
    """An http or https URL (RFC 9110, 4.2), encoded as it is sent.

    It has no userinfo and no fragment: neither is ever sent.
    """

    scheme: str
    host: str
    """In ASCII and lower case, an IPv6 address without its brackets."""
    port: int | None = None
    """None if none was given."""
    path: str = "/"
    """Begins with ``/``."""
    query: str | None = None
    """None without a ``?``."""

    @property
    def origin(self) -> Origin:
        """The origin, with the scheme's default port filled in."""
        return Origin(self.scheme, canonical_host(self.host), self.effective_port)

    @property
    def effective_port(self) -> int:
        """The port to connect to."""
        return self.port if self.port is not None else DEFAULT_PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """``host[:port]`` for the Host field: without the scheme's default port."""
        # A zone names a network interface of this machine: it is not sent (RFC 6874, 4).
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
