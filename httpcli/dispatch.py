"""Runs a plan: prompts for missing passwords, runs its mode, and saves sessions and cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus
from httpcli.core.lazy_load import load
from httpcli.core.plan import Mode, Plan, needs_prompt
from httpcli.event_loop import run_in_loop
from httpcli.exchange.request import send_and_show, time_limit
from httpcli.run_context import RunContext
from httpcli.terminal.streams import stderr_writer, stdout_writer

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
"""Entry points of the modes besides an ordinary request.

Each is an async function of (Plan, RunContext, Jar or None) that returns the exit status. It runs
within ``--max-time``.
"""


def run_plan(plan: Plan, context: RunContext) -> ExitStatus:
    """Run a plan. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in plan.warnings:
        context.notices.warn(warning)
    if needs_prompt(plan):
        from httpcli.exchange.prompts import prompt_for_secrets

        plan = prompt_for_secrets(plan)
        context.notices.redact_secrets_of(plan)
    if plan.session is None and plan.cookie_file is None:
        return run_in_loop(_run_mode(plan, context, None))
    from httpcli.exchange.cookie_jars import open_jar, save_cookies_and_session

    now = context.environment.now
    jar = open_jar(plan, now())
    status = run_in_loop(_run_mode(plan, context, jar))
    for warning in save_cookies_and_session(plan, jar, now()):
        context.notices.warn(warning)
    return status


def run_batch(environment: Environment, notices: Notices) -> ExitStatus:
    """Run ``--batch`` and return the worst exit status of its lines.

    Raises UsageError for an error outside of the lines, HttpcliError if the file of lines cannot
    be read.
    """
    from httpcli.batch.run import run_lines
    from httpcli.planning.batch import plan_batch

    batch, lines, files = plan_batch(environment)
    context = RunContext(
        environment, files, notices.with_quiet(batch.quiet), plan_without_stdin=_no_stdin
    )
    return run_lines(batch, lines.plan, context, files.warnings)


def _no_stdin() -> Plan:
    raise AssertionError("no request of a batch reads standard input")


async def _run_mode(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    if plan.mode in MODES:
        async with time_limit(plan):
            status: ExitStatus = await load(MODES[plan.mode])(plan, context, jar)
            return status
    return await _request(plan, context, jar)


async def _request(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Send the request of a plan and show the response."""
    stdout = _stdout_within_time_limit(plan, context)
    stderr = stderr_writer(context.environment)
    watched_stream = context.environment.stdout if _writes_to_stdout(plan) else None
    return await send_and_show(plan, context, jar, stdout, stderr, watched_stream)


def _stdout_within_time_limit(plan: Plan, context: RunContext) -> Write:
    """Return a function that writes to standard output, until ``--max-time`` is over."""
    environment, total = context.environment, plan.network.total_timeout
    if total is None:
        return stdout_writer(environment, raw=plan.display.is_raw)
    from httpcli.terminal.streams import stream_writer_until

    return stream_writer_until(
        environment.stdout,
        "standard output",
        total,
        environment.clock,
        raw=plan.display.is_raw,
    )


def _writes_to_stdout(plan: Plan) -> bool:
    """Return whether the response is written to standard output."""
    return plan.output is None and bool(plan.display.parts)
