"""A connection reads its responses with our reader, and is not reused after surplus bytes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from inspect import Parameter, signature
from typing import Any

from aiohttp.client_proto import ResponseHandler

from httpcli.transport.aiohttp.http1_protocol import Http1Protocol

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Http1Protocol, socket.socket]]:
    """Yield a connection that expects a response, and the server's end of it."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: Http1Protocol(loop), sock=ours)
    protocol.set_response_params()
    try:
        with theirs:
            yield protocol, theirs
    finally:
        protocol.close()
        await asyncio.sleep(0)


async def response_of(protocol: Http1Protocol) -> tuple[int, bytes]:
    message: Any
    message, payload = await protocol.read()
    return message.code, await payload.read()


def test_aiohttp_passes_parameters_by_name() -> None:
    """So that its new parameters do not change the meaning of ours."""
    parameters = list(signature(ResponseHandler.set_response_params).parameters.values())[1:]
    assert {parameter.kind for parameter in parameters} == {Parameter.KEYWORD_ONLY}
    own = signature(Http1Protocol.set_response_params).parameters
    assert set(own) - {"self", "_unused"} <= {parameter.name for parameter in parameters}


async def test_connection_is_reused_after_a_whole_response() -> None:
    async with connected() as (protocol, server):
        for _ in range(3):
            server.sendall(WHOLE)
            assert await response_of(protocol) == (200, b"hello")
            assert protocol.is_connected()
            assert not protocol.should_close
            protocol.set_response_params()


async def test_bytes_that_the_loop_has_not_read_yet_prevent_a_reuse() -> None:
    async with connected() as (protocol, server):
        server.sendall(WHOLE)
        await response_of(protocol)
        server.sendall(WHOLE)  # no await: the loop cannot read it
        assert not protocol.is_connected()


async def test_a_connection_that_the_server_closed_is_not_reused() -> None:
    async with connected() as (protocol, server):
        server.sendall(WHOLE)
        await response_of(protocol)
        server.shutdown(socket.SHUT_WR)
        assert not protocol.is_connected()


async def test_surplus_on_an_idle_connection_closes_it() -> None:
    async with connected() as (protocol, server):
        server.sendall(WHOLE)
        await response_of(protocol)
        server.sendall(WHOLE)
        closed = protocol.closed
        assert closed is not None
        await asyncio.wait_for(closed, 10)
        assert protocol.should_close


async def test_slow_reader_pauses_the_connection() -> None:
    size = 64 << 20
    async with connected() as (protocol, server):
        server.setblocking(False)
        loop = asyncio.get_running_loop()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
        sending = asyncio.ensure_future(loop.sock_sendall(server, head + bytes(size)))
        _, payload = await protocol.read()
        done, _ = await asyncio.wait([sending], timeout=0.2)
        assert not done
        assert payload.total_bytes < size // 8
        received = 0
        while piece := await payload.readany():
            received += len(piece)
        assert received == size
        await sending


async def test_reader_has_no_reference_cycle_with_the_connection() -> None:
    """The collector of httpcli runs rarely: a connection is freed when it is dropped."""
    import gc
    import weakref

    loop = asyncio.get_running_loop()
    gc.disable()
    try:
        protocol: Http1Protocol | None = Http1Protocol(loop)
        assert protocol is not None
        protocol.set_response_params()
        protocol.data_received(WHOLE)
        _, payload = await protocol.read()
        assert await payload.read() == b"hello"
        del payload, _
        gone = weakref.ref(protocol)
        protocol._payload = None
        protocol = None
        assert gone() is None
    finally:
        gc.enable()
