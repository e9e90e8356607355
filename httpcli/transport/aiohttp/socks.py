"""Reaches an origin through a SOCKS proxy (RFC 1928, RFC 1929, and the older SOCKS4 and 4a).

python-socks speaks the protocol. The way to the proxy is ours, so it obeys the
same options as any other, and so does the name that TLS checks.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy as Handshake

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import is_ip_address
from httpcli.transport.aiohttp.custom_connector import DiallingConnector
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.errors import reason_of
from httpcli.transport.dial.proxy import stream_to
from httpcli.transport.proxy_errors import socks_failed

_NEVER = 10.0**9
"""Seconds: python-socks has a limit of its own where none is said; ours is around it."""
_TYPES = {
    "socks4": ProxyType.SOCKS4,
    "socks4a": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
    "socks5h": ProxyType.SOCKS5,
}
_RESOLVING = ("socks4a", "socks5h")
"""Kinds of proxy that are told the name of the origin and find its address."""


class SocksProxy(DiallingConnector):
    """Connects through one proxy.

    ``resolver`` finds its address and, for some kinds, the origin's.
    """

    def __init__(self, proxy: Proxy, resolver: Resolver, **options: Any) -> None:
        super().__init__(resolver=resolver, **options)
        self._proxy = proxy
        self._names = resolver
        self._sockets = options.get("socket_factory")
        at = urlsplit(proxy.url)
        self._kind = at.scheme
        self._handshake = Handshake(
            _TYPES[at.scheme],
            at.hostname or "",
            at.port or 0,
            proxy.user or None,
            proxy.password or None,
            rdns=at.scheme in _RESOLVING,
            # It only asks for connect.
            forward=_WayThere(self),  # type: ignore[arg-type]
        )

    async def dial(self, host: str, port: int) -> socket.socket:
        address = await self._address(host, port)
        try:
            return await self._handshake.connect(address, port, timeout=_NEVER)
        except ProxyError as error:
            shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            raise socks_failed(self._proxy, shown, str(error)) from error

    async def _address(self, host: str, port: int) -> str:
        """Return what the proxy is told: the name, or the address where it wants one."""
        if self._kind in _RESOLVING or is_ip_address(host):
            return host
        family = socket.AF_INET if self._kind == "socks4" else self.family
        try:
            found = await self._names.resolve(host, port, socket.AddressFamily(family))
        except OSError as error:
            raise HttpcliError(
                f"{host}: the host name was not resolved: {reason_of(error)}",
                hint=f"{_RESOLVING[self._kind == 'socks5']}:// lets the proxy do that",
                status=ExitStatus.NAME_NOT_RESOLVED,
            ) from error
        return found[0]["host"]

    async def to_proxy(self, host: str, port: int) -> socket.socket:
        """Connect to the proxy itself."""
        return await stream_to(self._proxy, (host, port), self._names, self.family, self._sockets)


class _WayThere:
    """What python-socks takes for a proxy before this one: it makes the connection to it."""

    def __init__(self, connector: SocksProxy) -> None:
        self._connector = connector

    async def connect(self, dest_host: str, dest_port: int, **_: object) -> socket.socket:
        return await self._connector.to_proxy(dest_host, dest_port)
