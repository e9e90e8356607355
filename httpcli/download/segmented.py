"""One file by several connections, all of the same representation.

It begins with the response that is there already, which may be all of the file.
While that pays, the largest range is halved, and another connection asks for the
later half, on condition that the file is still the same. A connection that fails
is tried again by itself; one that is refused, or answered with something else than
its part, is dropped, and no more are added.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.protocol.range_scheduler import LOOKS, SMALLEST_FILE, Division, Growth, Segment
from httpcli.protocol.ranges import (
    RangeVerdict,
    is_another,
    judged,
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
_LONGEST = 0.25
"""Seconds for which bytes are held before they are written."""


class _StartOverError(Exception):
    """The file is another one on the server now: nothing that came can be used."""


class _UndividedError(Exception):
    """The server sends no parts after all: the rest has to come by one connection."""


class Filled(Enum):
    """What came of it."""

    WHOLE = "whole"
    CHANGED = "changed"
    """It is another file on the server by now: nothing that came can be used."""
    UNDIVIDED = "undivided"
    """The server sends no parts after all: the rest has to come by one connection."""


class Divided(NamedTuple):
    """A file that several connections fill: of what; the response at hand goes up to ``limit``."""

    known: PartialState
    part: PartFile
    transfer: Transfer
    limit: int


class SegmentedDownload:
    """Fills a file that is divided, by ``most`` connections."""

    def __init__(
        self, divided: Divided, decider: RetryDecider, send: Send, request: Request, most: int
    ) -> None:
        self._file = divided
        self._known = divided.known
        self._decider = decider
        self._send = send
        self._request = request._replace(fields=without_ranges(request.fields))
        self._growth = Growth(most)
        self._division = Division(divided.part.done.gaps(divided.known.size or 0))
        self._came = 0
        self._dropped = asyncio.Event()
        self._begun = asyncio.Event()

    async def fill(self, events: AsyncGenerator[Event, None]) -> Filled:
        """Fetch what is missing; ``events`` have the first gap. Raises HttpcliError."""
        small = self._division.left <= SMALLEST_FILE
        first = self._take_over()
        if first is None:
            return Filled.WHOLE
        first.limit = self._file.limit
        if small:
            self._growth = self._growth.stopped()
        try:
            async with asyncio.TaskGroup() as group:
                growing = group.create_task(self._grow(group))
                welcome = await self._help(first, events)
                while self._division.left > 0:  # others are at work; what they drop is done here
                    await self._dropped.wait()
                    self._dropped.clear()
                    if welcome or not self._division.active:
                        welcome = await self._help(self._take_over())
                growing.cancel()
        except BaseExceptionGroup as errors:
            if errors.subgroup(_StartOverError):
                return Filled.CHANGED
            if errors.subgroup(_UndividedError):
                return Filled.UNDIVIDED
            raise errors.exceptions[0] from None
        return Filled.WHOLE

    async def _grow(self, group: asyncio.TaskGroup) -> None:
        """Add connections while that makes the whole faster."""
        clock = asyncio.get_running_loop().time
        if not self._growth.over:  # a disk may take a while for it; the first connection goes on
            await asyncio.to_thread(self._file.part.reserve, self._known.size or 0)
        while not self._growth.over:
            await self._begun.wait()
            before, began = self._came, clock()
            rate = 0.0
            for look in LOOKS:
                await asyncio.sleep(look)
                rate = (self._came - before) / (clock() - began)
                if self._growth.pays(rate):
                    break
            self._growth = self._growth.measured(rate)
            while len(self._division.active) < self._growth.connections:
                segment = self._take_over()
                if segment is None:
                    return
                self._begun.clear()
                group.create_task(self._help(segment))

    async def _help(
        self, segment: Segment | None, events: AsyncGenerator[Event, None] | None = None
    ) -> bool:
        """Fetch one range after the other; tell whether that was welcome to its end."""
        try:
            await self._work(segment, events)
        except _RefusedError:
            self._growth = self._growth.stopped()
            return False
        return True

    async def _work(
        self, segment: Segment | None, events: AsyncGenerator[Event, None] | None
    ) -> None:
        """Fetch this range, and then others; ``events`` are the response that has it."""
        while segment is not None:
            try:
                await self._fetch(segment, events)
            finally:
                self._division.drop(segment)
                self._dropped.set()
            events = None
            segment = self._take_over()

    async def _fetch(self, segment: Segment, events: AsyncGenerator[Event, None] | None) -> None:
        """Fetch one range, from its last byte on after each failure.

        Raises HttpcliError; _RefusedError where others are at work, and come round to it.
        """
        tries = 1
        while segment.left > 0:
            before = segment.at
            try:
                await (self._ask(segment) if events is None else self._take(segment, events))
            except HttpcliError as error:
                refused = _RefusedError(error)
            except _RefusedError as error:
                refused = error
            else:
                continue  # a server may send less than it was asked for
            finally:
                events = None
            tries = 1 if segment.at > before else tries
            if refused.response is None:
                decision = self._decider.after_error(self._request, refused.error, tries)
            else:
                decision = self._decider.after_response(self._request, refused.response, tries)
            if self._others(segment) and (not segment.begun or decision.wait is None):
                raise refused
            if decision.wait is None:
                raise refused.error
            tries += 1
            await asyncio.sleep(decision.wait)

    def _take_over(self) -> Segment | None:
        return self._division.take(asyncio.get_running_loop().time())

    def _others(self, segment: Segment) -> bool:
        return any(each is not segment for each in self._division.active)

    async def _ask(self, segment: Segment) -> None:
        """Ask for a range, and take it. Raises HttpcliError, and what the answer means."""
        fields = range_fields(segment.at, segment.end, self._known)
        request = self._request._replace(fields=self._request.fields.plus(fields))
        async with aclosing(self._send(request)) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    segment.limit = self._judge(event, segment)
                    break
            await self._take(segment, events)

    def _judge(self, response: ResponseStarted, segment: Segment) -> int:
        """Return where the part ends that comes."""
        found = judged(response.status, response.fields, self._known, segment.at)
        if found.verdict is RangeVerdict.PART and found.end is not None:
            return found.end
        if found.verdict is RangeVerdict.REFUSED:
            raise _RefusedError(_refusal(response), response)
        self._growth = self._growth.stopped()
        if is_another(self._known, response.status, response.fields):
            raise _StartOverError
        if self._others(segment):
            raise _RefusedError(_refusal(response))
        raise _UndividedError

    async def _take(self, segment: Segment, events: AsyncGenerator[Event, None]) -> None:
        """Write what comes where it belongs. Raises HttpcliError where it ends too early."""
        clock = asyncio.get_running_loop().time
        pieces: list[bytes] = []
        held, written = 0, clock()
        try:
            async for event in events:
                if not isinstance(event, ResponseChunk):
                    continue
                data = event.data[: segment.left - held]
                pieces.append(data)
                held += len(data)
                self._note_begun(segment)
                self._came += len(data)
                if held >= _BLOCK or held >= segment.left or clock() - written > _LONGEST:
                    self._write(pieces, segment)
                    pieces, held, written = [], 0, clock()
                if segment.left <= 0:
                    return
        finally:
            if pieces:
                self._write(pieces, segment)
        if segment.left > 0 and segment.at < segment.limit:
            raise HttpcliError(
                f"{self._request.url.authority}: fewer bytes came than were announced",
                status=ExitStatus.INCOMPLETE,
            ).as_transient(TRUNCATED)

    def _note_begun(self, segment: Segment) -> None:
        if not segment.begun:
            segment.begun = True
            if all(each.begun for each in self._division.active):
                self._begun.set()

    def _write(self, pieces: list[bytes], segment: Segment) -> None:
        behind = self._file.part.write_at(pieces, segment.at)
        self._file.transfer.done += behind - segment.at
        segment.at = behind


class _RefusedError(Exception):
    """A connection did not get its part: the error that this is where no other one goes on."""

    def __init__(self, error: HttpcliError, response: ResponseStarted | None = None) -> None:
        super().__init__()
        self.error = error
        self.response = response


def _refusal(response: ResponseStarted) -> HttpcliError:
    answer = f"{response.status} {response.reason}".rstrip()
    return HttpcliError(
        f"{response.url.authority}: the request for a part was answered with {answer}",
        status=exit_status_for(response.status, following=False) or ExitStatus.INCOMPLETE,
    )
