"""Runs a batch: sends several requests at once, and writes their output in the order of lines."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from httpcli.batch.ordered_output import OrderedOutput
from httpcli.batch.scheduler import Job, LineSource, PlanOf, Scheduler
from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.exit_status import ExitStatus, Outcome, worst_status
from httpcli.core.invocation import StreamKind
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Plan, needs_prompt
from httpcli.event_loop import run_in_loop
from httpcli.exchange.cookie_jars import SharedJars
from httpcli.exchange.request import send_and_show
from httpcli.run_context import RunContext
from httpcli.terminal.streams import stderr_writer, stdout_writer, until_reader_leaves
from httpcli.transport.pool import ConnectionPool

if TYPE_CHECKING:
    from httpcli.batch.ordered_output import OutputSlot
    from httpcli.batch.reports import BatchReports
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.planning.batch import Batch
    from httpcli.terminal.notices import Notices


_SEPARATED_PARTS = frozenset("HhmB")
"""Parts of an exchange that are printed after an empty line."""
_MAX_WARNINGS = 1000
"""Different warnings that are printed, each once."""
_STATUS_DELAY = 1.0
"""Seconds before the status line is shown: a short batch needs none."""
_STATUS_INTERVAL = 0.1
"""Seconds between two updates of the status line."""


def run_lines(
    batch: Batch, plan_of: PlanOf, context: RunContext, file_warnings: list[str]
) -> ExitStatus:
    """Send the requests of all lines; return the worst exit status.

    ``plan_of`` appends warnings about the files that it reads to ``file_warnings``.
    Raises HttpcliError if lines cannot be read or output cannot be written, BrokenPipeError,
    KeyboardInterrupt.
    """
    fd = _open_list(batch) if batch.path else context.environment.stdin.fd
    return run_in_loop(_send_lines(batch, plan_of, context, file_warnings, fd))


def _open_list(batch: Batch) -> int:
    try:
        return os.open(batch.path, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"{batch.name}: cannot be read: {error_reason(error)}") from None


async def _send_lines(
    batch: Batch, plan_of: PlanOf, context: RunContext, file_warnings: list[str], fd: int
) -> ExitStatus:
    """Send the requests of the lines that are read from ``fd``."""
    environment = context.environment
    stdout = stdout_writer(environment)
    stderr = stderr_writer(environment)
    status_line = StatusLine(batch, environment)
    if environment.stdout.kind is StreamKind.PIPE:  # its reader may write to the same terminal
        stdout = status_line.erase_before(stdout)
    with _open_reports(batch, context, stdout) as reports:
        output = OrderedOutput(
            stdout,
            stdout_writer(environment, raw=True),
            status_line.erase_before(stderr),
            status_line.count_end,
            () if reports is None else reports.writes,
        )
        jars = SharedJars(environment.now)
        lines = LineSource(
            fd,
            batch.name,
            lambda: _note_waiting(batch, context.notices),
            owns_fd=bool(batch.path),
        )
        try:
            async with until_reader_leaves(environment.stdout), ConnectionPool() as connections:
                scheduler = Scheduler(batch, lines, plan_of, context.files.path)
                shared = _SharedState(
                    scheduler, output, status_line, connections, jars, file_warnings, reports
                )
                workers = _WorkerPool(batch, shared, context)
                await workers.send_all()
        except asyncio.CancelledError:
            status_line.erase()
            status_line.print_interruption(context.notices, output.first or lines.number + 1)
            raise
        finally:
            status_line.erase()
            output.close()
        if reports is not None:
            reports.status = workers.status
        for warning in jars.save():
            context.notices.warn(warning)
    status_line.print_summary(context.notices)
    return workers.status


def _note_waiting(batch: Batch, notices: Notices) -> None:
    notices.note(f"reading requests from {batch.name}")


def _open_reports(
    batch: Batch, context: RunContext, stdout: Write
) -> AbstractContextManager[BatchReports | None]:
    if batch.reports is None:
        return nullcontext()
    from httpcli.batch.reports import BatchReports

    return BatchReports(batch.reports, context, stdout)


class _SharedState(NamedTuple):
    """The objects that all requests of a batch share."""

    scheduler: Scheduler
    output: OrderedOutput
    status_line: StatusLine
    connections: ConnectionPool
    jars: SharedJars
    file_warnings: list[str]
    """Warnings about the files that the lines name."""
    reports: BatchReports | None
    """None without reports."""


class _WorkerPool:
    """Sends the requests of the scheduler, ``batch.jobs`` at once."""

    def __init__(self, batch: Batch, shared: _SharedState, context: RunContext) -> None:
        self._batch = batch
        self._shared = shared
        self._context = context
        self._printed: set[str] = set()
        self.status = ExitStatus.OK
        """The worst exit status of all requests so far."""

    async def send_all(self) -> None:
        """Send the requests of all lines. Raises the first error that ends the batch."""
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
        scheduler, output = self._shared.scheduler, self._shared.output
        while (job := await scheduler.next(output)) is not None:
            self._shared.status_line.count_start()
            status = await self._run_job(job)
            job.slot.failed = status != ExitStatus.OK
            job.slot.finish()
            if status != ExitStatus.OK:
                self.status = worst_status((self.status, status))
                if self._batch.fail_fast:
                    scheduler.stop()

    async def _run_job(self, job: Job) -> ExitStatus:
        """Send the request of a line. Its errors are printed and do not end other requests."""
        slot, plan = job
        notices = self._context.notices.for_place(
            f"{self._batch.name}:{slot.number}", slot.write_stderr
        )
        reports = self._shared.reports
        part = None if reports is None else reports.part(slot)
        try:
            if isinstance(plan, HttpcliError):
                raise plan
            notices.redact_secrets_of(plan)
            context = RunContext(
                self._context.environment,
                self._context.files,
                notices.with_quiet(plan.quiet),
                self._context.plan_without_stdin,
                stdout=slot.write_stdout,
                report_part=part,
            )
            return await self._send(plan, slot, context)
        except HttpcliError as error:
            if slot.write_error is not None:  # no output can be written any more
                raise
            if reports is not None and part is not None:
                reports.add_failure(part, Outcome(error.status, error.message))
            if isinstance(error, UsageError):
                notices.error(error)
            else:
                notices.error(HttpcliError(error.message))  # without a hint: one line per error
            return error.status
        except (BrokenPipeError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug in one request must not end the others
            notices.error(HttpcliError(f"internal error: {type(error).__name__}: {error}"))
            return ExitStatus.FAILED

    async def _send(self, plan: Plan, slot: OutputSlot, context: RunContext) -> ExitStatus:
        self._print_warnings(plan, context.notices)
        if needs_prompt(plan):
            raise UsageError(
                "a batch cannot prompt for passwords",
                hint="use USER:PASSWORD, USER:@env:NAME or @file:PATH",
            )
        slot.needs_separator = not _SEPARATED_PARTS.isdisjoint(plan.display.parts)
        return await send_and_show(
            plan,
            context,
            self._shared.jars.jar_for(plan),
            slot.write_raw_stdout if plan.display.is_raw else slot.write_stdout,
            slot.write_stderr,
            open_shared=self._shared.connections.open_send,
        )

    def _print_warnings(self, plan: Plan, notices: Notices) -> None:
        """Print each warning once, although many lines may cause it."""
        for warning in (*plan.warnings, *self._shared.file_warnings):
            if warning not in self._printed and len(self._printed) < _MAX_WARNINGS:
                self._printed.add(warning)
                notices.warn(warning)


class StatusLine:
    """A line of counts on stderr that is overwritten in place, without the library rich."""

    def __init__(self, batch: Batch, environment: Environment) -> None:
        self._batch = batch
        self._clock = environment.clock
        self._is_interactive = environment.stderr.is_terminal and not batch.quiet
        # The output on the same terminal shows the progress.
        self._is_shown = self._is_interactive and not environment.stdout.is_terminal
        if self._is_shown:
            from httpcli.terminal.terminal_output import redraw_writer

            self._redraw = redraw_writer(environment.stderr, "standard error")
        self._start_time = self._clock()
        self._last_update = self._start_time + _STATUS_DELAY - _STATUS_INTERVAL
        self._needs_erasing = False
        self._started = 0
        self._done = 0
        self._failed = 0

    def count_start(self) -> None:
        """Count a started request."""
        self._started += 1

    def count_end(self, slot: OutputSlot) -> None:
        """Count a request whose output has been written completely."""
        self._done += 1
        self._failed += slot.failed
        if self._is_shown and self._clock() - self._last_update >= _STATUS_INTERVAL:
            self._last_update = self._clock()
            self._needs_erasing = True
            under_way = self._started - self._done
            self._redraw(1, f"{self._counts()}, {under_way} in progress".encode())

    def erase_before(self, write: Write) -> Write:
        """Return a function that erases the line and calls ``write``."""
        if not self._is_shown:
            return write

        def erase_and_write(data: bytes) -> None:
            self.erase()
            write(data)

        return erase_and_write

    def erase(self) -> None:
        """Erase the line if it is shown."""
        if self._needs_erasing:
            self._needs_erasing = False
            self._redraw(1, b"")

    def print_summary(self, notices: Notices) -> None:
        """Print the final counts for a user at a terminal."""
        if self._is_interactive:
            notices.note(f"{self._counts()}, in {self._clock() - self._start_time:.1f} s")

    def print_interruption(self, notices: Notices, first: int) -> None:
        """Print the counts of an interrupted run; ``first`` is the first unfinished line."""
        cut_off = self._started - self._done
        notices.note(
            f"{self._counts()}, {cut_off} interrupted; not sent: {self._batch.name}, from "
            f"line {first}"
        )

    def _counts(self) -> str:
        return f"{self._done} done, {self._failed} failed"
