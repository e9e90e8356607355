"""A request's content on its way out, told piece by piece as it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from httpcli.model.request import Body, Bytes

if TYPE_CHECKING:
    from httpcli.model.ports import OpenBody

_AT_ONCE = 1024 * 1024
"""A body of up to this many bytes goes out together with its head."""


class Upload:
    """What aiohttp is given to send (``content``) and what it has taken so far (``sent``).

    A piece is told before it is written, so nobody sees a response before the
    content that it answers.
    """

    def __init__(self, body: Body | None, open_body: OpenBody) -> None:
        self._body = body
        self._open_body = open_body
        self._taken: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._told = False

    @property
    def content(self) -> bytes | AsyncIterator[bytes] | None:
        """The content as aiohttp takes it."""
        if self._body is None:
            return None
        if self._at_once is not None:
            return self._at_once
        return self._stream(self._body)

    @property
    def _at_once(self) -> bytes | None:
        body = self._body
        return body.data if isinstance(body, Bytes) and len(body.data) <= _AT_ONCE else None

    async def _stream(self, body: Body) -> AsyncIterator[bytes]:
        async for piece in self._open_body(body):
            if not self._told:
                await self._taken.put(piece)
            yield piece
        if not self._told:
            await self._taken.put(None)

    async def sent(self, answer: asyncio.Future[Any]) -> AsyncIterator[bytes]:
        """Give the pieces as they leave, until all have or the answer is there.

        After an early answer the rest goes on leaving, untold.
        """
        if self._body is None:
            return
        if self._at_once is not None:
            yield self._at_once
            return
        try:
            while (piece := await self._next(answer)) is not None:
                yield piece
        finally:
            self._told = True
            while not self._taken.empty():
                self._taken.get_nowait()

    async def _next(self, answer: asyncio.Future[Any]) -> bytes | None:
        taking = asyncio.ensure_future(self._taken.get())
        await asyncio.wait([taking, answer], return_when=asyncio.FIRST_COMPLETED)
        if taking.done():
            return taking.result()
        taking.cancel()
        return None
