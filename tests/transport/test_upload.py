"""An upload reports each piece before it is sent, until an early response arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from httpcli.core.body import Body, BytesBody, StdinBody
from httpcli.transport.aiohttp.upload import Upload


async def _pieces(_: Body) -> AsyncIterator[bytes]:
    for piece in (b"one", b"two", b"three"):
        yield piece


async def test_body_in_memory_is_reported_at_once() -> None:
    upload = Upload(BytesBody(b"all"), _pieces)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    assert upload.content == b"all"
    assert [piece async for piece in upload.sent_pieces(never)] == [b"all"]


async def test_stream_is_reported_piece_by_piece() -> None:
    upload = Upload(StdinBody(), _pieces)
    written: list[bytes] = []

    async def write() -> None:
        content = upload.content
        assert isinstance(content, AsyncIterator)
        written.extend([piece async for piece in content])

    writing = asyncio.ensure_future(write())
    reported = [
        piece async for piece in upload.sent_pieces(asyncio.get_running_loop().create_future())
    ]
    await writing
    assert reported == written == [b"one", b"two", b"three"]


async def test_rest_is_sent_unreported_after_an_early_response() -> None:
    upload = Upload(StdinBody(), _pieces)
    response: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    response.set_result(None)
    assert [piece async for piece in upload.sent_pieces(response)] == []
    content = upload.content
    assert isinstance(content, AsyncIterator)
    assert [piece async for piece in content] == [b"one", b"two", b"three"]
