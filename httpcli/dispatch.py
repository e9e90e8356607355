"""Runs a plan: asks what must be asked, picks the mode, remembers what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Mode, Plan
from httpcli.exchange.context import Means
from httpcli.exchange.request import fetch
from httpcli.observers.dispatch import Audience
from httpcli.terminal.reader_gone import until_reader_leaves
from httpcli.terminal.streams import to_stderr, to_stdout
from httpcli.transport.connect import no_body, sending, stacked, supplied

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Stream
    from httpcli.protocol.cookies import Jar
    from httpcli.transport.connect import Sending

MODES = {
    Mode.CERTIFICATES: "httpcli.exchange.show_cert:show",
    Mode.CURL: "httpcli.exchange.print_curl:show",
    Mode.DOWNLOAD: "httpcli.download.run:download",
    Mode.WEBSOCKET: "httpcli.websocket.run:converse",
}
"""Kinds of run besides one request, each an async function of (Plan, Means, Jar or
None) that returns the exit status. Around it run ``--max-time`` and what is remembered.
"""


def run(plan: Plan, means: Means) -> ExitStatus:
    """Do what the plan says. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in plan.warnings:
        means.notices.warn(warning)
    if must_ask(plan):
        from httpcli.exchange.prompts import with_answers

        plan = with_answers(plan)
    if plan.session is None and plan.cookie_file is None:
        return asyncio.run(_run(plan, means, None))
    now = means.around.now
    from httpcli.exchange.cookie_jars import open_jar

    jar = open_jar(plan, now())
    status = asyncio.run(_run(plan, means, jar))
    from httpcli.exchange.cookie_jars import remember

    for warning in remember(plan, jar, now()):
        means.notices.warn(warning)
    return status


async def _run(plan: Plan, means: Means, jar: Jar | None) -> ExitStatus:
    # What goes wrong in a task that nobody waits for any more is not news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    if plan.mode in MODES:
        async with in_time(plan):
            status: ExitStatus = await load(MODES[plan.mode])(plan, means, jar)
            return status
    return await _request(plan, means, jar)


async def _request(plan: Plan, means: Means, jar: Jar | None) -> ExitStatus:
    """Send one request, with all that follows from it."""
    stdout = _to_stdout_in_time(plan, means)
    stderr = to_stderr(means.around)
    watched = means.around.stdout if _writes_to_stdout(plan) else None
    return await answered(plan, means, jar, stdout, stderr, watched)


async def answered(
    plan: Plan,
    means: Means,
    jar: Jar | None,
    stdout: Write,
    stderr: Write,
    watched: Stream | None = None,
    bare: Sending | None = None,
) -> ExitStatus:
    """Send one request and show what comes of it, as far as somebody reads ``watched``.

    ``bare`` gives the connections of other requests. Raises HttpcliError, BrokenPipeError.
    """
    request = plan.request
    with Audience(plan, means, stdout, stderr) as audience:
        async with (
            in_time(plan),
            until_reader_leaves(watched) if watched is not None else nullcontext(),
            # Not by ``opened``: a batch would pay for its generator at each line.
            supplied(plan, means) as supply,
            (bare or sending)(plan, supply.open if supply else no_body) as send,
        ):
            if supply is not None:
                request = await supply.ready(request, send)
            await fetch(stacked(plan, means, jar, send, audience.tapped), request, audience)
    if audience.reason and plan.announce_status:
        means.notices.warn(audience.reason)
    return audience.status


def in_time(plan: Plan) -> AbstractAsyncContextManager[None]:
    """Run the block for ``--max-time`` at most. Raises HttpcliError after that."""
    return nullcontext() if plan.wire.total is None else _limited(plan, plan.wire.total)


@asynccontextmanager
async def _limited(plan: Plan, total: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(total):
            yield
    except TimeoutError as error:
        raise HttpcliError(
            f"{plan.request.url.authority}: timed out: not done after {total:g} s" + _where(error),
            hint="--max-time sets how long it may take",
            status=ExitStatus.TIMED_OUT,
        ) from None


def _where(error: TimeoutError) -> str:
    """Return what was waited for when the time was over, as the transport's cancelling tells."""
    words = error.__cause__.args if isinstance(error.__cause__, asyncio.CancelledError) else ()
    words = words or error.args
    return f" ({words[0]})" if words else ""


def _to_stdout_in_time(plan: Plan, means: Means) -> Write:
    """Return what writes to standard output, no longer than all of it may take."""
    around, total = means.around, plan.wire.total
    if total is None:
        return to_stdout(around)
    from httpcli.terminal.deadline_writer import writer_until as until

    return until(around.stdout, "standard output", total, around.clock)


def _writes_to_stdout(plan: Plan) -> bool:
    """Tell whether it matters that somebody reads standard output."""
    return plan.output is None and bool(plan.show.parts)


def must_ask(plan: Plan) -> bool:
    """Tell whether a password or passphrase was left to be typed now."""
    if plan.mode is Mode.CURL:
        return False  # curl asks by itself
    credentials, tls = plan.journey.credentials, plan.wire.tls
    return (
        (credentials is not None and credentials.password is None)
        or any(proxy.password is None for proxy in plan.wire.proxies.values())
        or (tls is not None and tls.identity is not None and tls.identity.locked)
    )
