"""The run of ``httpcli download``: some files at once, told together, the worst one's status."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import Download
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, worst_status
from httpcli.core.plan import needs_prompt
from httpcli.core.transfers import ProgressStyle
from httpcli.download.response import ResponseHandler
from httpcli.download.run import received
from httpcli.exchange.cookie_jars import SharedJars
from httpcli.exchange.request import time_limit
from httpcli.observers.dispatch import Observers
from httpcli.output.transfer_lines import summary
from httpcli.progress.tracker import progress_for
from httpcli.protocol.secrets import without_secrets
from httpcli.run_context import RunContext
from httpcli.terminal.streams import to_stdout
from httpcli.transport.shared_connections import SharedConnections

if TYPE_CHECKING:
    from httpcli.core.batch import Downloads
    from httpcli.core.interfaces import Send
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.core.transfers import ProgressSnapshot
    from httpcli.protocol.cookies import Jar
    from httpcli.storage.user_files import UserFiles
    from httpcli.terminal.notices import Notices


class Result(NamedTuple):
    """What became of one file: ``reason`` why it is not there, empty where it is."""

    name: str
    status: ExitStatus
    reason: str = ""
    standing: ProgressSnapshot | None = None


def run(
    downloads: Downloads, environment: Environment, files: UserFiles, notices: Notices
) -> ExitStatus:
    """Download all of them. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in dict.fromkeys(warning for plan in downloads.plans for warning in plan.warnings):
        notices.warn(warning)
    context = RunContext(
        environment, files, notices, plan_without_stdin=lambda: downloads.plans[0]
    )
    if any(map(needs_prompt, downloads.plans)):
        from httpcli.exchange.prompts import prompt_for_all_secrets

        answered = prompt_for_all_secrets(downloads.plans)
        downloads = downloads._replace(plans=answered)
    jars = SharedJars(environment.now)
    with_jars = [(plan, jars.jar_for(plan)) for plan in downloads.plans]
    status = asyncio.run(_Run(downloads, context).all(with_jars))
    for warning in jars.save():
        notices.warn(warning)
    return status


class _Run:
    """The run on its event loop."""

    def __init__(self, downloads: Downloads, context: RunContext) -> None:
        self._downloads = downloads
        self._stdout = to_stdout(context.environment)
        self._progress = progress_for(downloads.progress_style, context.environment)
        self._progress.expect(len(downloads.plans))
        self._means = context._replace(notices=context.notices.through(self._progress.above))
        self._turn = asyncio.Semaphore(downloads.jobs)
        self._left: list[str] = []
        """What is said of each file that is there in part."""

    async def all(self, plans: list[tuple[Plan, Jar | None]]) -> ExitStatus:
        """Download all of them, and say what became of each."""
        # What goes wrong in a task that nobody waits for any more is not news.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        with closing(self._progress):
            async with SharedConnections() as ways:
                tasks = [
                    asyncio.create_task(self._one(plan, jar, await ways.of(plan)))
                    for plan, jar in plans
                ]
                try:
                    await _until_done(tasks)
                finally:
                    self._say_what_is_left()
        results = [task.result() for task in tasks]
        told = (
            self._downloads.progress_style is not ProgressStyle.JSON and not self._downloads.quiet
        )
        if len(results) > 1 and told:
            lines = [(each.name, each.standing, each.reason) for each in results]
            self._progress.above(summary(lines).encode("utf-8", "backslashreplace"))
        return worst_status(each.status for each in results)

    def _say_what_is_left(self) -> None:
        several = f"{len(self._left)} files are there in part: --continue goes on with them"
        for line in self._left if len(self._left) < 2 else (several,):
            self._means.notices.note(line)

    async def _one(self, plan: Plan, jar: Jar | None, send: Send | None) -> Result:
        async with self._turn:
            result = await self._result(plan, jar, send)
        if result.status is ExitStatus.OK and self._downloads.print_paths:
            self._stdout(os.fsencode(result.name) + b"\n")
        return result

    async def _result(self, plan: Plan, jar: Jar | None, send: Send | None) -> Result:
        """Download one file; its failure is its own."""
        url = plan.request.url
        called = f"{url.authority}{without_secrets(url.target)}"
        context, write = self._means, self._progress.above
        wish = plan.download or Download()
        receiving = ResponseHandler(
            wish, plan.request, context, self._progress, context.notices.note
        )
        try:
            async with time_limit(plan):
                with Observers(plan, context, write, write) as observers:
                    status = await received(
                        plan, context, jar, observers, receiving, self._left.append, send
                    )
        except HttpcliError as error:
            error.message = f"{called}: {error.message}"
            context.notices.error(error)
            return Result(called, error.status, error.message)
        status = worst_status((observers.status, status))
        if status is not ExitStatus.OK:
            reason = observers.reason or "not saved"
            context.notices.warn(f"{called}: {reason}")
            return Result(called, status, reason)
        transfer = receiving.saving.transfer
        standing = None if transfer is None else transfer.average()
        return Result(receiving.name or called, status, "", standing)


async def _until_done(tasks: list[asyncio.Task[Result]]) -> None:
    """Wait for all; where one fails in a way that is not its own, the others end, too.

    No task group: that cancels twice what Ctrl-C has cancelled, and so would keep
    files from writing down what they have.
    """
    try:
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        await asyncio.wait(tasks)
        raise
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest)
    for task in done:
        task.result()
