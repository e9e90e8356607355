"""Hears what a server said before it broke the connection off in the middle of an upload.

Who refuses content says so (413) and hangs up, and the reset overtakes the
answer: when a write fails, asyncio closes at once and what the kernel still has
to read is lost. Here it is read first. Over TLS nobody can: the keys are asyncio's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiohttp import BaseConnector
from aiohttp.client_proto import ResponseHandler

from httpcli.core.body import Body, BytesBody
from httpcli.core.errors import TIMEOUT, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody
    from httpcli.transport.rate_limit import RateLimit


_PIECE = 64 * 1024


class _Listening(ResponseHandler):
    def connection_lost(self, exc: BaseException | None) -> None:
        """Read what is left, then take note; asyncio closes the socket only after this."""
        transport = self.transport
        if isinstance(exc, ConnectionError) and transport is not None:
            self._hear(transport)
        super().connection_lost(exc)

    def _hear(self, transport: asyncio.BaseTransport) -> None:
        if transport.get_extra_info("ssl_object") is not None:
            return
        descriptor = transport.get_extra_info("socket").fileno()
        with suppress(OSError):  # it would have to wait, or the reset is all that is left
            while data := os.read(descriptor, _PIECE):
                self.data_received(data)


def install_early_response_reader(connector: BaseConnector | None) -> None:
    """Have new connections listen to the last. aiohttp has no public place to say so."""
    if connector is not None:
        made = partial(_Listening, loop=connector._loop)
        connector._factory = cast("partial[ResponseHandler]", made)


# A request's content on its way out, told piece by piece as it leaves.


_AT_ONCE = 1024 * 1024
"""A body of up to this many bytes goes out together with its head."""


class Upload:
    """What aiohttp is given to send (``content``) and what it has taken so far (``sent``).

    A piece is told before it is written, so nobody sees a response before the
    content that it answers. Where the peer takes nothing for ``patience``
    seconds, or too little for ``flow``, the answer is cancelled. ``waits``: the
    head goes first, since the peer may not want the content at all.
    """

    def __init__(
        self,
        body: Body,
        open_body: OpenBody,
        patience: float | None = None,
        *,
        waits: bool = False,
        flow: RateLimit | None = None,
    ) -> None:
        self._body = body
        self._waits = waits
        self._patience = patience
        self._stalled = False
        self._slow = False
        self._flow = flow
        self._meter = None if flow is None else flow.meter()
        self._answer: asyncio.Future[Any] | None = None
        self._open_body = open_body
        self._taken: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._told = False
        self._ending: asyncio.Future[None] | None = None

    @property
    def content(self) -> bytes | AsyncIterator[bytes]:
        """The content as aiohttp takes it."""
        if self._at_once is not None:
            return self._at_once
        return self._stream(self._body)

    @property
    def _at_once(self) -> bytes | None:
        body = self._body
        limited = self._flow is not None and self._flow.is_limited
        if self._waits or limited or not isinstance(body, BytesBody) or len(body.data) > _AT_ONCE:
            return None
        return body.data

    async def _stream(self, body: Body) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        async for piece in self._parts(body):
            if not self._told:
                await self._taken.put(piece)
            await _look_around()
            # We are asked for more once this piece has been written.
            deadline, began = self._deadline(), clock()
            yield piece
            if deadline is not None:
                deadline.cancel()
            if self._meter is not None:
                self._meter.add(len(piece), clock() - began)
        await _look_around()
        if not self._told:
            await self._taken.put(None)

    async def _parts(self, body: Body) -> AsyncIterator[bytes]:
        async for piece in self._open_body(body):
            if self._flow is None:
                yield piece
                continue
            async for part in self._flow.cut(piece):
                yield part

    def _deadline(self) -> asyncio.TimerHandle | None:
        """Give up when the peer has had too long to take a piece."""
        slow = None if self._meter is None else self._meter.left
        limits = [limit for limit in (self._patience, slow) if limit is not None]
        if not limits:
            return None
        self._slow = slow is not None and slow == min(limits)
        return asyncio.get_running_loop().call_later(min(limits), self._give_up)

    def _give_up(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._stalled = True
            self._answer.cancel()

    def raise_if_stalled(self, url: Url) -> None:
        """Raise HttpcliError where it was given up because the peer took nothing."""
        if not self._stalled:
            return
        if self._meter is not None and self._slow:
            raise self._meter.failure(url)
        raise HttpcliError(
            f"{url.authority}: timed out: the server does not take the content",
            hint="--timeout sets how long to wait",
            status=ExitStatus.TIMED_OUT,
        ).as_transient(TIMEOUT)

    async def sent(self, answer: asyncio.Future[Any]) -> AsyncIterator[bytes]:
        """Give the pieces as they leave, until all have or the answer is there.

        After an early answer the rest goes on leaving, untold.
        """
        self._answer = answer
        if self._at_once is not None:
            yield self._at_once
            return
        answer.add_done_callback(self._answered)
        try:
            while (piece := await self._taken.get()) is not None:
                yield piece
        finally:
            self._told = True
            while not self._taken.empty():
                self._taken.get_nowait()

    def _answered(self, _answer: asyncio.Future[Any]) -> None:
        # Behind what has been taken; to wait for either of two is a task more for each piece.
        if not self._told:
            self._ending = asyncio.ensure_future(self._taken.put(None))


async def _look_around() -> None:
    """Let what has come be read before more is written.

    A server that refuses content may answer and hang up, and aiohttp's next write
    fails before the answer is looked at. Once round the loop finds what can be
    read, the second time it is.
    """
    for _ in range(2):
        await asyncio.sleep(0)
