"""Reads the lines of a batch, and schedules their requests.

Requests start in the order of the lines, at the rate of ``--rate``.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.batch.ordered_output import OutputSlot
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Plan
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcli.batch.ordered_output import OrderedOutput
    from httpcli.planning.batch import Batch


_MAX_LINE = 16 * 1024 * 1024
"""Bytes."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class BatchLine(NamedTuple):
    """One line of the list."""

    number: int
    """Counted from 1."""
    data: bytes
    """Its content without the line end."""

    def text(self) -> str:
        """Return the content as text. Raises UsageError if it is not UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise UsageError(f"not UTF-8 at column {error.start + 1}") from None


class LineSource:
    """Reads the lines of a descriptor, at most two pieces ahead.

    ``name`` is its name in messages; ``notify_waiting`` is called after a while without bytes.
    ``owns_fd``: see ``StandardInput``.
    """

    def __init__(
        self, fd: int, name: str, notify_waiting: Callable[[], None], *, owns_fd: bool = False
    ) -> None:
        self._pieces = StandardInput(fd, notify_waiting, owns_fd=owns_fd).rest()
        self._name = name
        self._read_lines: Iterator[bytes] = iter(())
        self._incomplete_line = b""
        self._ended = False
        self.number = 0
        """The number of the last line returned."""

    async def next(self) -> BatchLine | None:
        """Return the next line; None after the last one.

        Raises HttpcliError if it cannot be read or is longer than 16 MiB.
        """
        while (line := self.next_buffered()) is None and not self._ended:
            await self._read()
        return line

    def next_buffered(self) -> BatchLine | None:
        """Return the next line if its bytes have been read already, else None."""
        data = next(self._read_lines, None)
        if data is None:
            return None
        self.number += 1
        if self.number == 1:
            data = data.removeprefix(_BYTE_ORDER_MARK)
        return BatchLine(self.number, data.removesuffix(b"\r"))

    async def _read(self) -> None:
        pieces = [self._incomplete_line]
        size = len(self._incomplete_line)
        while size <= _MAX_LINE:
            piece = await anext(self._pieces, b"")
            pieces.append(piece)
            size += len(piece)
            if not piece or b"\n" in piece:
                self._ended = not piece
                lines = b"".join(pieces).split(b"\n")
                self._incomplete_line = b"" if self._ended else lines.pop()
                if self._ended and not lines[-1]:
                    lines.pop()  # the last line ended with a line end
                self._read_lines = iter(lines)
                return
        raise HttpcliError(
            f"{self._name}:{self.number + 1}: the line is longer than 16 MiB",
            status=ExitStatus.USAGE,
        )


PlanOf = Callable[[str], Plan | None]
"""Plans a line; returns None for an empty line or a comment. Raises HttpcliError."""


class Job(NamedTuple):
    """One line for a worker to run."""

    slot: OutputSlot
    """Takes the output."""
    plan_or_error: Plan | HttpcliError
    """The plan of a line, or why the line is invalid."""


class Scheduler:
    """Assigns lines to workers. A line is read and planned only when a worker is free.

    ``resolve`` makes a typed path absolute.
    """

    def __init__(
        self, batch: Batch, lines: LineSource, plan_of: PlanOf, resolve: Callable[[str], str]
    ) -> None:
        self._batch = batch
        self._lines = lines
        self._plan_of = plan_of
        self._resolve = resolve
        self._output_lines: dict[int, int] = {}
        """Line numbers by the hash of their output path; a hash, to save memory."""
        self._lock = asyncio.Lock()
        self._waiting_task: asyncio.Task[object] | None = None
        """The worker that has the lock, and waits for a line or for its start."""
        self._is_stopped = False
        self._next_start = 0.0
        """When the next request may start; 0 before the first one."""

    async def next(self, output: OrderedOutput) -> Job | None:
        """Return the next job; None after the last one. Raises HttpcliError."""
        job = self._next_without_waiting(output)
        if job is not None:
            return job
        async with self._lock:
            self._waiting_task = asyncio.current_task()
            try:
                return await self._next(output)
            except asyncio.CancelledError:
                if self._is_stopped:
                    return None
                raise
            finally:
                self._waiting_task = None

    def stop(self) -> None:
        """Return no more jobs, also to a waiting worker."""
        if not self._is_stopped:
            self._is_stopped = True
            if self._waiting_task is not None:
                self._waiting_task.cancel()

    def _next_without_waiting(self, output: OrderedOutput) -> Job | None:
        """Return the next job if its line has been read and may start now, else None.

        It does not take the lock, which wakes only one worker per iteration of the event loop:
        workers that once waited would start one by one, even if many lines have been read.
        """
        if self._lock.locked() or self._batch.min_interval or not output.has_room:
            return None
        while not self._is_stopped and (line := self._lines.next_buffered()) is not None:
            plan = self._plan_line(line)
            if plan is not None:
                return Job(output.open_slot(line.number), plan)
        return None

    async def _next(self, output: OrderedOutput) -> Job | None:
        await output.wait_for_room()
        while not self._is_stopped and (line := await self._lines.next()) is not None:
            plan = self._plan_line(line)
            if plan is None:
                continue
            if isinstance(plan, Plan):
                await self._wait_for_start()
            return Job(output.open_slot(line.number), plan)
        return None

    def _plan_line(self, line: BatchLine) -> Plan | HttpcliError | None:
        """Return the plan of a line, or its error; None for an empty line or a comment."""
        try:
            plan = self._plan_of(line.text())
            if plan is not None and plan.output is not None:
                self._check_output(self._resolve(plan.output), plan.output, line.number)
            return plan
        except HttpcliError as error:
            return error

    def _check_output(self, path: str, typed: str, number: int) -> None:
        """Raise UsageError if an earlier line writes the same file."""
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return  # a device takes the output of all lines
        except OSError:
            pass  # it does not exist yet
        earlier = self._output_lines.setdefault(hash(os.path.realpath(path)), number)
        if earlier != number:
            raise UsageError(
                f"--output={typed}: line {earlier} writes the same file",
                hint="use a different file for each line, or standard output for all",
            )

    async def _wait_for_start(self) -> None:
        """Wait until a request may start. After a delay, only one interval is skipped."""
        interval = self._batch.min_interval
        if not interval:
            return
        clock = asyncio.get_running_loop().time
        self._next_start = max(self._next_start or clock(), clock() - interval)
        if self._next_start > clock():
            await asyncio.sleep(self._next_start - clock())
        self._next_start += interval
