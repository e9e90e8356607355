"""What the options say that lead a connection elsewhere: addresses, hosts, ports.

``HOST:PORT`` is as in a URL, an IPv6 address in brackets. Every error says
which part of the text is wrong.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from httpcli.core.connection_options import ConnectTo
from httpcli.core.errors import Fault, UsageError
from httpcli.core.url import HostError, normalize_host

_PART = r"\[[^\]]*\]|[^:\[\]]*"
_RESOLVE = rf"\+?({_PART}):([^:]*):(.*)"
_DETOUR = rf"({_PART}):([^:]*):({_PART})(?::([^:]*))?"
_SERVER = r"\[([^\]]*)\](?::(.*))?|([^:]*)(?::([^:]*))?"

HostAddresses = dict[tuple[str, int], tuple[str, ...]]
"""Addresses by host (``*``: any) and port."""


def parse_resolve(text: str) -> HostAddresses:
    """Read ``HOST:PORT:ADDRESS[,ADDRESS]...`` of ``--resolve``. Raises UsageError."""
    match = re.fullmatch(_RESOLVE, text)
    if match is None:
        form = "HOST:PORT:ADDRESS[,ADDRESS]..."
        raise _not(text, "--resolve", form, "example.org:443:127.0.0.1")
    host = match[1] if match[1] == "*" else _host(text, match.span(1), "--resolve")
    if is_ip_address(host):
        raise _wrong(
            text, match.span(1), "--resolve: the host is an address already", "see --connect-to"
        )
    port = _port(text, match.span(2), "--resolve")
    addresses: list[str] = []
    start = match.start(3)
    for typed in match[3].split(","):
        addresses.append(_address(text, (start, start + len(typed)), "--resolve"))
        start += len(typed) + 1
    return {(host, port): tuple(addresses)}


def parse_connect_to(text: str) -> ConnectTo:
    """Read ``HOST1:PORT1:HOST2:PORT2`` of ``--connect-to``, any part of which may be empty.

    Raises UsageError.
    """
    match = re.fullmatch(_DETOUR, text)
    if match is None:
        example = "example.org:443:staging.example.org:8443"
        raise _not(text, "--connect-to", "HOST1:PORT1:HOST2:PORT2", example)
    (host, there), (port, port_there) = (
        [_host(text, match.span(at), "--connect-to") if match[at] else "" for at in (1, 3)],
        [_port(text, match.span(at), "--connect-to") if match[at] else None for at in (2, 4)],
    )
    return ConnectTo(host, port, there, port_there)


def parse_dns_servers(text: str) -> tuple[str, ...]:
    """Read ``ADDRESS[:PORT][,ADDRESS[:PORT]]...`` of ``--dns-server``. Raises UsageError.

    Each comes back with its port, an IPv6 address in brackets.
    """
    servers: list[str] = []
    start = 0
    for typed in text.split(","):
        servers.append(_name_server(text, start, start + len(typed)))
        start += len(typed) + 1
    return tuple(servers)


def _name_server(text: str, start: int, end: int) -> str:
    typed = text[start:end]
    if is_ip_address(typed):
        return f"[{typed}]:53" if ":" in typed else f"{typed}:53"
    match = re.fullmatch(_SERVER, typed)
    place = (start, end)
    if match is None:
        return _address(text, place, "--dns-server")
    group = 1 if match[1] is not None else 3
    begin, finish = match.span(group)
    address = _address(text, (start + begin, start + finish), "--dns-server")
    port = 53
    if match[group + 1] is not None:
        begin, finish = match.span(group + 1)
        port = _port(text, (start + begin, start + finish), "--dns-server")
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_port_range(text: str) -> tuple[int, int]:
    """Read ``N[-M]`` of ``--local-port``: the first and the last. Raises UsageError."""
    dash = text.find("-")
    end = dash if dash >= 0 else len(text)
    first = last = _port(text, (0, end), "--local-port")
    if dash >= 0:
        last = _port(text, (dash + 1, len(text)), "--local-port")
    if last < first:
        raise _wrong(text, (0, len(text)), "--local-port: the range ends before it begins")
    return first, last


def parse_local_address(text: str) -> str:
    """Read the address of ``--local-address``. Raises UsageError."""
    return _address(text, (0, len(text)), "--local-address")


def is_ip_address(text: str) -> bool:
    """Tell whether it is an IP address, an IPv6 one without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _address(text: str, span: tuple[int, int], option: str) -> str:
    start, end = span
    typed = text[start:end]
    if typed.startswith("[") and typed.endswith("]"):
        typed = typed[1:-1]
    if not is_ip_address(typed):
        raise _wrong(text, span, f"{option}: {typed!r} is not an IP address")
    return typed.lower() if "%" not in typed else typed


def _host(text: str, span: tuple[int, int], option: str) -> str:
    try:
        return normalize_host(text[slice(*span)])
    except HostError as error:
        raise _wrong(
            text, (span[0] + error.start, span[0] + error.end), f"{option}: {error}"
        ) from None


def _port(text: str, span: tuple[int, int], option: str) -> int:
    typed = text[slice(*span)]
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6 and 0 < int(typed) < 65536):
        raise _wrong(text, span, f"{option}: the port {typed!r} is not between 1 and 65535")
    return int(typed)


def _wrong(text: str, span: tuple[int, int], message: str, hint: str = "") -> UsageError:
    return UsageError(message, hint=hint, fault=Fault(text, *span))


def _not(text: str, option: str, form: str, example: str) -> UsageError:
    return _wrong(text, (0, len(text)), f"{option}: not {form}", f"{option} {example}")
