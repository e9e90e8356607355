"""Connectors for Unix sockets, proxies, local addresses and connection limits.

Imported only if the options require one. ``transport.dial`` makes their connections, and
aiohttp begins TLS over them if the URL is https.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorSSLError,
    ClientRequest,
    ClientTimeout,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from httpcli.core.lazy_load import needs_extra
from httpcli.core.plan import Network, Proxy
from httpcli.transport.aiohttp.session import HANDSHAKE_LIMIT, AiohttpResolver, Connector
from httpcli.transport.dial.dns import Resolver

if TYPE_CHECKING:
    from httpcli.transport.dial.dns_servers import NameServers

Dial = Callable[[str, int], Awaitable[socket.socket]]
"""Return a connected, non-blocking socket whose other end is the origin. Raises HttpcliError."""

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def name_servers(network: Network) -> NameServers:
    """Return the resolver for ``--dns-server``. Raises UsageError without aiodns."""
    with needs_extra("aiodns", "dns", "--dns-server"):
        from httpcli.transport.dial.dns_servers import NameServers
    return NameServers(network.dns_servers)


def connector_for(
    network: Network, resolver: Resolver, destination: str, proxy: Proxy | None
) -> Connector:
    """Return the connector for ``destination``.

    ``destination`` is the URL of ``proxy``, the path of a Unix socket, or empty. Raises
    HttpcliError if a library is not installed.
    """
    limits = _limits(network)
    if destination and proxy is None:
        from httpcli.transport.dial.unix import connect_unix

        async def connect(_host: str, _port: int) -> socket.socket:
            return await connect_unix(destination)

        return DialledConnector(connect, **limits)
    family = _FAMILIES[network.ip_version]
    make_socket = None
    if network.local_address is not None:
        from httpcli.transport.dial.tcp import bound_socket_factory

        make_socket = bound_socket_factory(network.local_address)
    if proxy is None or not destination:
        return Connector(
            resolver=AiohttpResolver(resolver), family=family, socket_factory=make_socket, **limits
        )
    options: dict[str, Any] = {
        "proxy": proxy,
        "resolver": resolver,
        "family": family,
        "make_socket": make_socket,
    }
    if proxy.is_http:
        from httpcli.transport.dial.tunnel import connect_by_tunnel

        return DialledConnector(partial(connect_by_tunnel, network=network, **options), **limits)
    with needs_extra("python_socks", "socks", f"the proxy {destination}"):
        from httpcli.transport.dial.socks import connect_by_socks
    return DialledConnector(partial(connect_by_socks, **options), **limits)


def _limits(network: Network) -> dict[str, Any]:
    """Return the limits of the pool as arguments of aiohttp's connector."""
    pool = network.pool_limits
    if pool is None:
        return {}
    limits: dict[str, Any] = {"limit": pool.max_connections, "limit_per_host": pool.max_per_host}
    if pool.idle_timeout == 0:
        limits["force_close"] = True
    elif pool.idle_timeout is not None:
        limits["keepalive_timeout"] = pool.idle_timeout
    return limits


class DialledConnector(Connector):
    """A connector that makes its connections with ``dial``.

    aiohttp has no public interface for that, and with its Unix connector it would send
    plain text to an https URL.
    """

    def __init__(self, dial: Dial, **limits: Any) -> None:
        super().__init__(**limits)
        self._dial = dial

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],  # noqa: ARG002 - aiohttp's signature
        timeout: ClientTimeout,  # noqa: ARG002, ASYNC109 - the caller applies it
    ) -> ResponseHandler:
        host, port = req.url.raw_host or "", req.port or 0
        context = self._get_ssl_context(req)
        stream = await self._dial(host, port)
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(
                self._factory,
                sock=stream,
                ssl=context,
                server_hostname=None if context is None else req.server_hostname or host,
                ssl_handshake_timeout=None if context is None else HANDSHAKE_LIMIT,
            )
        except ssl.CertificateError as error:
            raise ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise ClientConnectorSSLError(req.connection_key, error) from error
        return protocol
