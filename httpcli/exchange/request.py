"""Sends one request of a plan: its body is prepared, the middleware wrapped around the connection.

``send_and_show`` shows the response, ``open_request`` leaves the events to the caller.
"""

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
from httpcli.observers.group import Observers
from httpcli.terminal.streams import until_reader_leaves
from httpcli.transport.open_engine import no_body, open_send

if TYPE_CHECKING:
    from httpcli.body.prepare import BodyPreparer
    from httpcli.core.interfaces import Send, Write
    from httpcli.core.invocation import Stream
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext
    from httpcli.transport.open_engine import OpenSend

_IDLE = 0.002
"""Seconds without an event after which held-back content is shown."""
_MAX_HOLD = 0.05
"""Seconds after which held-back content is shown although events keep coming."""


async def send_and_show(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    stdout: Write,
    stderr: Write,
    watched_stream: Stream | None = None,
    open_shared: OpenSend | None = None,
) -> ExitStatus:
    """Send one request, show the response, and return the exit status.

    It ends when the reader of ``watched_stream`` leaves. ``open_shared`` gives a connection that
    is shared with other requests; without it the request has its own. Raises HttpcliError,
    BrokenPipeError.
    """
    request = plan.request
    with Observers(plan, context, stdout, stderr) as observers:
        async with (
            time_limit(plan),
            until_reader_leaves(watched_stream) if watched_stream is not None else nullcontext(),
            # Not by ``open_request``: its generator would slow down each line of a batch.
            _body_preparer(plan, context) as preparer,
            (open_shared or open_send)(plan, preparer.open if preparer else no_body) as send,
        ):
            if preparer is not None:
                request = await preparer.prepare(request, send)
            observed = observers.observe_exchanges(send)
            await _run_exchange(with_middleware(observed, plan, context, jar), request, observers)
    if observers.reason and plan.announce_status:
        context.notices.warn(observers.reason)
    return observers.status


@asynccontextmanager
async def open_request(
    plan: Plan,
    context: RunContext,
    jar: Jar | None,
    shared: Send | None = None,
    observe_exchanges: Callable[[Send], Send] | None = None,
) -> AsyncIterator[tuple[Request, Send]]:
    """Give the prepared request and a Send with middleware, until the block ends.

    ``shared`` is the Send of a connection that is shared with other requests; then the request
    has no body. ``observe_exchanges``: see ``Observers``. Raises HttpcliError.
    """
    request = plan.request
    async with (
        _body_preparer(plan, context) as preparer,
        nullcontext(shared)
        if shared
        else open_send(plan, preparer.open if preparer else no_body) as send,
    ):
        if preparer is not None:
            request = await preparer.prepare(request, send)
        observed = send if observe_exchanges is None else observe_exchanges(send)
        yield request, with_middleware(observed, plan, context, jar)


def time_limit(plan: Plan) -> AbstractAsyncContextManager[None]:
    """Run the block for at most ``--max-time``. Raises HttpcliError after that."""
    total = plan.network.total_timeout
    return nullcontext() if total is None else _time_limit(plan, total)


@asynccontextmanager
async def _time_limit(plan: Plan, total: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(total):
            yield
    except TimeoutError as error:
        raise HttpcliError(
            f"{plan.request.url.authority}: timed out: not done after {total:g} s"
            + _waiting_for(error),
            hint="--max-time sets how long it may take",
            status=ExitStatus.TIMED_OUT,
        ) from None


def _waiting_for(error: TimeoutError) -> str:
    """Return what the run was waiting for, which the transport puts into CancelledError."""
    words = error.__cause__.args if isinstance(error.__cause__, asyncio.CancelledError) else ()
    words = words or error.args
    return f" ({words[0]})" if words else ""


def _body_preparer(
    plan: Plan, context: RunContext
) -> AbstractAsyncContextManager[BodyPreparer | None]:
    """Give what prepares the body; a request without a body does not load it."""
    if plan.request.body is None:
        return nullcontext()
    from httpcli.body.prepare import BodyPreparer

    return BodyPreparer(context, spool=plan.send_policy.spool)


async def _run_exchange(send: Send, request: Request, observers: Observers) -> None:
    """Send the request and pass its events to ``observers``, until they need no more.

    Raises HttpcliError after the events before it were shown.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    final: ResponseStarted | None = None
    idle_timer = _IdleTimer(observers)
    try:
        async with aclosing(send(request)) as events:
            async for event in events:
                idle_timer.stop()
                observers.observe(event)
                idle_timer.after_event()
                if isinstance(event, ResponseStarted):
                    final = None if event.is_followed or event.error_follows else event
                if final and not isinstance(event, ResponseEnded) and not observers.wants_body:
                    # The rest is not even received.
                    timings = final.timings and final.timings.without_body()
                    observers.observe(ResponseEnded(clock() - started, timings))
                    break
    except (HttpcliError, asyncio.CancelledError):
        observers.end_early()
        raise
    except KeyboardInterrupt:
        observers.abandon()
        raise
    finally:
        idle_timer.stop()
    observers.end_exchange()


class _IdleTimer:
    """Has held-back content shown if no event comes for a while."""

    def __init__(self, observers: Observers) -> None:
        self._observers = observers
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._last_shown = 0.0

    def after_event(self) -> None:
        """Start to wait, after an event. Raises the error of an earlier showing."""
        if self._error is not None:
            raise self._error
        if not self._observers.holds:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        # Counted from the first event that may be held back.
        self._last_shown = self._last_shown or now
        if now - self._last_shown >= _MAX_HOLD:
            self._last_shown = now
            self._observers.pause()
        self._timer = loop.call_later(_IDLE, self._expire)

    def stop(self) -> None:
        """Stop waiting: an event has come, or none will."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._last_shown = asyncio.get_running_loop().time()
        try:
            self._observers.pause()
        except (HttpcliError, OSError) as error:
            self._error = error  # raised by ``start``: here it would only reach the event loop
        except KeyboardInterrupt:
            # asyncio cancels the exchange, and a cancelled one would show the rest.
            self._observers.abandon()
            raise
