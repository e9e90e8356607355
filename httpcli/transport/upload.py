"""A request's content on its way out, told piece by piece as it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from httpcli.model.bodies import Body, Bytes
from httpcli.model.errors import TIMEOUT, HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.url import Url

if TYPE_CHECKING:
    from httpcli.model.ports import OpenBody

_AT_ONCE = 1024 * 1024
"""A body of up to this many bytes goes out together with its head."""
_PATIENCE_FOR_100 = 60.0
"""Seconds: nobody may wait for ever for a 100 (RFC 9110, 10.1.1)."""


class Upload:
    """What aiohttp is given to send (``content``) and what it has taken so far (``sent``).

    A piece is told before it is written, so nobody sees a response before the
    content that it answers. Where the peer takes nothing for ``patience``
    seconds, the answer is cancelled; ``waits``: it must first say 100 (Continue).
    """

    def __init__(
        self,
        body: Body,
        open_body: OpenBody,
        patience: float | None = None,
        *,
        waits: bool = False,
    ) -> None:
        self._body = body
        self._waits = waits
        self._patience = patience
        self._stalled = False
        self._begun = False
        self._answer: asyncio.Future[Any] | None = None
        self._first: asyncio.TimerHandle | None = None
        self._open_body = open_body
        self._taken: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._told = False

    @property
    def content(self) -> bytes | AsyncIterator[bytes]:
        """The content as aiohttp takes it."""
        if self._at_once is not None:
            return self._at_once
        return self._stream(self._body)

    @property
    def _at_once(self) -> bytes | None:
        body = self._body
        if self._waits or not isinstance(body, Bytes) or len(body.data) > _AT_ONCE:
            return None
        return body.data

    async def _stream(self, body: Body) -> AsyncIterator[bytes]:
        self._begun = True
        if self._first is not None:
            self._first.cancel()
        async for piece in self._open_body(body):
            if not self._told:
                await self._taken.put(piece)
            # We are asked for more once this piece has been written.
            deadline = self._deadline()
            yield piece
            if deadline is not None:
                deadline.cancel()
        if not self._told:
            await self._taken.put(None)

    def _deadline(self, default: float | None = None) -> asyncio.TimerHandle | None:
        patience = self._patience or default
        if patience is None:
            return None
        return asyncio.get_running_loop().call_later(patience, self._give_up)

    def _give_up(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._stalled = True
            self._answer.cancel()

    def raise_if_stalled(self, url: Url) -> None:
        """Raise HttpcliError where it was given up because the peer took nothing."""
        if self._stalled:
            asked = self._waits and not self._begun
            raise HttpcliError(
                f"{url.authority}: timed out: the server does not "
                + ("ask for the content (100 Continue)" if asked else "take the content"),
                hint="leave --expect-continue out" if asked else "--timeout sets how long to wait",
                status=ExitStatus.TIMED_OUT,
            ).may_pass(TIMEOUT)

    async def sent(self, answer: asyncio.Future[Any]) -> AsyncIterator[bytes]:
        """Give the pieces as they leave, until all have or the answer is there.

        After an early answer the rest goes on leaving, untold.
        """
        self._answer = answer
        if self._waits:
            self._first = self._deadline(_PATIENCE_FOR_100)
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
