"""Connections through a SOCKS proxy (RFC 1928, RFC 1929, and the older SOCKS4 and 4a).

python-socks implements the protocol. ``connect_to_proxy`` connects to the proxy, so that
the options for connections apply to it.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy as SocksHandshake

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import host_is_ip
from httpcli.transport.dial.dns import Resolver, numeric_host
from httpcli.transport.dial.tcp import SocketFactory, socket_error_reason
from httpcli.transport.dial.tunnel import connect_to_proxy
from httpcli.transport.proxy_errors import socks_failed

_NO_TIMEOUT = 10.0**9
"""Seconds; effectively none: the caller has a timeout, and python-socks a default one."""
_TYPES = {
    "socks4": ProxyType.SOCKS4,
    "socks4a": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
    "socks5h": ProxyType.SOCKS5,
}
_RESOLVING_SCHEMES = {"socks4": "socks4a", "socks5": "socks5h"}
"""By scheme, the one with which the proxy gets the origin's name and resolves it."""


async def connect_by_socks(
    host: str,
    port: int,
    *,
    proxy: Proxy,
    resolver: Resolver,
    family: socket.AddressFamily,
    make_socket: SocketFactory | None,
) -> socket.socket:
    """Return a socket whose other end is ``host``, through ``proxy``. Raises HttpcliError."""
    proxy_url = urlsplit(proxy.url)
    proxy_resolves = proxy_url.scheme in _RESOLVING_SCHEMES.values()

    async def connect(proxy_host: str, proxy_port: int) -> socket.socket:
        return await connect_to_proxy(
            proxy,
            proxy_host,
            proxy_port,
            resolver=resolver,
            family=family,
            make_socket=make_socket,
        )

    handshake = SocksHandshake(
        _TYPES[proxy_url.scheme],
        proxy_url.hostname or "",
        proxy_url.port or 0,
        proxy.user or None,
        proxy.password or None,
        rdns=proxy_resolves,
        # Only its connect method is called.
        forward=_ConnectionToProxy(connect),  # type: ignore[arg-type]
    )
    destination = host
    if not proxy_resolves and not host_is_ip(host):
        wanted = socket.AF_INET if proxy_url.scheme == "socks4" else family
        destination = await _resolve(host, port, proxy_url.scheme, resolver, wanted)
    try:
        return await handshake.connect(destination, port, timeout=_NO_TIMEOUT)
    except (ProxyError, UnicodeDecodeError) as error:
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        # python-socks decodes a name in the reply, although nothing needs it.
        reason = str(error) if isinstance(error, ProxyError) else "malformed connect reply"
        needs_credentials = isinstance(error, ProxyError) and is_login_failure(error)
        raise socks_failed(
            proxy, authority, reason, needs_credentials=needs_credentials
        ) from error


def is_login_failure(error: ProxyError) -> bool:
    """Return whether the proxy rejected the login.

    python-socks has an error code for a refused connection only, and for the login
    neither a class nor a code: all its messages about it contain "auth".
    """
    return error.error_code is None and "auth" in str(error).lower()


async def _resolve(
    host: str, port: int, scheme: str, resolver: Resolver, family: socket.AddressFamily
) -> str:
    """Return the address of the origin, for a proxy that does not resolve names."""
    try:
        addresses = await resolver.resolve(host, port, family)
    except OSError as error:
        raise HttpcliError(
            f"{host}: host name not found: {socket_error_reason(error)}",
            hint=f"to let the proxy look it up: {_RESOLVING_SCHEMES[scheme]}://",
            status=ExitStatus.NAME_NOT_RESOLVED,
        ) from error
    return numeric_host(addresses[0])


class _ConnectionToProxy:
    """Connects to the proxy; passed to python-socks as the previous proxy of a chain."""

    def __init__(self, connect: Callable[[str, int], Awaitable[socket.socket]]) -> None:
        self._connect = connect

    async def connect(self, dest_host: str, dest_port: int, **_: Any) -> socket.socket:
        return await self._connect(dest_host, dest_port)
