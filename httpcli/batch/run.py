"""Many requests in one run: a few under way at once, their output in the order of the lines."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from httpcli.batch.ordered_output import OrderedOutput, OutputSlot
from httpcli.batch.scheduler import PlanOf, Scheduler, Task
from httpcli.batch.source import LineSource
from httpcli.batch.status_line import StatusLine
from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.exit_status import ExitStatus, Outcome, worst_status
from httpcli.core.invocation import StreamKind
from httpcli.core.plan import needs_prompt
from httpcli.exchange.cookie_jars import SharedJars
from httpcli.exchange.request import send_and_show
from httpcli.run_context import RunContext
from httpcli.terminal.streams import until_reader_leaves, writer
from httpcli.transport.pool import ConnectionPool

if TYPE_CHECKING:
    from httpcli.batch.reports import BatchReports
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.planning.batch import Batch
    from httpcli.storage.user_files import BatchFiles
    from httpcli.terminal.notices import Notices

_HEADS = frozenset("HhmB")
"""Parts of what is shown that want an empty line before them."""
_MOST_WARNINGS = 1000
"""Warnings that are remembered, so that each is said once."""


def run(batch: Batch, plan_of: PlanOf, context: RunContext, files: BatchFiles) -> ExitStatus:
    """Send what the lines ask for; return the worst outcome.

    Raises HttpcliError where lines cannot be read or output not be written,
    BrokenPipeError, KeyboardInterrupt.
    """
    fd = _opened(batch) if batch.path else context.environment.stdin.fd
    try:
        return asyncio.run(_run(batch, plan_of, context, files, fd))
    finally:
        if batch.path:
            os.close(fd)


def _opened(batch: Batch) -> int:
    try:
        return os.open(batch.path, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"{batch.name}: cannot be read: {error_reason(error)}") from None


async def _run(
    batch: Batch, plan_of: PlanOf, context: RunContext, files: BatchFiles, fd: int
) -> ExitStatus:
    # What goes wrong in a task that nobody waits for any more is not news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    environment = context.environment
    out, err = (
        writer(environment.stdout, "standard output"),
        writer(environment.stderr, "standard error"),
    )
    tally = StatusLine(batch, environment, err)
    # What goes into a file does not come across the line on the screen; a pipe may lead there.
    stdout = tally.beside(out) if environment.stdout.kind is StreamKind.PIPE else out
    with _reports(batch, context, stdout) as reports:
        writes = () if reports is None else reports.writes
        turns = OrderedOutput(stdout, tally.beside(err), tally.told, writes)
        jars = SharedJars(environment.now)
        lines = LineSource(fd, batch.name, lambda: _say_waiting(batch, context.notices))
        try:
            async with until_reader_leaves(environment.stdout), ConnectionPool() as engines:
                feed = Scheduler(batch, lines, plan_of, context.files.path)
                shared = SharedState(feed, turns, tally, engines, jars, files, reports)
                crew = _WorkerPool(batch, shared, context)
                await crew.work()
        except asyncio.CancelledError:
            tally.erase()
            tally.cut(context.notices, turns.first or lines.number + 1)
            raise
        finally:
            tally.erase()
            turns.close()
        if reports is not None:
            reports.status = crew.status
        for warning in jars.save():
            context.notices.warn(warning)
    tally.finish(context.notices)
    return crew.status


def _say_waiting(batch: Batch, notices: Notices) -> None:
    notices.note(f"waiting for lines of {batch.name}")


def _reports(
    batch: Batch, context: RunContext, stdout: Write
) -> AbstractContextManager[BatchReports | None]:
    if batch.reports is None:
        return nullcontext()
    from httpcli.batch.reports import BatchReports

    return BatchReports(batch.reports, context, stdout)


class SharedState(NamedTuple):
    """What all requests of a run have in common."""

    feed: Scheduler
    turns: OrderedOutput
    tally: StatusLine
    engines: ConnectionPool
    jars: SharedJars
    files: BatchFiles
    reports: BatchReports | None


class _WorkerPool:
    """Sends what the feed gives, several at a time."""

    def __init__(self, batch: Batch, shared: SharedState, context: RunContext) -> None:
        self._batch = batch
        self._shared = shared
        self._means = context
        self._warned: set[str] = set()
        self.status = ExitStatus.OK

    async def work(self) -> None:
        """Work until there are no more lines, or somebody cannot go on. Raises what stops one."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._batch.jobs)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for worker in workers:
                if worker.done():
                    worker.result()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)

    async def _work(self) -> None:
        feed, turns = self._shared.feed, self._shared.turns
        while (task := await feed.next(turns)) is not None:
            self._shared.tally.began()
            status = await self._done(task)
            task.turn.failed = status != ExitStatus.OK
            task.turn.end()
            if status != ExitStatus.OK:
                self.status = worst_status((self.status, status))
                if self._batch.fail_fast:
                    feed.stop()

    async def _done(self, task: Task) -> ExitStatus:
        """Do a task; what goes wrong with it is told in its turn, and is no end of the others'."""
        turn, plan = task
        place = f"{self._batch.name}:{turn.number}"
        notices = self._means.notices.at(place, turn.err)
        reports = self._shared.reports
        part = None if reports is None else reports.part(turn)
        try:
            if isinstance(plan, HttpcliError):
                raise plan
            environment, files, _, without_stdin, *_ = self._means
            voice = notices.quieter(plan.quiet)
            context = RunContext(
                environment, files, voice, without_stdin, stdout=turn.out, report_part=part
            )
            return await self._answered(plan, turn, context)
        except HttpcliError as error:
            if turn.lost is not None:  # nobody's output can be written any more
                raise
            if part is not None:
                part.fail(Outcome(error.status, error.message))
            if isinstance(error, UsageError):
                notices.error(error)
            else:
                notices.error(HttpcliError(error.message))  # one line for one request
            return error.status
        except (BrokenPipeError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug of one request ends no other
            notices.error(HttpcliError(f"a bug: {type(error).__name__}: {error}"))
            return ExitStatus.FAILED

    async def _answered(self, plan: Plan, turn: OutputSlot, context: RunContext) -> ExitStatus:
        self._warn(plan, context.notices)
        if needs_prompt(plan):
            raise UsageError(
                "a batch asks for no passwords", hint="USER:PASSWORD, USER:@env:NAME, @file:PATH"
            )
        turn.apart = not _HEADS.isdisjoint(plan.display.parts)
        jar = self._shared.jars.jar_for(plan)
        return await send_and_show(
            plan, context, jar, turn.out, turn.err, open_shared=self._shared.engines.open_send
        )

    def _warn(self, plan: Plan, notices: Notices) -> None:
        """Say each warning once: many lines would say the same."""
        for warning in (*plan.warnings, *self._shared.files.warnings):
            if warning not in self._warned and len(self._warned) < _MOST_WARNINGS:
                self._warned.add(warning)
                notices.warn(warning)
