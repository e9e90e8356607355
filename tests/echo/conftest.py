"""The real server on a socket, and two clients for it: aiohttp and raw bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from httpcli.echo.server import EchoServer, serve

Exchange = Callable[[bytes], Awaitable[bytes]]


@pytest.fixture
async def echo() -> AsyncIterator[EchoServer]:
    server = await serve()
    yield server
    await server.close()


@pytest.fixture
async def client(echo: EchoServer) -> AsyncIterator[aiohttp.ClientSession]:
    session = aiohttp.ClientSession(
        f"http://{echo.host}:{echo.port}",
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    async with session:
        yield session


@pytest.fixture
def exchange(echo: EchoServer) -> Exchange:
    """Send these bytes, then read until the server closes."""

    async def send(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(echo.host, echo.port)
        writer.write(request)
        response = await reader.read()
        writer.close()
        await writer.wait_closed()
        return response

    return send
