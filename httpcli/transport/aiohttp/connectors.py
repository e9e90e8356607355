"""Makes what a way needs that is not plain TCP from anywhere to an address of the system's."""

from __future__ import annotations

import socket
from typing import Any

from httpcli.core.entry_points import needs_extra
from httpcli.core.plan import Proxy, Wire
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.hop import Connector

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def name_servers(wire: Wire) -> Any:
    """Return what asks the name servers of ``--dns-server``. Raises UsageError without aiodns."""
    with needs_extra("aiodns", "dns", "--dns-server"):
        from httpcli.transport.dial.dns_servers import NameServers
    return NameServers(wire.name_servers)


def connector_for(wire: Wire, resolver: Resolver, way: str, proxy: Proxy | None) -> Connector:
    """Return the connector for ``way``: the URL of a ``proxy``, a Unix socket, or empty.

    Raises HttpcliError where something is not installed.
    """
    if way and proxy is None:
        from httpcli.transport.aiohttp.unix import UnixSocket

        return UnixSocket(way, **_limits(wire))
    family = _FAMILIES[wire.family]
    factory = None
    if wire.source is not None:
        from httpcli.transport.dial.local_address import socket_factory

        factory = socket_factory(wire.source)
    if proxy is None or not way:
        return Connector(resolver=resolver, family=family, socket_factory=factory, **_limits(wire))
    if proxy.speaks_http:
        from httpcli.transport.aiohttp.tunnel import Tunnel

        return Tunnel(
            wire, proxy, resolver, family=family, socket_factory=factory, **_limits(wire)
        )
    with needs_extra("python_socks", "socks", f"the proxy {way}"):
        from httpcli.transport.aiohttp.socks import SocksProxy
    return SocksProxy(proxy, resolver, family=family, socket_factory=factory, **_limits(wire))


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
