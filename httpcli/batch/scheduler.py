"""Decides which line a worker sends next: in the order of lines, at the rate of ``--rate``."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from httpcli.batch.ordered_output import OutputSlot
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.plan import Plan

if TYPE_CHECKING:
    from httpcli.batch.ordered_output import OrderedOutput
    from httpcli.batch.source import BatchLine, LineSource
    from httpcli.planning.batch import Batch

PlanOf = Callable[[str], Plan | None]
"""Plans a line; None for an empty line or a comment. Raises HttpcliError."""


class Job(NamedTuple):
    """What a worker does next."""

    slot: OutputSlot
    """Where the output goes."""
    plan: Plan | HttpcliError
    """The plan of a line, or why the line is invalid."""


class Scheduler:
    """Gives jobs to workers. A line is read and planned only when a worker is free.

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
        """The lines that write output files, by hashes of paths: there may be many lines."""
        self._lock = asyncio.Lock()
        self._waiting_task: asyncio.Task[object] | None = None
        """The worker that waits for a line or its start, while it has the lock."""
        self._is_stopped = False
        self._next_start = 0.0

    async def next(self, output: OrderedOutput) -> Job | None:
        """Return the next job, None if there is no more. Raises HttpcliError."""
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
        """Give no more jobs, also to a worker that waits for one."""
        if not self._is_stopped:
            self._is_stopped = True
            if self._waiting_task is not None:
                self._waiting_task.cancel()

    def _next_without_waiting(self, output: OrderedOutput) -> Job | None:
        """Return the next job if its line has been read and may start now, else None.

        Without the lock, which wakes one worker per iteration of the event loop: workers that
        once waited for lines would then start one by one, although many lines have been read.
        """
        if self._lock.locked() or self._batch.min_interval or not output.has_room:
            return None
        while not self._is_stopped and (line := self._lines.next_read()) is not None:
            plan = self._planned(line)
            if plan is not None:
                return Job(output.open_slot(line.number), plan)
        return None

    async def _next(self, output: OrderedOutput) -> Job | None:
        await output.wait_for_room()
        while not self._is_stopped and (line := await self._lines.next()) is not None:
            plan = self._planned(line)
            if plan is None:
                continue
            if isinstance(plan, Plan):
                await self._wait_for_start()
            return Job(output.open_slot(line.number), plan)
        return None

    def _planned(self, line: BatchLine) -> Plan | HttpcliError | None:
        """Return the plan of a line, or its error; None for an empty line or a comment."""
        try:
            plan = self._plan_of(line.text())
            if plan is not None and plan.output is not None:
                self._check_output(self._resolve(plan.output), plan.output, line.number)
            return plan
        except HttpcliError as error:
            return error

    def _check_output(self, path: str, typed: str, number: int) -> None:
        """Raise UsageError if an earlier line writes the same file: one would be lost."""
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return  # a device takes the output of all lines
        except OSError:
            pass  # it does not exist yet
        before = self._output_lines.setdefault(hash(os.path.realpath(path)), number)
        if before != number:
            raise UsageError(
                f"--output={typed}: line {before} writes that file already",
                hint="a file for each line, or standard output for all",
            )

    async def _wait_for_start(self) -> None:
        """Wait until a request may start; after a delay, at most one interval is made up for."""
        interval = self._batch.min_interval
        if not interval:
            return
        clock = asyncio.get_running_loop().time
        self._next_start = max(self._next_start or clock(), clock() - interval)
        if self._next_start > clock():
            await asyncio.sleep(self._next_start - clock())
        self._next_start += interval
