"""Connections to a proxy, and CONNECT tunnels through an HTTP proxy (RFC 9110, 9.3.6).

A WebSocket is always tunnelled (RFC 6455, 4.1). aiohttp opens a tunnel for TLS
only, and would send a plain WebSocket's upgrade to the proxy itself.
"""

from __future__ import annotations

import asyncio
import re
import socket
from urllib.parse import urlsplit

from httpcli.core.errors import UsageError
from httpcli.core.limits import MAX_HEADER_SIZE
from httpcli.core.plan import Network, Proxy
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_fields
from httpcli.transport.current_attempt import set_timeout_reason
from httpcli.transport.dial.dns import Resolver
from httpcli.transport.dial.tcp import SocketFactory, connect_tcp, socket_error_reason
from httpcli.transport.proxy_errors import response_over_limit, tunnel_refused, unreachable

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ ]?([^\r\n]*)")
_END = re.compile(rb"\r?\n\r?\n")


async def connect_to_proxy(
    proxy: Proxy,
    host: str,
    port: int,
    *,
    resolver: Resolver,
    family: socket.AddressFamily,
    make_socket: SocketFactory | None,
) -> socket.socket:
    """Return a socket that is connected to the proxy at ``host``. Raises HttpcliError."""
    set_timeout_reason(f"no connection to the proxy {proxy.url}")
    try:
        addresses = await resolver.resolve(host, port, family)
        stream = await connect_tcp(addresses, make_socket)
    except OSError as error:
        raise unreachable(proxy, socket_error_reason(error)) from error
    set_timeout_reason(f"the proxy {proxy.url} did not connect", is_opening_tunnel=True)
    return stream


async def connect_by_tunnel(
    host: str,
    port: int,
    *,
    network: Network,
    proxy: Proxy,
    resolver: Resolver,
    family: socket.AddressFamily,
    make_socket: SocketFactory | None,
) -> socket.socket:
    """Return a socket whose other end is ``host``, through an ``http`` proxy.

    Raises HttpcliError; UsageError for an ``https`` proxy.
    """
    proxy_url = urlsplit(proxy.url)
    if proxy_url.scheme != "http":
        raise UsageError(
            f"ws:// cannot go through the proxy {proxy.url}",
            hint="wss:// can, and ws:// through an http proxy; --noproxy goes around it",
        )
    stream = await connect_to_proxy(
        proxy,
        proxy_url.hostname or "",
        proxy_url.port or 80,
        resolver=resolver,
        family=family,
        make_socket=make_socket,
    )
    try:
        await _open_tunnel(stream, host, port, proxy, network)
    except BaseException:
        stream.close()
        raise
    return stream


async def _open_tunnel(
    stream: socket.socket, host: str, port: int, proxy: Proxy, network: Network
) -> None:
    set_timeout_reason(f"the proxy {proxy.url} did not open a tunnel", is_opening_tunnel=True)
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    headers = [("Host", authority)]
    headers += [(field.name, field.value) for field in proxy_fields(proxy, network)]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"CONNECT {authority} HTTP/1.1\r\n{lines}\r\n"
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_sendall(stream, head.encode("utf-8", "surrogateescape"))
        response = await _read_head(stream, proxy, network.max_header_size or MAX_HEADER_SIZE)
    except OSError as error:
        raise unreachable(proxy, "it broke the connection off") from error
    status = _STATUS.match(response)
    if status is None:
        raise unreachable(proxy, "its answer is not HTTP")
    if not status[1].startswith(b"2"):
        reason = status[2].decode("latin-1").strip()
        raise tunnel_refused(proxy, Url("http", host, port), int(status[1]), reason)


async def _read_head(stream: socket.socket, proxy: Proxy, max_size: int) -> bytes:
    """Read the proxy's response head. Nothing follows it: the server waits for our request.

    Raises HttpcliError for a head of more than ``max_size`` bytes.
    """
    loop = asyncio.get_running_loop()
    head = bytearray()
    searched = 0
    while _END.search(head, searched) is None:
        # The end may begin in the last bytes.
        searched = max(len(head) - 3, 0)
        if len(head) == max_size:
            raise response_over_limit(
                proxy,
                f"headers of more than {max_size} bytes",
                "--max-header-size sets the limit",
            )
        piece = await loop.sock_recv(stream, min(4096, max_size - len(head)))
        if not piece:
            raise ConnectionResetError
        head += piece
    return bytes(head)
