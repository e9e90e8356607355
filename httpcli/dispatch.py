"""Runs a plan: asks what must be asked, picks the mode, remembers what came of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from httpcli.core.entry_points import load
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Mode, Plan, needs_prompt
from httpcli.exchange.request import send_and_show, time_limit
from httpcli.run_context import RunContext
from httpcli.terminal.streams import to_stderr, to_stdout

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.protocol.cookies import Jar
    from httpcli.terminal.notices import Notices

MODES = {
    Mode.CERTIFICATES: "httpcli.exchange.show_cert:show_certificates",
    Mode.CURL: "httpcli.exchange.print_curl:print_curl",
    Mode.DOWNLOAD: "httpcli.download.run:download",
    Mode.WEBSOCKET: "httpcli.websocket.run:run_websocket",
}
"""Kinds of run besides one request, each an async function of (Plan, Means, Jar or
None) that returns the exit status. Around it run ``--max-time`` and what is remembered.
"""


def run(plan: Plan, context: RunContext) -> ExitStatus:
    """Do what the plan says. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in plan.warnings:
        context.notices.warn(warning)
    if needs_prompt(plan):
        from httpcli.exchange.prompts import prompt_for_secrets

        plan = prompt_for_secrets(plan)
    if plan.session is None and plan.cookie_file is None:
        return asyncio.run(_run(plan, context, None))
    now = context.environment.now
    from httpcli.exchange.cookie_jars import open_jar

    jar = open_jar(plan, now())
    status = asyncio.run(_run(plan, context, jar))
    from httpcli.exchange.cookie_jars import save_cookies_and_session

    for warning in save_cookies_and_session(plan, jar, now()):
        context.notices.warn(warning)
    return status


def run_batch(environment: Environment, notices: Notices) -> ExitStatus:
    """Run ``--batch`` and return the worst outcome.

    Raises UsageError for an error outside of the lines, HttpcliError for a
    file that cannot be read.
    """
    from httpcli.batch.run import run as run_lines
    from httpcli.planning.batch import plan_batch

    batch, lines, files = plan_batch(environment)
    context = RunContext(
        environment, files, notices.quieter(batch.quiet), plan_without_stdin=_no_stdin
    )
    return run_lines(batch, lines.plan, context, files)


def _no_stdin() -> Plan:
    raise AssertionError("no request of a batch reads standard input")


async def _run(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    # What goes wrong in a task that nobody waits for any more is not news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    if plan.mode in MODES:
        async with time_limit(plan):
            status: ExitStatus = await load(MODES[plan.mode])(plan, context, jar)
            return status
    return await _request(plan, context, jar)


async def _request(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Send one request, with all that follows from it."""
    stdout = _to_stdout_in_time(plan, context)
    stderr = to_stderr(context.environment)
    watched = context.environment.stdout if _writes_to_stdout(plan) else None
    return await send_and_show(plan, context, jar, stdout, stderr, watched)


def _to_stdout_in_time(plan: Plan, context: RunContext) -> Write:
    """Return what writes to standard output, no longer than all of it may take."""
    environment, total = context.environment, plan.network.total_timeout
    if total is None:
        return to_stdout(environment)
    from httpcli.terminal.streams import writer_until as until

    return until(environment.stdout, "standard output", total, environment.clock)


def _writes_to_stdout(plan: Plan) -> bool:
    """Tell whether it matters that somebody reads standard output."""
    return plan.output is None and bool(plan.display.parts)
