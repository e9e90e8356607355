"""A skin that listens to an event stream: for so many events, and again when it ends.

It connects again as WHATWG HTML says (9.2.2, 9.2.3): after the time that the
server asked for, with the last event's id, until an answer is no stream any
more. What is passed on then is whole events only, so that none is torn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.core.request import Request
from httpcli.core.streaming import EventStreamPolicy
from httpcli.protocol.event_stream import EventStream
from httpcli.protocol.media_types import parse

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Send

_PAUSE = 3000
"""Milliseconds until the next connection, where the server says nothing else."""
_LONGEST_PAUSE = 60_000
_MARK = b"\xef\xbb\xbf"
_PASSING = frozenset(
    {
        ExitStatus.INCOMPLETE,
        ExitStatus.NAME_NOT_RESOLVED,
        ExitStatus.NOT_CONNECTED,
        ExitStatus.TIMED_OUT,
    }
)
"""Failures after which the next connection may do better."""


def listening(send: Send, plan: EventStreamPolicy, tell: Notify) -> Send:
    """Wrap ``send`` so that an event stream is listened to; other responses pass as they are.

    ``tell`` is told why there is another connection, and when.
    """

    def listened(request: Request) -> AsyncGenerator[Event, None]:
        return _Subscription(send, plan, tell).listen(request)

    return listened


class _Subscription:
    """Listens to one stream, over as many connections as it takes."""

    def __init__(self, send: Send, plan: EventStreamPolicy, tell: Notify) -> None:
        self._send = send
        self._plan = plan
        self._tell = tell
        self._stream: EventStream | None = None
        self._last_id = ""
        self._pause = _PAUSE
        self._failures = 0
        self._count = 0
        self._held = b""
        self._resumed = False
        self._over = False

    async def listen(self, request: Request) -> AsyncGenerator[Event, None]:
        self._last_id = request.fields.first("Last-Event-ID") or ""
        ended = ResponseEnded(0.0)
        first = True
        while True:
            reason = "the stream ended"
            try:
                async with aclosing(self._connection(request, first=first)) as events:
                    async for event in events:
                        if isinstance(event, ResponseEnded):
                            ended = event
                        else:
                            yield event
            except HttpcliError as error:
                if not self._may_go_on(error.status):
                    raise
                reason = error.message
            if not self._goes_on:
                break
            first = False
            await self._wait(reason)
            request = self._resuming(request)
        yield ended

    @property
    def _goes_on(self) -> bool:
        return self._plan.reconnect and self._stream is not None and not self._over

    def _may_go_on(self, status: ExitStatus) -> bool:
        return self._goes_on and status in _PASSING

    async def _connection(self, request: Request, *, first: bool) -> AsyncGenerator[Event, None]:
        """Give what is to be seen of one connection: of a later one, its content alone."""
        self._held = b""
        self._resumed = not first
        is_stream = False
        async with aclosing(self._send(request)) as events:
            async for event in events:
                match event:
                    case ResponseStarted(intermediary=False):
                        is_stream = _is_stream(event)
                        self._begin(event, is_stream=is_stream, first=first)
                        if first:
                            yield event
                        elif self._over:
                            return
                    case ResponseChunk(data) if is_stream:
                        if passed := self._taken(data):
                            yield ResponseChunk(passed)
                        if self._over:
                            return
                    case ResponseEnded():
                        yield event
                    case _:
                        if first:
                            yield event

    def _begin(self, head: ResponseStarted, *, is_stream: bool, first: bool) -> None:
        """Judge an answer. Raises HttpcliError for a later one that does not go on."""
        if is_stream:
            self._stream = EventStream(self._last_id)
        elif not first:
            self._over = True
            if head.status != 204:
                raise _not_resumed(head)

    def _taken(self, data: bytes) -> bytes:
        """Take note of the events in a piece; return what of it is passed on."""
        stream = self._stream
        if stream is None:
            return data
        passed = len(data)
        try:
            for event in stream.feed(data):
                self._count += 1
                self._failures = 0
                if self._count == self._plan.max_events:
                    self._over = True
                    passed = event.end
                    break
        except ValueError as error:
            self._over = True  # the next connection would begin with the same event
            raise HttpcliError(f"the stream has {error}", status=ExitStatus.INCOMPLETE) from error
        self._last_id = stream.last_id
        if stream.retry is not None:
            self._pause = stream.retry
        if not self._plan.reconnect:
            return data[:passed]
        whole = passed if self._over else stream.boundary
        if not whole:
            self._held += data
            return b""
        given, self._held = self._held + data[:whole], data[whole:]
        if self._resumed:
            # Its mark would stand in the middle of what is passed on.
            self._resumed = False
            return given.removeprefix(_MARK)
        return given

    def _resuming(self, request: Request) -> Request:
        """Return the request for what comes after the last event."""
        fields = request.fields.without("Last-Event-ID")
        if self._last_id:
            fields = fields.plus([Field("Last-Event-ID", self._last_id)])
        return request._replace(fields=fields)

    async def _wait(self, reason: str) -> None:
        """Wait as long as the server asked for, twice as long after each failure."""
        longest = max(self._pause, _LONGEST_PAUSE)
        # Twice nothing would be nothing for ever: a server that is down is not hammered.
        asked = max(self._pause, 1) if self._failures else self._pause
        pause = min(asked * 2 ** min(self._failures, 20), longest) / 1000
        self._failures += 1
        after = f", after event {self._last_id}" if self._last_id else ""
        self._tell(f"{reason}; again in {pause:g} s{after}")
        await asyncio.sleep(pause)


def _is_stream(head: ResponseStarted) -> bool:
    return head.status == 200 and parse(head.fields.first("Content-Type") or "").is_events


def _not_resumed(head: ResponseStarted) -> HttpcliError:
    status = ExitStatus.FAILED
    if 400 <= head.status <= 599:
        status = ExitStatus.CLIENT_ERROR if head.status < 500 else ExitStatus.SERVER_ERROR
    told = f"HTTP {head.status} {head.reason}".rstrip()
    kind = parse(head.fields.first("Content-Type") or "").essence
    if head.status == 200:
        told += f", {kind or 'without a type'}"
    return HttpcliError(f"{head.url.authority}: the stream does not go on: {told}", status=status)
