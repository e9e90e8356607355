"""``--proxy-header``: fields that are for the proxy; pure but for ``Files``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.connection_options import LocalAddress
from httpcli.core.errors import UsageError
from httpcli.core.headers import Fields
from httpcli.core.plan import Network, Proxy
from httpcli.core.url import Origin
from httpcli.planning.request_items import fields_of
from httpcli.protocol.proxies import parse_no_proxy
from httpcli.syntax.addresses import (
    HostAddresses,
    is_ip_address,
    parse_connect_to,
    parse_dns_servers,
    parse_local_address,
    parse_port_range,
    parse_resolve,
)
from httpcli.syntax.file_values import resolve_reference
from httpcli.syntax.items import parse_option_item
from httpcli.syntax.urls import RequestTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.core.interfaces import Files


_OURS = ("host", "content-length", "transfer-encoding", "connection")
"""What says whom we ask and where a message ends is not for the user to say twice."""


def proxy_fields(typed: tuple[str, ...], files: Files) -> Fields:
    """Return the fields in the order typed. Raises UsageError."""
    try:
        items = tuple(parse_option_item("header", text) for text in typed)
    except UsageError as error:
        message = error.message.replace("--header", "--proxy-header")
        raise UsageError(message, hint="--proxy-header 'Name: value'", fault=error.fault) from None
    fields, unset = fields_of(items, files)
    for name in (*unset, *(field.name for field in fields)):
        if name in unset or name.lower() in _OURS:
            raise UsageError(
                f"--proxy-header: {name} cannot be "
                + ("taken away" if name in unset else "sent to a proxy so"),
                hint="--proxy-header 'Name: value'",
            )
    return fields


# By which way the origin is reached, where somebody asked for one: the rest of Wire; pure.


_LONGEST_SOCKET = 107
"""Bytes that the system has for the path of a Unix socket, without the NUL at its end."""


def routed(
    network: Network, options: TypedOptions, target: RequestTarget, files: Files
) -> Network:
    """Return the wire with all that was typed about the way to anybody but ``echo:``.

    Raises UsageError.
    """
    no_proxy = options.text("noproxy")
    source = _source(options)
    family = _family(options, source)
    _check_family(target, family)
    answers: HostAddresses = {}
    for typed in options.texts("resolve"):
        answers.update(parse_resolve(typed))
    sockets = _sockets(options.text("unix-socket"), target, files)
    if target.echo:
        return network  # echo: is reached by a way of its own
    return network._replace(
        no_proxy=network.no_proxy if no_proxy is None else _around(no_proxy),
        proxies=_known(network.proxies, options.text("proxy-auth"), files),
        proxy_fields=proxy_fields(options.texts("proxy-header"), files),
        unix_sockets=sockets,
        connect_to=tuple(parse_connect_to(typed) for typed in options.texts("connect-to")),
        host_addresses=answers,
        dns_servers=tuple(
            server for typed in options.texts("dns-server") for server in parse_dns_servers(typed)
        ),
        ip_version=family,
        local_address=source,
    )


def _around(typed: str) -> tuple[str, ...]:
    """Return who is reached without a proxy. Raises UsageError for a network that is none."""
    entries = parse_no_proxy(typed)
    for entry in entries:
        if "/" in entry:
            try:
                from ipaddress import ip_network

                ip_network(entry, strict=False)
            except ValueError:
                raise UsageError(
                    f"--noproxy: {entry!r} is not a network", hint="10.0.0.0/8, fd00::/8"
                ) from None
    return entries


def _known(proxies: Mapping[str, Proxy], typed: str | None, files: Files) -> Mapping[str, Proxy]:
    """Return the proxies with who we are to them."""
    if typed is None:
        return proxies
    whole = resolve_reference(typed, files)
    user, colon, password = (typed if whole is None else whole).partition(":")
    if not user:
        raise UsageError("--proxy-auth names no user", hint="--proxy-auth USER:PASSWORD")
    secret = resolve_reference(password, files)
    said = (password if secret is None else secret) if colon else None
    return {scheme: proxy._replace(user=user, password=said) for scheme, proxy in proxies.items()}


def _sockets(typed: str | None, target: RequestTarget, files: Files) -> Mapping[Origin, str]:
    """Return the Unix socket of the target's origin, if there is one."""
    if typed == "":
        raise UsageError("--unix-socket names no socket", hint="--unix-socket PATH, or @NAME")
    if typed and target.unix_socket:
        raise UsageError("two sockets: --unix-socket and the URL's", hint="give one of them")
    if typed and target.echo:
        raise UsageError("--unix-socket: echo: is this program, not a socket")
    socket = typed or target.unix_socket
    if not socket:
        return {}
    path = socket if socket.startswith("@") else files.path(socket)
    if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_SOCKET:
        raise UsageError(
            f"{socket}: the path of a Unix socket has at most {_LONGEST_SOCKET} bytes",
            hint="go to its directory, or use a shorter link",
        )
    return {target.url.origin: path}


def _source(options: TypedOptions) -> LocalAddress | None:
    interface = options.text("interface") or ""
    address = options.text("local-address")
    ports = options.text("local-port")
    if options.text("interface") == "":
        raise UsageError("--interface is empty", hint="--interface eth0, or a local address")
    if is_ip_address(interface):
        if address is not None and address != interface:
            raise UsageError("two local addresses: --interface and --local-address")
        interface, address = "", interface
    if not interface and address is None and ports is None:
        return None
    return LocalAddress(
        interface,
        "" if address is None else parse_local_address(address),
        (0, 0) if ports is None else parse_port_range(ports),
    )


def _family(options: TypedOptions, source: LocalAddress | None) -> int:
    """Return the kind of addresses that is asked for, or that can be reached from the source."""
    inputs = 4 if options.switch("ipv4") else 6 if options.switch("ipv6") else 0
    if source is None or not source.address:
        return inputs
    own = _kind(source.address)
    if inputs and inputs != own:
        raise UsageError(f"--ipv{inputs}: the local address {source.address} is of the other kind")
    return own


def _check_family(target: RequestTarget, family: int) -> None:
    host = target.url.host
    if family and is_ip_address(host) and _kind(host) != family:
        raise UsageError(
            f"{host} is not an IPv{family} address",
            hint=f"--ipv{family} or the local address asks for those only",
        )


def _kind(address: str) -> int:
    return 6 if ":" in address else 4
