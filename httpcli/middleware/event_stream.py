"""Middleware that follows an event stream: it limits the number of events and reconnects.

It follows WHATWG HTML, 9.2.2 and 9.2.3: it reconnects after the time that the server asks for,
with the id of the last event, until a response is not an event stream. When it reconnects, it
passes on only complete events, so that no event is cut in two.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import CONTROLS, Field
from httpcli.core.limits import MAX_RECONNECT_PAUSE, MIN_RECONNECT_PAUSE
from httpcli.core.plan_options import EventStreamPolicy
from httpcli.core.request import Request
from httpcli.protocol.event_stream import EventStream
from httpcli.protocol.media_types import parse_media_type

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Send

_DEFAULT_PAUSE = 3000
"""Milliseconds before reconnecting, unless the server asks for another time."""
_MAX_PAUSE = 60_000
"""Milliseconds before reconnecting after many failures."""
_CHUNK_SIZE = 256 * 1024
"""Bytes that are passed on at once: observers copy and decode each piece."""
_SHOWN_ID = 100
"""Characters of an id in a notice."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TRANSIENT = frozenset(
    {
        ExitStatus.INCOMPLETE,
        ExitStatus.NAME_NOT_RESOLVED,
        ExitStatus.NOT_CONNECTED,
        ExitStatus.TIMED_OUT,
    }
)
"""Failures after which it reconnects."""


def with_event_stream(send: Send, policy: EventStreamPolicy, notify: Notify) -> Send:
    """Wrap ``send`` so that it follows an event stream; other responses are not changed.

    ``notify`` is called before each reconnection with its reason.
    """

    def followed(request: Request) -> AsyncGenerator[Event, None]:
        return _Subscription(send, policy, notify).follow(request)

    return followed


class _Subscription:
    """Follows one stream over any number of connections."""

    def __init__(self, send: Send, policy: EventStreamPolicy, notify: Notify) -> None:
        self._send = send
        self._policy = policy
        self._notify = notify
        self._stream: EventStream | None = None
        self._last_id = ""
        self._pause = _DEFAULT_PAUSE
        self._failures = 0
        """Reconnections since the last event."""
        self._event_count = 0
        self._incomplete = bytearray()
        """The beginning of an event whose end has not been received."""
        self._strips_mark = False
        """Whether to remove a byte order mark: the next output is not the first."""
        self._is_complete = False
        """Whether no more events are wanted."""

    async def follow(self, request: Request) -> AsyncGenerator[Event, None]:
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
                if not self._reconnects_after(error.status):
                    raise
                reason = error.message
            if not self._reconnects:
                break
            first = False
            await self._wait(reason)
            request = self._resumed(request)
        yield ended

    @property
    def _reconnects(self) -> bool:
        return self._policy.reconnect and self._stream is not None and not self._is_complete

    def _reconnects_after(self, status: ExitStatus) -> bool:
        return self._reconnects and status in _TRANSIENT

    async def _connection(self, request: Request, *, first: bool) -> AsyncGenerator[Event, None]:
        """Yield the events of one connection; of a later connection only the body and its end."""
        self._incomplete.clear()
        self._strips_mark = not first
        is_stream = False
        async with aclosing(self._send(request)) as events:
            async for event in events:
                match event:
                    case ResponseStarted(is_followed=False):
                        is_stream = _is_stream(event)
                        self._start(event, is_stream=is_stream, first=first)
                        if first:
                            yield event
                        elif self._is_complete:
                            return
                    case ResponseChunk(data) if is_stream:
                        complete = self._complete_events(data)
                        for start in range(0, len(complete), _CHUNK_SIZE):
                            yield ResponseChunk(complete[start : start + _CHUNK_SIZE])
                        if self._is_complete:
                            return
                    case ResponseEnded():
                        yield event
                    case _:
                        if first:
                            yield event

    def _start(self, head: ResponseStarted, *, is_stream: bool, first: bool) -> None:
        """Handle a response. Raises HttpcliError if a later one is not an event stream."""
        if is_stream:
            self._stream = EventStream(self._last_id, self._policy.max_event_size)
        elif not first:
            self._is_complete = True
            if head.status != 204:
                raise _not_resumed(head)

    def _complete_events(self, data: bytes) -> bytes:
        """Count the events in a piece of the body; return the bytes to pass on."""
        stream = self._stream
        if stream is None:
            return data
        end = len(data)
        try:
            for event in stream.feed(data):
                self._event_count += 1
                self._failures = 0
                if self._event_count == self._policy.max_events:
                    self._is_complete = True
                    end = event.end
                    break
        except HttpcliError:
            self._is_complete = True  # the next connection would fail at the same event
            raise
        self._last_id = stream.last_id
        if stream.retry is not None:
            self._pause = min(max(stream.retry, MIN_RECONNECT_PAUSE), MAX_RECONNECT_PAUSE)
        if not self._policy.reconnect:
            return data[:end]
        boundary = end if self._is_complete else stream.boundary
        if not boundary:
            self._incomplete += data
            return b""
        self._incomplete += data[:boundary]
        complete = bytes(self._incomplete)
        self._incomplete = bytearray(data[boundary:])
        if self._strips_mark:
            # A byte order mark is allowed only at the start of the whole output.
            self._strips_mark = False
            return complete.removeprefix(_BYTE_ORDER_MARK)
        return complete

    def _resumed(self, request: Request) -> Request:
        """Return the request for the events after the last one."""
        fields = request.fields.without("Last-Event-ID")
        # An id may contain control characters, but no header may.
        if self._last_id and not re.search(CONTROLS, self._last_id):
            fields = fields.plus([Field("Last-Event-ID", self._last_id)])
        return request._replace(fields=fields)

    async def _wait(self, reason: str) -> None:
        """Wait as long as the server asked for, twice as long after each further failure."""
        max_pause = max(self._pause, _MAX_PAUSE)
        pause = min(self._pause * 2 ** min(self._failures, 20), max_pause) / 1000
        self._failures += 1
        shown = self._last_id[:_SHOWN_ID] + ("…" if len(self._last_id) > _SHOWN_ID else "")
        after = f", after event {shown}" if shown else ""
        self._notify(f"{reason}; reconnecting in {pause:g} s{after}")
        await asyncio.sleep(pause)


def _is_stream(head: ResponseStarted) -> bool:
    return (
        head.status == 200
        and parse_media_type(head.fields.first("Content-Type") or "").is_event_stream
    )


def _not_resumed(head: ResponseStarted) -> HttpcliError:
    status = ExitStatus.FAILED
    if 400 <= head.status <= 599:
        status = ExitStatus.CLIENT_ERROR if head.status < 500 else ExitStatus.SERVER_ERROR
    reason = f"HTTP {head.status} {head.reason}".rstrip()
    kind = parse_media_type(head.fields.first("Content-Type") or "").essence
    if head.status == 200:
        reason += f", {kind or 'without a type'}"
    return HttpcliError(
        f"{head.url.authority}: cannot continue the event stream: {reason}", status=status
    )
