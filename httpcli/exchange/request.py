"""One request: its events go to the audience until nobody wants more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Plan
from httpcli.core.request import Request
from httpcli.middleware.stack import with_middleware
from httpcli.observers.dispatch import Observers
from httpcli.terminal.streams import until_reader_leaves
from httpcli.transport.engine import no_body, open_send

if TYPE_CHECKING:
    from httpcli.body.prepare import BodyPreparer
    from httpcli.core.interfaces import Send, Write
    from httpcli.core.invocation import Stream
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext
    from httpcli.transport.engine import OpenSend


_PAUSE = 0.002
"""Seconds without a byte after which a person is shown what is there."""
_LONGEST = 0.05
"""Seconds after which that happens although bytes keep coming."""


async def send_and_show(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    stdout: Write,
    stderr: Write,
    watched: Stream | None = None,
    bare: OpenSend | None = None,
) -> ExitStatus:
    """Send one request and show what comes of it, as far as somebody reads ``watched``.

    ``bare`` gives the connections of other requests. Raises HttpcliError, BrokenPipeError.
    """
    request = plan.request
    with Observers(plan, context, stdout, stderr) as observers:
        async with (
            time_limit(plan),
            until_reader_leaves(watched) if watched is not None else nullcontext(),
            # Not by ``open_request``: a batch would pay for its generator at each line.
            supplied(plan, context) as supply,
            (bare or open_send)(plan, supply.open if supply else no_body) as send,
        ):
            if supply is not None:
                request = await supply.ready(request, send)
            await fetch(
                stacked(plan, context, jar, send, observers.observe_exchanges), request, observers
            )
    if observers.reason and plan.announce_status:
        context.notices.warn(observers.reason)
    return observers.status


@asynccontextmanager
async def open_request(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    shared: Send | None = None,
    tapped: Callable[[Send], Send] | None = None,
) -> AsyncIterator[tuple[Request, Send]]:
    """Give the request as it can be sent, and what sends it as the plan says.

    Connections live until the block ends, unless they are ``shared`` with other
    requests, which have no body. ``tapped``: see ``stacked``. Raises HttpcliError.
    """
    request = plan.request
    async with (
        supplied(plan, context) as supply,
        nullcontext(shared)
        if shared
        else open_send(plan, supply.open if supply else no_body) as send,
    ):
        if supply is not None:
            request = await supply.ready(request, send)
        yield request, stacked(plan, context, jar, send, tapped)


def stacked(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    send: Send,
    tapped: Callable[[Send], Send] | None = None,
) -> Send:
    """Return what sends as the plan says, by the bare ``send``.

    ``tapped`` (``Observers.tapped``) lets reports hear of the wire.
    """
    heard = send if tapped is None else tapped(send)
    tries = None
    if plan.send_policy.retry is not None:
        from httpcli.middleware.retries import tries_for

        tries = tries_for(plan, plan.send_policy.retry, context)
    return with_middleware(heard, plan, jar, context.environment, context.notices.note, tries)


def supplied(plan: Plan, context: RunContext) -> AbstractAsyncContextManager[BodyPreparer | None]:
    """Give what supplies the request's body; a request without one loads nothing."""
    if plan.request.body is None:
        return nullcontext()
    from httpcli.body.prepare import BodyPreparer

    return BodyPreparer(context, spool=plan.send_policy.spool)


def time_limit(plan: Plan) -> AbstractAsyncContextManager[None]:
    """Run the block for ``--max-time`` at most. Raises HttpcliError after that."""
    return (
        nullcontext()
        if plan.network.total_timeout is None
        else _limited(plan, plan.network.total_timeout)
    )


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


async def fetch(send: Send, request: Request, observers: Observers) -> None:
    """Run the exchange. Raises HttpcliError, after what came was shown."""
    clock = asyncio.get_running_loop().time
    began = clock()
    final: ResponseStarted | None = None
    silence = _Silence(observers)
    try:
        async with aclosing(send(request)) as events:
            async for event in events:
                silence.broken()
                observers.observe(event)
                silence.begins()
                if isinstance(event, ResponseStarted):
                    final = None if event.intermediary or event.error_follows else event
                if final and not isinstance(event, ResponseEnded) and not observers.wants_content:
                    # Nobody wants the rest: it is not even received.
                    times = final.timings and final.timings.without_body()
                    observers.observe(ResponseEnded(clock() - began, times))
                    break
    except (HttpcliError, asyncio.CancelledError):
        observers.end_early()
        raise
    except KeyboardInterrupt:
        observers.abandon()
        raise
    finally:
        silence.broken()
    observers.finish()


class _Silence:
    """Tells the audience when nothing has come for a while; what it raises then waits."""

    def __init__(self, observers: Observers) -> None:
        self._observers = observers
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._shown = 0.0

    def begins(self) -> None:
        """An event is over. Raises what could not be raised in between."""
        if self._error is not None:
            raise self._error
        if not self._observers.holds:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        # From the first byte that may be held on, no byte waits longer.
        self._shown = self._shown or now
        if now - self._shown >= _LONGEST:
            self._shown = now
            self._observers.pause()
        self._timer = loop.call_later(_PAUSE, self._lasts)

    def broken(self) -> None:
        """Something comes, or nothing will any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lasts(self) -> None:
        self._shown = asyncio.get_running_loop().time()
        try:
            self._observers.pause()
        except (HttpcliError, OSError) as error:
            self._error = error
        except KeyboardInterrupt:
            # The exchange will be cancelled, as if nothing were being written.
            self._observers.abandon()
            raise
