"""One response becomes a file: asks for what is missing until it is whole, or there is no use.

Every try asks the URL that was typed: where a redirect led to a signed URL, that
may have expired meanwhile. A try goes on behind what is there only where the
server proves that it is of the same representation; else it starts over.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import Download
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, worst_status
from httpcli.core.retry import RetryPolicy
from httpcli.core.transfers import ProgressStyle
from httpcli.download.response import Action, ResponseHandler, ResumeRequest
from httpcli.download.segmented import Filled, SegmentedDownload
from httpcli.exchange.request import open_request
from httpcli.observers.dispatch import Observers
from httpcli.progress.tracker import progress_for
from httpcli.protocol.ranges import sends_parts
from httpcli.protocol.retries import Decision, RetryDecider
from httpcli.terminal.streams import until_reader_leaves

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from httpcli.core.interfaces import Notify, Send
    from httpcli.core.plan import Plan
    from httpcli.core.request import Request
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def download(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Download what the plan asks for. Raises HttpcliError."""
    wish = plan.download or Download()
    progress_style = wish.progress_style or ProgressStyle.NONE
    progress = progress_for(progress_style, context.environment)
    if progress_style is ProgressStyle.BARS:
        context = context._replace(notices=context.notices.through(progress.above))
    try:
        # Heads and refusals, too, stand above what is drawn: else it could not be erased.
        with Observers(plan, context, progress.above, progress.above) as observers:
            receiving = ResponseHandler(
                wish, plan.request, context, progress, context.notices.note
            )
            status = await received(plan, context, jar, observers, receiving, context.notices.note)
    finally:
        progress.close()
    if observers.reason and plan.announce_status:
        context.notices.warn(observers.reason)
    return worst_status((observers.status, status))


async def received(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    observers: Observers,
    receiving: ResponseHandler,
    tell: Notify,
    shared: Send | None = None,
) -> ExitStatus:
    """Fill the file, and ``tell`` what is left on failure; ``shared``: see ``open_request``."""
    stdout = context.environment.stdout
    to_stdout = plan.download is not None and plan.download.to_stdout
    # Further tries are made here: they ask for what is missing only.
    once = plan._replace(send_policy=plan.send_policy._replace(retry=None))
    reason = "interrupted"
    try:
        if not receiving.prepare():
            return ExitStatus.OK
        async with (
            until_reader_leaves(stdout) if to_stdout else nullcontext(),
            open_request(once, context, jar, shared, observers.observe_exchanges) as (
                request,
                send,
            ),
        ):
            await receiving.proving.prepare(send)
            status = await FileTries(plan, context, observers, receiving).run(request, send)
        reason = "refused"
    except HttpcliError as error:
        reason = error.message
        raise
    finally:
        receiving.proving.stop()
        left = await receiving.saving.leave(reason)
        if left:
            tell(left)
    return status


class _Retry(NamedTuple):
    """A failed attempt that is followed by another one."""

    reason: str
    """What failed."""
    decision: Decision


class FileTries:
    """The conversation about one file: a request, and another one where that is of use."""

    def __init__(
        self, plan: Plan, context: RunContext, observers: Observers, receiving: ResponseHandler
    ) -> None:
        self._means = context
        self._observers = observers
        self._receiving = receiving
        environment = context.environment
        self._decider = RetryDecider(
            plan.send_policy.retry or RetryPolicy(),
            environment.clock,
            environment.now,
            context.random_fraction,
        )
        self._tries = 1
        self._connections = plan.download.max_connections if plan.download else 1
        self._may_divide = self._connections > 1 and not receiving.wants_part

    async def run(self, request: Request, send: Send) -> ExitStatus:
        """Try until it is whole, or refused. Raises HttpcliError where it will be neither."""
        while True:
            before = await self._receiving.saving.pause()
            try:
                step = await self._try(request, send)
            except HttpcliError as error:
                self._observers.end_early()
                if await self._receiving.saving.pause() > before:
                    self._tries = 1  # it gets on: what counts is failures in a row
                decision = self._decider.after_error(request, error, self._tries)
                if decision.wait is None:
                    error.hint = error.hint or decision.why
                    raise
                step = _Retry(error.message, decision)
            except asyncio.CancelledError:
                self._observers.end_early()
                raise
            if isinstance(step, ExitStatus):
                return step
            if step is not None:
                await self._wait(step)

    async def _wait(self, retry: _Retry) -> None:
        self._tries += 1
        self._means.notices.warn(retry.decision.notice(retry.reason))
        await asyncio.sleep(retry.decision.wait or 0.0)

    async def _try(self, request: Request, send: Send) -> ExitStatus | _Retry | None:
        """Send one request and take what comes; return the end, or None for another one."""
        observers, saving = self._observers, self._receiving.saving
        asked = self._receiving.asking(request)
        fate = filled = None
        status = ExitStatus.OK
        async with aclosing(send(asked.request)) as events:
            async for event in events:
                if fate is Action.TAKEN and isinstance(event, ResponseChunk):
                    saving.feed(event.data)
                    self._receiving.proving.pass_by(event.data)
                    observers.observe_content(event)
                elif isinstance(event, ResponseStarted) and not event.intermediary:
                    fate = await self._receiving.head(asked, event)
                    later = self._later(request, event) if fate is Action.REFUSED else None
                    again = later is not None or fate is Action.USELESS
                    observers.observe(event._replace(intermediary=again))
                    if again or fate is Action.NEEDLESS:
                        observers.finish()
                        if again:
                            return later
                        observers.ignore_status()
                        return status
                    if 300 <= event.status <= 399:
                        status = ExitStatus.REDIRECTED
                    filled = await self._divided(asked, event, fate, send, events)
                    if filled is not None:
                        break
                else:
                    observers.observe(event)
        observers.finish()
        if fate is not Action.TAKEN:
            return status
        if filled in (Filled.CHANGED, Filled.UNDIVIDED):
            return None
        return await self._settled(status)

    async def _settled(self, status: ExitStatus) -> ExitStatus | None:
        """Give a file that is whole its name; None where another request is needed for it."""
        saving = self._receiving.saving
        await saving.ended()
        if not saving.is_whole:
            return None
        if self._observers.status is ExitStatus.EXPECTATION:
            saving.part.discard()
            return status
        await self._receiving.commit()
        self._observers.file = self._receiving.name
        return status

    async def _divided(
        self,
        asked: ResumeRequest,
        response: ResponseStarted,
        fate: Action,
        send: Send,
        events: AsyncGenerator[Event, None],
    ) -> Filled | None:
        """Fetch what is missing by several connections; None where one goes on alone."""
        request = asked.request
        if (
            fate is not Action.TAKEN
            or not self._may_divide
            or not self._offers_parts(request, response)
        ):
            return None
        divided = self._receiving.saving.divide()
        if divided is None:
            return None
        filled = await SegmentedDownload(
            divided, self._decider, send, request, self._connections
        ).fill(events)
        if filled is not Filled.WHOLE:
            # Once is enough: a server whose answers change from one to the next changes again.
            self._may_divide = False
        if filled is Filled.CHANGED:
            self._receiving.say_changed()
        return filled

    def _offers_parts(self, request: Request, response: ResponseStarted) -> bool:
        """Tell whether the same can be asked for again, in parts."""
        same = request.method == "GET" and request.body is None
        return same and sends_parts(response.status, response.fields)

    def _later(self, request: Request, response: ResponseStarted) -> _Retry | None:
        """Return when a refused request is tried again; None where it is not."""
        decision = self._decider.after_response(request, response, self._tries)
        name = f"HTTP {response.status} {response.reason}".rstrip()
        reason = f"{request.url.authority}: {name}"
        if decision.wait is not None:
            return _Retry(reason, decision)
        if decision.why:
            self._means.notices.warn(decision.notice(reason))
        return None
