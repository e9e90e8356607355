"""What leaves is told before it is written, and an early answer stops the telling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from httpcli.core.body import Body, Bytes, Stdin
from httpcli.transport.aiohttp.upload import Upload


async def _pieces(_: Body) -> AsyncIterator[bytes]:
    for piece in (b"one", b"two", b"three"):
        yield piece


async def test_content_at_hand_is_told_at_once() -> None:
    upload = Upload(Bytes(b"all"), _pieces)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    assert upload.content == b"all"
    assert [piece async for piece in upload.sent(never)] == [b"all"]


async def test_a_stream_is_told_piece_by_piece() -> None:
    upload = Upload(Stdin(), _pieces)
    written: list[bytes] = []

    async def write() -> None:
        content = upload.content
        assert isinstance(content, AsyncIterator)
        written.extend([piece async for piece in content])

    writing = asyncio.ensure_future(write())
    told = [piece async for piece in upload.sent(asyncio.get_running_loop().create_future())]
    await writing
    assert told == written == [b"one", b"two", b"three"]


async def test_after_an_early_answer_the_rest_leaves_untold() -> None:
    upload = Upload(Stdin(), _pieces)
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    answer.set_result(None)
    assert [piece async for piece in upload.sent(answer)] == []
    content = upload.content
    assert isinstance(content, AsyncIterator)
    assert [piece async for piece in content] == [b"one", b"two", b"three"]
