"""A tunnel through an HTTP proxy for what is not TLS inside: a ``ws://`` WebSocket.

A WebSocket is always tunnelled (RFC 6455, 4.1); aiohttp does that for TLS alone,
and would hand the upgrade to the proxy, which takes it for its own.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from httpcli.core.errors import UsageError
from httpcli.core.plan import Network, Proxy
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_fields
from httpcli.transport.aiohttp.custom_connector import DiallingConnector
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.hop import now_waiting_for
from httpcli.transport.dial.proxy import stream_to
from httpcli.transport.proxy_errors import tunnel_refused, unreachable

_LONGEST_HEAD = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ ]?([^\r\n]*)")
_END = re.compile(rb"\r?\n\r?\n")


class Tunnel(DiallingConnector):
    """Connects through one proxy, which must be spoken to without TLS."""

    def __init__(self, network: Network, proxy: Proxy, resolver: Resolver, **options: Any) -> None:
        super().__init__(resolver=resolver, **options)
        at = urlsplit(proxy.url)
        if at.scheme != "http":
            raise UsageError(
                f"ws:// cannot go through the proxy {proxy.url}",
                hint="wss:// can, and ws:// through an http proxy; --noproxy goes around it",
            )
        self._wire = network
        self._proxy = proxy
        self._at = at.hostname or "", at.port or 80
        self._names = resolver
        self._sockets = options.get("socket_factory")

    async def dial(self, host: str, port: int) -> socket.socket:
        stream = await stream_to(self._proxy, self._at, self._names, self.family, self._sockets)
        try:
            await self._ask(stream, host, port)
        except BaseException:
            stream.close()
            raise
        return stream

    async def _ask(self, stream: socket.socket, host: str, port: int) -> None:
        """Have the proxy connect (RFC 9110, 9.3.6)."""
        now_waiting_for(f"the proxy {self._proxy.url} did not open a tunnel")
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        fields = [("Host", authority)]
        fields += [(each.name, each.value) for each in proxy_fields(self._proxy, self._wire)]
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        head = f"CONNECT {authority} HTTP/1.1\r\n{lines}\r\n"
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(stream, head.encode("utf-8", "surrogateescape"))
            answer = await self._head(stream)
        except OSError as error:
            raise unreachable(self._proxy, "it broke the connection off") from error
        status = _STATUS.match(answer)
        if status is None:
            raise unreachable(self._proxy, "its answer is not HTTP")
        if not status[1].startswith(b"2"):
            reason = status[2].decode("latin-1").strip()
            raise tunnel_refused(self._proxy, Url("http", host, port), int(status[1]), reason)

    async def _head(self, stream: socket.socket) -> bytes:
        """Read the proxy's answer; not a byte more, since a server waits for our request."""
        loop = asyncio.get_running_loop()
        head = b""
        while _END.search(head) is None:
            piece = await loop.sock_recv(stream, 4096)
            if not piece or len(head) > _LONGEST_HEAD:
                raise ConnectionResetError
            head += piece
        return head
