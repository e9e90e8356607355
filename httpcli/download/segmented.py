"""Downloads one file over several connections, all from the same representation.

It starts with the first response, which may be the whole file. While more connections
make the download faster, the largest range is halved and another connection requests the
second half, if the file is unchanged (If-Range). Each connection retries its failures.

The response to an additional connection never overrules the first one: many servers answer the
first connection with the file, and others with an error page. A connection that is refused, or
that receives something other than its range of the same representation, is dropped, no more are
added, and the first response continues. Until the end of the download it stays open, even if other
connections have its last bytes: if they fail, it is read to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum
from typing import TYPE_CHECKING

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.range_scheduler import (
    MEASUREMENT_INTERVALS,
    MIN_FILE_SIZE,
    Growth,
    Segment,
    SegmentScheduler,
)
from httpcli.protocol.ranges import (
    RangeRequirements,
    RangeResult,
    check_range_response,
    content_coding,
    range_fields,
    without_ranges,
)

if TYPE_CHECKING:
    from httpcli.core.download import PartialState
    from httpcli.core.interfaces import Send
    from httpcli.core.request import Request
    from httpcli.progress.tracker import Transfer
    from httpcli.protocol.retries import RetryDecider
    from httpcli.storage.part_file import PartFile

_BLOCK = 256 * 1024
"""Bytes that are written at once."""
_WRITE_INTERVAL = 0.25
"""Seconds after which buffered bytes are written, even if they are few."""


class SegmentedResult(Enum):
    """How a segmented download ended."""

    COMPLETE = "complete"
    NOT_SEGMENTED = "not segmented"
    """No connection is left, and the server did not send the last range that was requested:
    one connection must download the missing bytes, or the whole file again."""


class SegmentedFile(NamedTuple):
    """A file that several connections write."""

    state: PartialState
    """The representation that every connection must receive; its size is known."""
    part: PartFile
    transfer: Transfer
    response_end: int
    """The offset at which the first response ends."""


class FirstResponse:
    """The first response of a file: it may be read further after its segment is complete."""

    def __init__(self, events: AsyncGenerator[Event, None], end: int) -> None:
        self._events = events
        self._rest = b""
        """Bytes that were received, and were not needed."""
        self.position = -1
        """The offset of the next byte; -1 while it is being read, and after a failure."""
        self.end = end
        """The offset at which it ends."""

    def covers(self, segment: Segment) -> bool:
        """Return whether it is not being read, and still has all bytes of a segment."""
        return 0 <= self.position <= segment.position and segment.end <= self.end

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the remaining events."""
        rest, self._rest, self.position = self._rest, b"", -1
        if rest:
            yield ResponseChunk(rest)
        async for event in self._events:
            yield event

    def pause(self, position: int, rest: bytes) -> None:
        """Stop reading at this offset; ``rest`` was received already."""
        self.position, self._rest = position, rest


class SegmentedDownload:
    """Downloads the missing ranges of a file over several connections."""

    def __init__(
        self,
        file: SegmentedFile,
        decider: RetryDecider,
        send: Send,
        request: Request,
        max_connections: int,
    ) -> None:
        self._file = file
        self._state = file.state
        self._size = file.state.size or 0
        self._decider = decider
        self._send = send
        self._request = request._replace(fields=without_ranges(request.fields))
        self._growth = Growth(max_connections)
        self._scheduler = SegmentScheduler(file.part.written.gaps(self._size))
        self._received = 0
        """Bytes received by all connections."""
        self._first_response: FirstResponse | None = None
        self._first_task: asyncio.Task[object] | None = None
        """The task of the first connection, the only one that may end the download."""
        self._is_refused = False
        """Whether an additional connection was refused."""
        self._segment_released = asyncio.Event()
        """Set when a connection has downloaded or dropped a segment."""
        self._all_receiving = asyncio.Event()
        """Set once every active connection has received a byte."""

    async def run(self, events: AsyncGenerator[Event, None]) -> SegmentedResult:
        """Download the missing bytes. Raises HttpcliError.

        ``events`` are the rest of the first response, which has the first gap.
        """
        is_small = self._scheduler.bytes_left <= MIN_FILE_SIZE
        first = self._take_segment()
        if first is None:
            return SegmentedResult.COMPLETE
        first.requested_end = self._file.response_end
        self._first_task = asyncio.current_task()
        self._first_response = FirstResponse(events, self._file.response_end)
        if is_small:
            self._growth = self._growth.stopped()
        try:
            async with asyncio.TaskGroup() as group:
                growth_task = group.create_task(self._add_connections(group))
                accepted = await self._run_connection(first, self._first_response)
                # While other connections are active, this one takes the segments they drop.
                while self._scheduler.bytes_left > 0:
                    await self._segment_released.wait()
                    self._segment_released.clear()
                    if accepted or not self._scheduler.active:
                        accepted = await self._run_connection(self._take_segment())
                growth_task.cancel()
        except BaseExceptionGroup as errors:
            if errors.subgroup(_NotSegmentedError):
                return SegmentedResult.NOT_SEGMENTED
            raise errors.exceptions[0] from None
        return SegmentedResult.COMPLETE

    async def _add_connections(self, group: asyncio.TaskGroup) -> None:
        """Add connections while that makes the download faster."""
        clock = asyncio.get_running_loop().time
        if not self._growth.is_final:  # a slow disk must not block the first connection
            await asyncio.to_thread(self._file.part.reserve, self._size)
        while not self._growth.is_final:
            await self._all_receiving.wait()
            before, started = self._received, clock()
            rate = 0.0
            for pause in MEASUREMENT_INTERVALS:
                await asyncio.sleep(pause)
                rate = (self._received - before) / (clock() - started)
                if self._growth.is_faster(rate):
                    break
            self._growth = self._growth.after_measurement(rate)
            while len(self._scheduler.active) < self._growth.connections:
                segment = self._take_segment()
                if segment is None:
                    return
                self._all_receiving.clear()
                group.create_task(self._run_connection(segment))

    async def _run_connection(
        self, segment: Segment | None, response: FirstResponse | None = None
    ) -> bool:
        """Download this segment, then others; return False if the server refused one."""
        try:
            await self._fetch_segments(segment, response)
        except _RefusedError:
            self._growth = self._growth.stopped()
            self._is_refused = True
            return False
        return True

    async def _fetch_segments(
        self, segment: Segment | None, response: FirstResponse | None
    ) -> None:
        """Download segments until none is left; ``response`` has the first one."""
        while segment is not None:
            try:
                await self._fetch_segment(segment, response)
            finally:
                self._scheduler.release(segment)
                self._segment_released.set()
            response = None
            segment = self._take_segment()

    async def _fetch_segment(self, segment: Segment, response: FirstResponse | None) -> None:
        """Download one segment; a retry continues after the last byte received.

        Raises HttpcliError; _RefusedError if other connections can download it instead.
        """
        attempts = 1
        while segment.bytes_left > 0:
            before = segment.position
            try:
                response = response or self._response_instead_of_request(segment)
                if response is None:
                    await self._request_segment(segment)
                else:
                    async with aclosing(response.events()) as events:
                        await self._receive(segment, events, response)
            except HttpcliError as error:
                refused = _RefusedError(error)
            except _RefusedError as error:
                refused = error
            else:
                continue  # a server may send less than requested
            finally:
                response = None
            attempts = 1 if segment.position > before else attempts
            await asyncio.sleep(self._wait_before_retry(segment, refused, attempts))
            attempts += 1

    def _wait_before_retry(self, segment: Segment, refused: _RefusedError, attempts: int) -> float:
        """Return the seconds to wait until a segment is requested again.

        Raises _RefusedError if other connections can download it instead, else _NotSegmentedError,
        and HttpcliError if no retry is left.
        """
        response = refused.response
        self._is_refused = self._is_refused or response is not None
        if refused.is_wrong_response:
            wait = None
        elif response is None:
            wait = self._decider.after_error(self._request, refused.error, attempts).wait
        else:
            wait = self._decider.after_response(self._request, response, attempts).wait
        if self._has_others(segment) and (not segment.has_data or wait is None):
            raise refused
        if wait is None and self._has_first_response(segment):
            self._is_refused = True
            return 0.0
        if wait is None:
            raise _NotSegmentedError if refused.is_wrong_response else refused.error
        return wait

    def _has_first_response(self, segment: Segment) -> bool:
        """Return whether the first response waits, and has all bytes of this segment."""
        response = self._first_response
        return response is not None and response.covers(segment)

    def _response_instead_of_request(self, segment: Segment) -> FirstResponse | None:
        """Return the first response if it must replace another request.

        It is read from the byte where it was paused, so the segment starts there.
        """
        response = self._first_response
        if response is None or not self._is_refused or self._has_others(segment):
            return None
        if not response.covers(segment):
            return None
        segment.position, segment.requested_end = response.position, response.end
        return response

    def _take_segment(self) -> Segment | None:
        return self._scheduler.next_segment(asyncio.get_running_loop().time())

    def _has_others(self, segment: Segment) -> bool:
        """Return whether other connections are active, or the first one waits for segments."""
        if asyncio.current_task() is not self._first_task:
            return True
        return any(other is not segment for other in self._scheduler.active)

    async def _request_segment(self, segment: Segment) -> None:
        """Request a segment and receive it.

        Raises HttpcliError, _RefusedError.
        """
        fields = range_fields(segment.position, segment.end, self._state)
        request = self._request._replace(fields=self._request.fields.plus(fields))
        async with aclosing(self._send(request)) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.is_followed:
                    segment.requested_end = self._end_of_range(request, event, segment)
                    break
            await self._receive(segment, events)

    def _end_of_range(self, request: Request, response: ResponseStarted, segment: Segment) -> int:
        """Return the offset at which the range in the response ends. Raises _RefusedError."""
        coding = content_coding(response.fields)
        check = check_range_response(
            response.status,
            response.fields,
            RangeRequirements(self._state, segment.position),
            is_decoded=bool(coding) and not request.keeps_coding(coding),
        )
        if check.result is RangeResult.PART and check.end is not None:
            return check.end
        is_error = check.result is RangeResult.REFUSED
        raise _RefusedError(_error_for(response), response, is_wrong_response=not is_error)

    async def _receive(
        self,
        segment: Segment,
        events: AsyncGenerator[Event, None],
        response: FirstResponse | None = None,
    ) -> None:
        """Write the body at the segment's offset. Raises HttpcliError if it ends too early.

        ``response`` is the first response if ``events`` are of it.
        """
        clock = asyncio.get_running_loop().time
        pieces: list[bytes] = []
        buffered, written_at = 0, clock()
        try:
            async for event in events:
                if not isinstance(event, ResponseChunk):
                    continue
                data = event.data[: segment.bytes_left - buffered]
                pieces.append(data)
                buffered += len(data)
                self._mark_receiving(segment)
                self._received += len(data)
                is_due = clock() - written_at > _WRITE_INTERVAL
                if buffered >= _BLOCK or buffered >= segment.bytes_left or is_due:
                    self._write(pieces, segment)
                    pieces, buffered, written_at = [], 0, clock()
                if segment.bytes_left <= 0:
                    if response is not None:
                        response.pause(segment.position, event.data[len(data) :])
                    return
        finally:
            if pieces:
                self._write(pieces, segment)
        if segment.bytes_left > 0 and segment.position < segment.requested_end:
            raise HttpcliError(
                f"{self._request.url.authority}: received fewer bytes than announced",
                status=ExitStatus.INCOMPLETE,
            ).as_transient(TRUNCATED)

    def _mark_receiving(self, segment: Segment) -> None:
        if not segment.has_data:
            segment.has_data = True
            if all(active.has_data for active in self._scheduler.active):
                self._all_receiving.set()

    def _write(self, pieces: list[bytes], segment: Segment) -> None:
        segment.position = self._file.part.write_at(pieces, segment.position)
        # Two connections may write the same bytes, after a refusal.
        self._file.transfer.done = self._file.part.written.total


class _NotSegmentedError(Exception):
    """As SegmentedResult.NOT_SEGMENTED."""


class _RefusedError(Exception):
    """A connection did not get its range."""

    def __init__(
        self,
        error: HttpcliError,
        response: ResponseStarted | None = None,
        *,
        is_wrong_response: bool = False,
    ) -> None:
        super().__init__()
        self.is_wrong_response = is_wrong_response
        """Whether the response is no error, but not the range: another attempt is useless."""
        self.error = error
        """The error to report if no other connection can download the range."""
        self.response = response
        """The error response; None after another failure."""


def _error_for(response: ResponseStarted) -> HttpcliError:
    status_line = f"{response.status} {response.reason}".rstrip()
    return HttpcliError(
        f"{response.url.authority}: unexpected response to a range request: {status_line}",
        status=exit_status_for(response.status, following=False) or ExitStatus.INCOMPLETE,
    )
