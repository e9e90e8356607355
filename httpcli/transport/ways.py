"""Makes what a way needs that is not plain TCP from anywhere to an address of the system's."""

from __future__ import annotations

import socket
from typing import Any

from httpcli.model.extras import load_extra
from httpcli.model.plan import Proxy, Wire
from httpcli.model.registry import load
from httpcli.transport.hop import Connector
from httpcli.transport.resolve import Resolver

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def name_servers(wire: Wire) -> Any:
    """Return what asks the name servers of ``--dns-server``. Raises UsageError without aiodns."""
    row = "httpcli.transport.name_servers:NameServers"
    return load_extra(row, "aiodns", "dns", "--dns-server")(wire.name_servers)


def connector_for(wire: Wire, resolver: Resolver, way: str, proxy: Proxy | None) -> Connector:
    """Return the connector for ``way``: the URL of a ``proxy``, a Unix socket, or empty.

    Raises HttpcliError where something is not installed.
    """
    if way and proxy is None:
        unix: Connector = load("httpcli.transport.unix:UnixSocket")(way)
        return unix
    family = _FAMILIES[wire.family]
    factory = None
    if wire.source is not None:
        factory = load("httpcli.transport.source:socket_factory")(wire.source)
    if proxy is None or not way:
        return Connector(resolver=resolver, family=family, socket_factory=factory)
    if proxy.speaks_http:
        tunnel: Connector = load("httpcli.transport.tunnel:Tunnel")(
            wire, proxy, resolver, family=family, socket_factory=factory
        )
        return tunnel
    make = load_extra(
        "httpcli.transport.socks:SocksProxy", "python_socks", "socks", f"the proxy {way}"
    )
    socks: Connector = make(proxy, resolver, family=family, socket_factory=factory)
    return socks
