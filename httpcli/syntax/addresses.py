"""The syntax of addresses, hosts and ports in options such as ``--resolve`` and ``--connect-to``.

In ``HOST:PORT``, an IPv6 address is in brackets, as in a URL. Every error points
to the wrong part of the text.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from httpcli.core.errors import Fault, HostError, UsageError
from httpcli.core.plan_options import ConnectTo
from httpcli.core.url import canonical_host, normalize_host

_HOST = r"\[[^\]]*\]|[^:\[\]]*"
_RESOLVE = rf"\+?({_HOST}):([^:]*):(.*)"
_CONNECT_TO = rf"({_HOST}):([^:]*):({_HOST})(?::([^:]*))?"
_DNS_SERVER = r"\[([^\]]*)\](?::(.*))?|([^:]*)(?::([^:]*))?"

HostAddresses = dict[tuple[str, int], tuple[str, ...]]
"""IP addresses by host (``*`` for any host) and port."""


def parse_resolve(text: str) -> HostAddresses:
    """Parse ``HOST:PORT:ADDRESS[,ADDRESS]...`` of ``--resolve``. Raises UsageError."""
    match = re.fullmatch(_RESOLVE, text)
    if match is None:
        form = "HOST:PORT:ADDRESS[,ADDRESS]..."
        raise _syntax_error(text, "--resolve", form, "example.org:443:127.0.0.1")
    host = match[1] if match[1] == "*" else _host(text, match.span(1), "--resolve")
    if is_ip_address(host):
        raise _error(
            text, match.span(1), "--resolve: HOST is already an IP address", "use --connect-to"
        )
    port = _port(text, match.span(2), "--resolve")
    addresses: list[str] = []
    start = match.start(3)
    for address in match[3].split(","):
        addresses.append(_address(text, (start, start + len(address)), "--resolve"))
        start += len(address) + 1
    return {(canonical_host(host), port): tuple(addresses)}


def parse_connect_to(text: str) -> ConnectTo:
    """Parse ``HOST1:PORT1:HOST2:PORT2`` of ``--connect-to``; any part may be empty.

    Raises UsageError.
    """
    match = re.fullmatch(_CONNECT_TO, text)
    if match is None:
        example = "example.org:443:staging.example.org:8443"
        raise _syntax_error(text, "--connect-to", "HOST1:PORT1:HOST2:PORT2", example)

    def host(group: int) -> str:
        return _host(text, match.span(group), "--connect-to") if match[group] else ""

    def port(group: int) -> int | None:
        return _port(text, match.span(group), "--connect-to") if match[group] else None

    from_host, to_host = host(1), host(3)
    return ConnectTo(from_host, port(2), to_host, port(4))


def parse_dns_servers(text: str) -> tuple[str, ...]:
    """Parse ``ADDRESS[:PORT][,ADDRESS[:PORT]]...`` of ``--dns-server``. Raises UsageError.

    Returns each server as ``ADDRESS:PORT``, an IPv6 address in brackets.
    """
    servers: list[str] = []
    start = 0
    for server in text.split(","):
        servers.append(_dns_server(text, start, start + len(server)))
        start += len(server) + 1
    return tuple(servers)


def _dns_server(text: str, start: int, end: int) -> str:
    server = text[start:end]
    if is_ip_address(server):
        return f"[{server}]:53" if ":" in server else f"{server}:53"
    match = re.compile(_DNS_SERVER).fullmatch(text, start, end)
    if match is None:
        return _address(text, (start, end), "--dns-server")
    group = 1 if match[1] is not None else 3
    address = _address(text, match.span(group), "--dns-server")
    port = 53
    if match[group + 1] is not None:
        port = _port(text, match.span(group + 1), "--dns-server")
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_port_range(text: str) -> tuple[int, int]:
    """Parse ``N[-M]`` of ``--local-port``; return the first and the last port.

    Raises UsageError.
    """
    dash = text.find("-")
    end = dash if dash >= 0 else len(text)
    first = last = _port(text, (0, end), "--local-port")
    if dash >= 0:
        last = _port(text, (dash + 1, len(text)), "--local-port")
    if last < first:
        raise _error(text, (0, len(text)), "--local-port: the range is empty: N is greater than M")
    return first, last


def parse_local_address(text: str) -> str:
    """Parse the address of ``--local-address``. Raises UsageError."""
    return _address(text, (0, len(text)), "--local-address")


def is_ip_address(text: str) -> bool:
    """Return whether the text is an IP address; IPv6 without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _address(text: str, span: tuple[int, int], option: str) -> str:
    address = text[slice(*span)]
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    if not is_ip_address(address):
        raise _error(text, span, f"{option}: {address!r} is not an IP address")
    # The zone after % is the name of an interface, which is case-sensitive.
    return address.lower() if "%" not in address else address


def _host(text: str, span: tuple[int, int], option: str) -> str:
    try:
        return normalize_host(text[slice(*span)])
    except HostError as error:
        raise _error(
            text, (span[0] + error.start, span[0] + error.end), f"{option}: {error}"
        ) from None


def _port(text: str, span: tuple[int, int], option: str) -> int:
    port = text[slice(*span)]
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise _error(text, span, f"{option}: the port {port!r} is not between 1 and 65535")
    return int(port)


def _error(text: str, span: tuple[int, int], message: str, hint: str = "") -> UsageError:
    return UsageError(message, hint=hint, fault=Fault(text, *span))


def _syntax_error(text: str, option: str, form: str, example: str) -> UsageError:
    return _error(text, (0, len(text)), f"{option}: expected {form}", f"{option} {example}")
