"""Which texts are the host of a URL: a name, an IPv4 address, an IPv6 one in brackets.

What passes here can stand in a Host field and be handed to a resolver
(RFC 3986, 3.2.2). What the user types and where a redirect leads are read alike.
"""

from __future__ import annotations

import re

from httpcli.core.url_syntax import UNRESERVED

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


def normal_host(host: str) -> str:
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
