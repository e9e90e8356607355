"""A CONNECT tunnel is open after a 2xx response; every other response of the proxy is an error."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Network, Proxy
from httpcli.transport.dial.dns import Resolver
from httpcli.transport.dial.tunnel import connect_by_tunnel
from tests.support.servers import refused_port


class ScriptedProxy:
    """A proxy that sends prepared pieces after the head of one request."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.url = ""
        self.head = b""
        self.ended = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            for piece in self._pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            writer.close()
            await writer.wait_closed()
        self.ended.set()


@asynccontextmanager
async def proxy_that_sends(*pieces: bytes) -> AsyncIterator[ScriptedProxy]:
    proxy = ScriptedProxy(*pieces)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        await proxy.ended.wait()
        server.close()
        await server.wait_closed()


async def connect(url: str, host: str = "h.test", network: Network | None = None) -> bytes:
    """Open a tunnel; return what arrives through it."""
    network = network or Network()
    stream = await connect_by_tunnel(
        host,
        80,
        network=network,
        proxy=Proxy(url),
        resolver=Resolver(network, None),
        family=socket.AF_UNSPEC,
        make_socket=None,
    )
    with stream:
        return await asyncio.get_running_loop().sock_recv(stream, 100)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n"], id="200"),
        pytest.param([b"HTTP/1.0 204\r\n\r\n"], id="204"),
        pytest.param([b"HTTP/1.1 200 OK\nVia: x\n\n"], id="bare line feeds"),
        pytest.param([b"HTTP/1.1 2", b"00 OK\r\nVia: x\r\n", b"\r\n"], id="in pieces"),
        pytest.param([b"http/1.1  299 Odd\r\nVia : x\r\n\r\n"], id="odd head"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"], id="length"),
        pytest.param([b"HTTP/1.1 103 A\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"], id="interim"),
    ],
)
async def test_tunnel_is_open_after_success(head: list[bytes]) -> None:
    async with proxy_that_sends(*head, b"hello") as proxy:
        assert await connect(proxy.url) == b"hello"


@pytest.mark.parametrize(("host", "authority"), [("h.test", b"h.test:80"), ("::1", b"[::1]:80")])
async def test_request_has_the_authority_and_the_headers_for_the_proxy(
    host: str, authority: bytes
) -> None:
    network = Network(proxy_fields=Fields([Field("X-To-Proxy", "yes")]))
    async with proxy_that_sends(b"HTTP/1.1 200 OK\r\n\r\n", b"x") as proxy:
        await connect(proxy.url, host, network)
        lines = proxy.head.split(b"\r\n")
    assert lines[:2] == [b"CONNECT " + authority + b" HTTP/1.1", b"Host: " + authority]
    assert b"X-To-Proxy: yes" in lines


@pytest.mark.parametrize(
    ("response", "message", "retry_on"),
    [
        (b"HTTP/1.1 403 No\r\n\r\n", "refused to connect to h.test: 403 No", ""),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "refused to connect to h.test: 503 Busy", CONNECT_FAILURE),
        (b"HTTP/1.1 407 Who\r\n\r\n", "requires a user and password: 407", ""),
        (b"SSH-2.0\r\n\r\n", "is not valid HTTP: it does not begin with HTTP/", CONNECT_FAILURE),
        (b"HTTP/1.1 200 OK\r\n", "is incomplete: the connection was closed", CONNECT_FAILURE),
        (b"", "it closed the connection", CONNECT_FAILURE),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000, "headers of more than 256 KiB", ""),
    ],
    ids=["forbidden", "overloaded", "credentials", "not HTTP", "truncated", "closed", "endless"],
)
async def test_other_responses_are_proxy_errors(
    response: bytes, message: str, retry_on: str
) -> None:
    async with proxy_that_sends(response) as proxy:
        with pytest.raises(HttpcliError) as caught:
            await connect(proxy.url)
    assert message in caught.value.message
    assert proxy.url in caught.value.message
    assert caught.value.status is ExitStatus.PROXY
    assert caught.value.transient_kind == retry_on


async def test_bytes_right_after_the_response_belong_to_the_tunnel() -> None:
    async with proxy_that_sends(b"HTTP/1.1 200 OK\r\n\r\nhello") as proxy:
        assert await connect(proxy.url) == b"hello"


async def test_unreachable_proxy_is_an_error() -> None:
    url = f"http://127.0.0.1:{refused_port()}"
    with pytest.raises(HttpcliError, match="connection refused"):
        await connect(url)


async def test_proxy_by_tls_is_a_usage_error() -> None:
    with pytest.raises(
        UsageError, match=r"ws:// is not supported through the proxy https://p\.test"
    ):
        await connect("https://p.test")
