"""Makes what a way needs that is not plain TCP from anywhere to an address of the system's."""

from __future__ import annotations

import socket
from typing import Any

from httpcli.core.entry_points import needs_extra
from httpcli.core.plan import Network, Proxy
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.hop import Connector

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def name_servers(network: Network) -> Any:
    """Return what asks the name servers of ``--dns-server``. Raises UsageError without aiodns."""
    with needs_extra("aiodns", "dns", "--dns-server"):
        from httpcli.transport.dial.dns_servers import NameServers
    return NameServers(network.dns_servers)


def connector_for(
    network: Network, resolver: Resolver, way: str, proxy: Proxy | None
) -> Connector:
    """Return the connector for ``way``: the URL of a ``proxy``, a Unix socket, or empty.

    Raises HttpcliError where something is not installed.
    """
    if way and proxy is None:
        from httpcli.transport.aiohttp.unix import UnixSocket

        return UnixSocket(way, **_limits(network))
    family = _FAMILIES[network.ip_version]
    factory = None
    if network.local_address is not None:
        from httpcli.transport.dial.local_address import socket_factory

        factory = socket_factory(network.local_address)
    if proxy is None or not way:
        return Connector(
            resolver=resolver, family=family, socket_factory=factory, **_limits(network)
        )
    if proxy.is_http:
        from httpcli.transport.aiohttp.tunnel import Tunnel

        return Tunnel(
            network, proxy, resolver, family=family, socket_factory=factory, **_limits(network)
        )
    with needs_extra("python_socks", "socks", f"the proxy {way}"):
        from httpcli.transport.aiohttp.socks import SocksProxy
    return SocksProxy(proxy, resolver, family=family, socket_factory=factory, **_limits(network))


def _limits(network: Network) -> dict[str, Any]:
    """Return how a connector keeps connections, in its own words."""
    if network.pool_limits is None:
        return {}
    limits: dict[str, Any] = {
        "limit": network.pool_limits.max_connections,
        "limit_per_host": network.pool_limits.max_per_host,
    }
    if network.pool_limits.idle_timeout is not None:
        limits["keepalive_timeout"] = network.pool_limits.idle_timeout
        limits["force_close"] = network.pool_limits.idle_timeout == 0
    if limits.get("force_close"):
        del limits["keepalive_timeout"]
    return limits
