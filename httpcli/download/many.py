"""Runs ``httpcli download``: several files at once; the exit status is the worst of all."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING

from httpcli.core.download import Download
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, worst_status
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import needs_prompt
from httpcli.core.plan_options import ProgressStyle
from httpcli.download.response import ResponseHandler
from httpcli.download.run import download_file
from httpcli.event_loop import run_in_loop
from httpcli.exchange.cookie_jars import SharedJars
from httpcli.exchange.request import time_limit
from httpcli.observers.group import Observers
from httpcli.output.transfer_lines import summary
from httpcli.progress.tracker import make_progress
from httpcli.protocol.redaction import Redaction, known_secrets
from httpcli.run_context import RunContext
from httpcli.terminal.streams import stdout_writer
from httpcli.transport.open_engine import refuse_body
from httpcli.transport.pool import ConnectionPool

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.download.writer import PartialFile
    from httpcli.output.transfer_lines import ProgressSnapshot
    from httpcli.protocol.cookies import Jar
    from httpcli.storage.user_files import UserFiles
    from httpcli.terminal.notices import Notices


class Downloads(NamedTuple):
    """The downloads of a run, and how they are reported."""

    plans: tuple[Plan, ...]
    jobs: int = 4
    """Files at a time."""
    progress_style: ProgressStyle | None = ProgressStyle.ENDS
    """How progress is reported; None for not at all."""
    print_paths: bool = False
    """Whether the path of each finished file is printed on standard output."""
    quiet: int = 0
    """How many times ``--quiet`` was given."""


class FileResult(NamedTuple):
    """The outcome of one file."""

    name: str
    """The file, or its URL if it was not saved."""
    status: ExitStatus
    reason: str = ""
    """Why it was not saved; empty if it was."""
    snapshot: ProgressSnapshot | None = None
    """Its final progress; None if nothing was transferred."""


def run_downloads(
    downloads: Downloads, environment: Environment, files: UserFiles, notices: Notices
) -> ExitStatus:
    """Download all files. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in dict.fromkeys(warning for plan in downloads.plans for warning in plan.warnings):
        notices.warn(warning)
    context = RunContext(environment, files, notices, plan_without_stdin=_no_plan)
    if any(map(needs_prompt, downloads.plans)):
        from httpcli.exchange.prompts import prompt_for_all_secrets

        answered = prompt_for_all_secrets(downloads.plans)
        downloads = downloads._replace(plans=answered)
    for plan in downloads.plans:
        notices.redact_secrets_of(plan)
    jars = SharedJars(environment.now)
    with_jars = [(plan, jars.jar_for(plan)) for plan in downloads.plans]
    status = run_in_loop(_DownloadRun(downloads, context).download_all(with_jars))
    for warning in jars.save():
        notices.warn(warning)
    return status


def _no_plan() -> Plan:
    raise AssertionError("each download has its own context")


class _DownloadRun:
    """All downloads, inside the event loop."""

    def __init__(self, downloads: Downloads, context: RunContext) -> None:
        self._downloads = downloads
        self._stdout = stdout_writer(context.environment)
        self._progress = make_progress(downloads.progress_style, context.environment)
        self._progress.set_file_count(len(downloads.plans))
        self._context = context._replace(
            notices=context.notices.writing_to(self._progress.write_above)
        )
        self._jobs = asyncio.Semaphore(downloads.jobs)
        self._partial_files: list[PartialFile] = []
        """The partial files that are kept."""
        self._finished: dict[str, str] = {}
        """The URLs of the files that are saved, or were there already, by their paths."""

    async def download_all(self, plans: list[tuple[Plan, Jar | None]]) -> ExitStatus:
        """Download all files, and report each."""
        with closing(self._progress):
            async with ConnectionPool() as pool, AsyncExitStack() as stack:
                tasks = [
                    asyncio.create_task(
                        self._download(plan, jar, await _shared_send(pool, plan, stack))
                    )
                    for plan, jar in plans
                ]
                try:
                    await _wait_for_all(tasks)
                finally:
                    self._report_partial_files()
        results = [task.result() for task in tasks]
        is_json = self._downloads.progress_style is ProgressStyle.JSON
        if len(results) > 1 and not is_json and not self._downloads.quiet:
            lines = [(result.name, result.snapshot, result.reason) for result in results]
            self._progress.write_above(summary(lines).encode("utf-8", "backslashreplace"))
        return worst_status(result.status for result in results)

    def _report_partial_files(self) -> None:
        files = self._partial_files
        for line in _partial_file_lines(files):
            self._context.notices.note(line)

    async def _download(self, plan: Plan, jar: Jar | None, send: Send | None) -> FileResult:
        async with self._jobs:
            result = await self._download_file(plan, jar, send)
        if result.status is ExitStatus.OK and self._downloads.print_paths:
            self._stdout(os.fsencode(result.name) + b"\n")
        return result

    async def _download_file(self, plan: Plan, jar: Jar | None, send: Send | None) -> FileResult:
        """Download one file; report its failure without an effect on other files."""
        url = plan.request.url
        redaction = Redaction(known_secrets(plan))
        shown_url = f"{url.authority}{redaction.url(url.target)}"
        context = self._context._replace(plan_without_stdin=lambda: plan)
        write = self._progress.write_above
        settings = plan.download or Download()
        handler = ResponseHandler(
            settings,
            plan.request,
            context,
            self._progress,
            context.notices.note,
            self._finished,
        )
        try:
            async with time_limit(plan):
                with Observers(plan, context, write, write) as observers:
                    status = await download_file(
                        plan, context, jar, observers, handler, self._partial_files.append, send
                    )
        except HttpcliError as error:
            reason = error.message
            for known in (url.authority, handler.name):
                reason = reason.removeprefix(f"{known}: ")
            error.message = f"{shown_url}: {reason}"
            context.notices.error(error)
            return FileResult(shown_url, error.status, redaction.text(reason))
        status = worst_status((observers.status, status))
        if status is not ExitStatus.OK:
            reason = observers.reason or "not saved"
            context.notices.warn(f"{shown_url}: {reason}")
            return FileResult(shown_url, status, reason)
        transfer = handler.writer.transfer
        snapshot = None if transfer is None else transfer.average()
        return FileResult(handler.name or shown_url, status, "", snapshot)


def _partial_file_lines(files: list[PartialFile]) -> list[str]:
    """Return the message about the partial files of a run, as few lines."""
    lines = [file.message for file in files if file.must_be_named]
    files = [file for file in files if not file.must_be_named]
    if len(files) < 2:
        return lines + [file.message for file in files]
    unproven = sum(file.needs_trust for file in files)
    if len(files) > unproven:
        lines.append(f"{_kept(len(files) - unproven)} kept; to resume: --continue")
    if unproven:
        lines.append(
            f"{_kept(unproven)} kept, but the server cannot prove that the files are unchanged;"
            " to resume them anyway: --continue=trust"
        )
    return lines


def _kept(count: int) -> str:
    return "1 partial file was" if count == 1 else f"{count} partial files were"


async def _shared_send(pool: ConnectionPool, plan: Plan, stack: AsyncExitStack) -> Send | None:
    """Return a Send over shared connections; None for a request with a body."""
    if plan.request.body is not None:
        return None
    return await stack.enter_async_context(pool.open_send(plan, refuse_body))


async def _wait_for_all(tasks: list[asyncio.Task[FileResult]]) -> None:
    """Wait for all tasks; if one raises an error that is not about its file, cancel the others.

    Without a task group: after Ctrl-C it would cancel the tasks a second time, while they save
    their sidecars.
    """
    try:
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        await asyncio.wait(tasks)
        raise
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)
    for task in done:
        task.result()
