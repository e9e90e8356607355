"""Many requests in one run: a few under way at once, their output in the order of the lines."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from httpcli.batch.ordered_output import Turn, Turns
from httpcli.batch.scheduler import Feed, PlanOf, Task
from httpcli.batch.source import LineSource
from httpcli.batch.status_line import Tally
from httpcli.core.errors import HttpcliError, UsageError, refusal_of
from httpcli.core.exit_status import ExitStatus, Outcome, worst
from httpcli.core.invocation import StreamKind
from httpcli.core.plan import needs_prompt
from httpcli.exchange.cookie_jars import Jars
from httpcli.exchange.request import answered
from httpcli.run_context import Means
from httpcli.terminal.streams import until_reader_leaves, writer
from httpcli.transport.pool import Engines

if TYPE_CHECKING:
    from httpcli.batch.reports import BatchReports
    from httpcli.core.batch import Batch
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.storage.user_files import BatchFiles
    from httpcli.terminal.notices import Notices

_HEADS = frozenset("HhmB")
"""Parts of what is shown that want an empty line before them."""
_MOST_WARNINGS = 1000
"""Warnings that are remembered, so that each is said once."""


def run(batch: Batch, plan_of: PlanOf, means: Means, files: BatchFiles) -> ExitStatus:
    """Send what the lines ask for; return the worst outcome.

    Raises HttpcliError where lines cannot be read or output not be written,
    BrokenPipeError, KeyboardInterrupt.
    """
    fd = _opened(batch) if batch.path else means.around.stdin.fd
    try:
        return asyncio.run(_run(batch, plan_of, means, files, fd))
    finally:
        if batch.path:
            os.close(fd)


def _opened(batch: Batch) -> int:
    try:
        return os.open(batch.path, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"{batch.name}: cannot be read: {refusal_of(error)}") from None


async def _run(
    batch: Batch, plan_of: PlanOf, means: Means, files: BatchFiles, fd: int
) -> ExitStatus:
    # What goes wrong in a task that nobody waits for any more is not news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    around = means.around
    out, err = writer(around.stdout, "standard output"), writer(around.stderr, "standard error")
    tally = Tally(batch, around, err)
    # What goes into a file does not come across the line on the screen; a pipe may lead there.
    stdout = tally.beside(out) if around.stdout.kind is StreamKind.PIPE else out
    with _reports(batch, means, stdout) as reports:
        writes = () if reports is None else reports.writes
        turns = Turns(stdout, tally.beside(err), tally.told, writes)
        jars = Jars(around.now)
        lines = LineSource(fd, batch.name, lambda: _say_waiting(batch, means.notices))
        try:
            async with until_reader_leaves(around.stdout), Engines() as engines:
                feed = Feed(batch, lines, plan_of, means.files.path)
                shared = Shared(feed, turns, tally, engines, jars, files, reports)
                crew = _Crew(batch, shared, means)
                await crew.work()
        except asyncio.CancelledError:
            tally.erase()
            tally.cut(means.notices, turns.first or lines.number + 1)
            raise
        finally:
            tally.erase()
            turns.close()
        if reports is not None:
            reports.status = crew.status
        for warning in jars.remember():
            means.notices.warn(warning)
    tally.conclude(means.notices)
    return crew.status


def _say_waiting(batch: Batch, notices: Notices) -> None:
    notices.note(f"waiting for lines of {batch.name}")


def _reports(
    batch: Batch, means: Means, stdout: Write
) -> AbstractContextManager[BatchReports | None]:
    if batch.reports is None:
        return nullcontext()
    from httpcli.batch.reports import BatchReports

    return BatchReports(batch.reports, means, stdout)


class Shared(NamedTuple):
    """What all requests of a run have in common."""

    feed: Feed
    turns: Turns
    tally: Tally
    engines: Engines
    jars: Jars
    files: BatchFiles
    reports: BatchReports | None


class _Crew:
    """Sends what the feed gives, several at a time."""

    def __init__(self, batch: Batch, shared: Shared, means: Means) -> None:
        self._batch = batch
        self._shared = shared
        self._means = means
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
                self.status = worst((self.status, status))
                if self._batch.fail_early:
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
            around, files, _, without_stdin, *_ = self._means
            voice = notices.quieter(plan.quiet)
            means = Means(around, files, voice, without_stdin, stdout=turn.out, part=part)
            return await self._answered(plan, turn, means)
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

    async def _answered(self, plan: Plan, turn: Turn, means: Means) -> ExitStatus:
        self._warn(plan, means.notices)
        if needs_prompt(plan):
            raise UsageError(
                "a batch asks for no passwords", hint="USER:PASSWORD, USER:@env:NAME, @file:PATH"
            )
        turn.apart = not _HEADS.isdisjoint(plan.show.parts)
        jar = self._shared.jars.jar_for(plan)
        return await answered(
            plan, means, jar, turn.out, turn.err, bare=self._shared.engines.sending
        )

    def _warn(self, plan: Plan, notices: Notices) -> None:
        """Say each warning once: many lines would say the same."""
        for warning in (*plan.warnings, *self._shared.files.warnings):
            if warning not in self._warned and len(self._warned) < _MOST_WARNINGS:
                self._warned.add(warning)
                notices.warn(warning)
