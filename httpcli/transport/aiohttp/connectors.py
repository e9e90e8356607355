"""Makes what a way needs that is not plain TCP from anywhere to an address of the system's."""

from __future__ import annotations

import socket
from typing import Any

from httpcli.core.entry_points import load
from httpcli.core.optional_dependencies import load_extra
from httpcli.core.plan import Proxy, Wire
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.hop import Connector

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def name_servers(wire: Wire) -> Any:
    """Return what asks the name servers of ``--dns-server``. Raises UsageError without aiodns."""
    row = "httpcli.transport.dial.dns_servers:NameServers"
    return load_extra(row, "aiodns", "dns", "--dns-server")(wire.name_servers)


def connector_for(wire: Wire, resolver: Resolver, way: str, proxy: Proxy | None) -> Connector:
    """Return the connector for ``way``: the URL of a ``proxy``, a Unix socket, or empty.

    Raises HttpcliError where something is not installed.
    """
    if way and proxy is None:
        unix: Connector = load("httpcli.transport.aiohttp.unix:UnixSocket")(way, **_limits(wire))
        return unix
    family = _FAMILIES[wire.family]
    factory = None
    if wire.source is not None:
        factory = load("httpcli.transport.dial.local_address:socket_factory")(wire.source)
    if proxy is None or not way:
        return Connector(resolver=resolver, family=family, socket_factory=factory, **_limits(wire))
    if proxy.speaks_http:
        tunnel: Connector = load("httpcli.transport.aiohttp.tunnel:Tunnel")(
            wire, proxy, resolver, family=family, socket_factory=factory, **_limits(wire)
        )
        return tunnel
    make = load_extra(
        "httpcli.transport.aiohttp.socks:SocksProxy", "python_socks", "socks", f"the proxy {way}"
    )
    socks: Connector = make(
        proxy, resolver, family=family, socket_factory=factory, **_limits(wire)
    )
    return socks


def _limits(wire: Wire) -> dict[str, Any]:
    """Return how a connector keeps connections, in its own words."""
    if wire.pool is None:
        return {}
    limits: dict[str, Any] = {"limit": wire.pool.most, "limit_per_host": wire.pool.most_at_one}
    if wire.pool.idle is not None:
        limits["keepalive_timeout"] = wire.pool.idle
        limits["force_close"] = wire.pool.idle == 0
    if limits.get("force_close"):
        del limits["keepalive_timeout"]
    return limits
