"""Connections to a proxy, and CONNECT tunnels through an HTTP proxy (RFC 9110, 9.3.6).

A WebSocket is always tunnelled (RFC 6455, 4.1). aiohttp opens a tunnel for TLS
only, and would send a plain WebSocket's upgrade to the proxy itself.
"""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

from httpcli.core.errors import UsageError
from httpcli.core.limits import MAX_HEADER_SIZE
from httpcli.core.plan import Network, Proxy
from httpcli.core.url import Url
from httpcli.protocol.http1_head import Head, Http1Error
from httpcli.protocol.http1_reader import ResponseReader
from httpcli.protocol.proxies import proxy_fields
from httpcli.transport.current_attempt import set_timeout_reason
from httpcli.transport.dial.dns import Resolver
from httpcli.transport.dial.tcp import SocketFactory, connect_tcp, socket_error_reason
from httpcli.transport.proxy_errors import tunnel_refused, unreachable
from httpcli.transport.response_errors import response_error


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
            f"ws:// is not supported through the proxy {proxy.url}",
            hint="use wss://, an http proxy, or no proxy: --noproxy HOST",
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
        response = await _read_head(
            stream, ResponseReader(network.max_header_size or MAX_HEADER_SIZE, opens_tunnel=True)
        )
    except Http1Error as error:
        raise response_error(error, Url("http", host, port), proxy) from error
    except OSError as error:
        raise unreachable(proxy, "it closed the connection") from error
    if not 200 <= response.status <= 299:
        raise tunnel_refused(proxy, Url("http", host, port), response.status, response.reason)


async def _read_head(stream: socket.socket, reader: ResponseReader) -> Head:
    """Read the proxy's response head, byte by byte: what follows belongs to the tunnel.

    Raises Http1Error, OSError.
    """
    loop = asyncio.get_running_loop()
    while byte := await loop.sock_recv(stream, 1):
        for event in reader.feed(byte):
            if isinstance(event, Head) and not event.is_interim:
                return event
    reader.end_of_input()
    raise ConnectionResetError
