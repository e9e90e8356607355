"""Gives workers what is next: in the order of the lines, and no faster than was asked for."""

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
"""Plan a line; None where it asks for nothing. Raises HttpcliError."""


class Task(NamedTuple):
    """What a worker does next: a request, or to tell why a line is none; and its turn."""

    turn: OutputSlot
    plan: Plan | HttpcliError


class Scheduler:
    """Plans one line after another. A line is read when somebody is free to send it."""

    def __init__(
        self, batch: Batch, lines: LineSource, plan_of: PlanOf, path: Callable[[str], str]
    ) -> None:
        self._batch = batch
        self._lines = lines
        self._plan_of = plan_of
        self._path = path
        self._outputs: dict[int, int] = {}
        self._one_at_a_time = asyncio.Lock()
        self._waiting: asyncio.Task[object] | None = None
        self._is_stopped = False
        self._due = 0.0

    async def next(self, turns: OrderedOutput) -> Task | None:
        """Return what is next, None where that is nothing. Raises HttpcliError."""
        task = self._at_hand(turns)
        if task is not None:
            return task
        async with self._one_at_a_time:
            self._waiting = asyncio.current_task()
            try:
                return await self._next(turns)
            except asyncio.CancelledError:
                if self._is_stopped:
                    return None
                raise
            finally:
                self._waiting = None

    def stop(self) -> None:
        """Give nothing more, also to who waits."""
        if not self._is_stopped:
            self._is_stopped = True
            if self._waiting is not None:
                self._waiting.cancel()

    def _at_hand(self, turns: OrderedOutput) -> Task | None:
        """Return what is next where nothing is to be waited for.

        Not by the lock: it wakes one a loop's turn, so that who once waited for
        lines would wait in a row for ever, although all of them are there.
        """
        if self._one_at_a_time.locked() or self._batch.min_interval or not turns.has_room:
            return None
        while not self._is_stopped and (line := self._lines.at_hand()) is not None:
            plan = self._planned(line)
            if plan is not None:
                return Task(turns.take(line.number), plan)
        return None

    async def _next(self, turns: OrderedOutput) -> Task | None:
        await turns.room()
        while not self._is_stopped and (line := await self._lines.next()) is not None:
            plan = self._planned(line)
            if plan is None:
                continue
            if isinstance(plan, Plan):
                await self._pace()
            return Task(turns.take(line.number), plan)
        return None

    def _planned(self, line: BatchLine) -> Plan | HttpcliError | None:
        """Return a line's plan, or why it has none; None where it asks for nothing."""
        try:
            return self._checked(line)
        except HttpcliError as error:
            return error

    def _checked(self, line: BatchLine) -> Plan | None:
        plan = self._plan_of(line.text())
        if plan is not None and plan.output is not None:
            self._claim(self._path(plan.output), plan.output, line.number)
        return plan

    def _claim(self, path: str, typed: str, number: int) -> None:
        """Raise UsageError for a file that another line writes, too: which one won was chance."""
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return  # a device takes them all
        except OSError:
            pass  # it is not there yet
        before = self._outputs.setdefault(hash(os.path.realpath(path)), number)
        if before != number:
            raise UsageError(
                f"--output={typed}: line {before} writes that file already",
                hint="a file for each line, or standard output for all",
            )

    async def _pace(self) -> None:
        """Wait until a request may begin. What a late one has lost is made up for by one gap."""
        gap = self._batch.min_interval
        if not gap:
            return
        clock = asyncio.get_running_loop().time
        self._due = max(self._due or clock(), clock() - gap)
        if self._due > clock():
            await asyncio.sleep(self._due - clock())
        self._due += gap
