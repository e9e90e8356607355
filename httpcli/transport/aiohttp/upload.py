"""Sends a request body, and reports its pieces.

Imported only for requests with a body.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from httpcli.core.body import Body, BytesBody
from httpcli.core.errors import TIMEOUT, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import Url
from httpcli.transport.current_attempt import current_attempt

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody
    from httpcli.transport.rate_limit import RateLimit


_SENDING = "sending the request body"

_SMALL_BODY = 1024 * 1024
"""A body of up to this many bytes is sent together with its head."""


class Upload:
    """A body for aiohttp (``content``) that reports each piece as it is sent (``sent_pieces``).

    A piece is reported before it is written, so that the request is shown before its
    response. The request is cancelled if the server accepts no bytes for ``timeout``
    seconds, or fewer than the minimum rate of ``limit``. ``head_first``: do not send the
    body together with the head, because the server may refuse it.
    """

    def __init__(
        self,
        body: Body,
        open_body: OpenBody,
        timeout: float | None = None,
        *,
        head_first: bool = False,
        limit: RateLimit | None = None,
    ) -> None:
        self._body = body
        self._open_body = open_body
        self._head_first = head_first
        self._timeout = timeout
        self._limit = limit
        self._meter = None if limit is None else limit.meter()
        self._response: asyncio.Future[Any] | None = None
        self._is_stalled = False
        """Whether the request was cancelled because the server was too slow."""
        self._deadline_is_min_rate = False
        """Whether the current deadline is that of the minimum rate."""
        self._sent: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        """The pieces to report; None at the end."""
        self._report_ended = False
        """Whether further pieces are sent without being reported."""
        self._end_report: asyncio.Future[None] | None = None  # keeps the task alive

    @property
    def content(self) -> bytes | AsyncIterator[bytes]:
        """The body in the form that aiohttp accepts."""
        if self._small_body is not None:
            return self._small_body
        return self._pieces(self._body)

    @property
    def _small_body(self) -> bytes | None:
        body = self._body
        is_limited = self._limit is not None and self._limit.is_limited
        if self._head_first or is_limited or not isinstance(body, BytesBody):
            return None
        if len(body.data) > _SMALL_BODY:
            return None
        return body.data

    async def _pieces(self, body: Body) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        attempt = current_attempt()
        if attempt is not None:
            attempt.phase = _SENDING
        async for piece in self._parts(body):
            if not self._report_ended:
                await self._sent.put(piece)
            await _let_loop_read()
            # aiohttp asks for the next piece once this one is written.
            deadline, began = self._deadline(), clock()
            yield piece
            if deadline is not None:
                deadline.cancel()
            if self._meter is not None:
                self._meter.add(len(piece), clock() - began)
        if attempt is not None and attempt.phase == _SENDING:
            attempt.phase = ""
        await _let_loop_read()
        if not self._report_ended:
            await self._sent.put(None)

    async def _parts(self, body: Body) -> AsyncIterator[bytes]:
        async for piece in self._open_body(body):
            if self._limit is None:
                yield piece
                continue
            async for part in self._limit.parts_in_time(piece):
                yield part

    def _deadline(self) -> asyncio.TimerHandle | None:
        """Start the timer for the server to accept a piece; return None without a limit."""
        too_slow = None if self._meter is None else self._meter.left
        seconds = [limit for limit in (self._timeout, too_slow) if limit is not None]
        if not seconds:
            return None
        self._deadline_is_min_rate = too_slow is not None and too_slow == min(seconds)
        return asyncio.get_running_loop().call_later(min(seconds), self._cancel)

    def _cancel(self) -> None:
        if self._response is not None and not self._response.done():
            self._is_stalled = True
            self._response.cancel()

    def raise_if_stalled(self, url: Url) -> None:
        """Raise HttpcliError if the request was cancelled because the server was too slow."""
        if not self._is_stalled:
            return
        if self._meter is not None and self._deadline_is_min_rate:
            raise self._meter.failure(url)
        raise HttpcliError(
            f"{url.authority}: timed out: the server does not read the body",
            hint="to wait longer: --timeout TIME",
            status=ExitStatus.TIMED_OUT,
        ).as_transient(TIMEOUT)

    async def sent_pieces(self, response: asyncio.Future[Any]) -> AsyncIterator[bytes]:
        """Yield the pieces as they are sent, until the last one or the response.

        After an early response the remaining pieces are sent without being reported.
        """
        self._response = response
        if self._small_body is not None:
            yield self._small_body
            return
        response.add_done_callback(self._responded)
        try:
            while (piece := await self._sent.get()) is not None:
                yield piece
        finally:
            self._report_ended = True
            while not self._sent.empty():
                self._sent.get_nowait()

    def _responded(self, _response: asyncio.Future[Any]) -> None:
        # A None in the queue, because waiting for two futures needs a task for each piece.
        if not self._report_ended:
            self._end_report = asyncio.ensure_future(self._sent.put(None))


async def _let_loop_read() -> None:
    """Let the event loop read the server's bytes before more bytes are written.

    A server that refuses a body may respond and close the connection; aiohttp's next
    write would then fail before the response is read. The first iteration of the loop
    finds that the socket is readable, the second one reads it.
    """
    for _ in range(2):
        await asyncio.sleep(0)
