"""Sends one request of a plan: prepares its body and wraps the middleware around the connection.

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
from httpcli.transport.open_engine import open_send, refuse_body

if TYPE_CHECKING:
    from httpcli.body.prepare import BodyPreparer
    from httpcli.core.interfaces import Send, Write
    from httpcli.core.invocation import Stream
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext
    from httpcli.transport.open_engine import OpenSend

_IDLE = 0.002
"""Seconds without an event after which held output is written."""
_MAX_HOLD = 0.05
"""Seconds after which held output is written although events keep arriving."""


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

    It ends when the reader of ``watched_stream`` leaves. ``open_shared`` opens a connection that
    is shared with other requests; without it the request gets a separate one. Raises
    HttpcliError, BrokenPipeError.
    """
    request = plan.request
    with Observers(plan, context, stdout, stderr) as observers:
        async with (
            time_limit(plan),
            until_reader_leaves(watched_stream) if watched_stream is not None else nullcontext(),
            # Duplicates ``open_request``, whose generator would slow down each line of a batch.
            _body_preparer(plan, context) as preparer,
            (open_shared or open_send)(plan, preparer.open if preparer else refuse_body) as send,
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
    """Prepare a request; yield it and a Send with middleware, until the block ends.

    ``shared`` is the Send of a connection that is shared with other requests; then the request
    has no body. ``observe_exchanges``: see ``Observers``. Raises HttpcliError.
    """
    request = plan.request
    async with (
        _body_preparer(plan, context) as preparer,
        nullcontext(shared)
        if shared
        else open_send(plan, preparer.open if preparer else refuse_body) as send,
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
            f"{plan.request.url.authority}: timed out after {total:g} s" + _waiting_for(error),
            hint="to allow more time: --max-time TIME",
            status=ExitStatus.TIMED_OUT,
        ) from None


def _waiting_for(error: TimeoutError) -> str:
    """Return the operation that timed out, in parentheses; empty if unknown.

    The transport adds it to CancelledError.
    """
    cause = error.__cause__
    operation = cause.args if isinstance(cause, asyncio.CancelledError) else ()
    operation = operation or error.args
    return f" ({operation[0]})" if operation else ""


def _body_preparer(
    plan: Plan, context: RunContext
) -> AbstractAsyncContextManager[BodyPreparer | None]:
    """Return the preparer of the body, or a null context without a body."""
    if plan.request.body is None:
        return nullcontext()
    from httpcli.body.prepare import BodyPreparer

    return BodyPreparer(context, spool=plan.send_policy.spool)


async def _run_exchange(send: Send, request: Request, observers: Observers) -> None:
    """Send the request and pass its events to ``observers``.

    It ends early only if ``Observers.may_skip_body``, and no observer needs the body.

    Raises HttpcliError, after the events before the error were shown.
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
                if (
                    final
                    and not isinstance(event, ResponseEnded)
                    and not observers.needs_body
                    and observers.may_skip_body(final)
                ):
                    timings = final.timings and final.timings.without_body()
                    observers.observe(ResponseEnded(clock() - started, timings))
                    break
    except (HttpcliError, asyncio.CancelledError):
        observers.end_early()
        raise
    except (KeyboardInterrupt, SystemExit):
        observers.abandon()
        raise
    finally:
        idle_timer.stop()
    observers.end_exchange()


class _IdleTimer:
    """Writes held output when no event arrives for ``_IDLE`` seconds."""

    def __init__(self, observers: Observers) -> None:
        self._observers = observers
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._last_written = 0.0

    def after_event(self) -> None:
        """Restart the timer; write held output if it was held for ``_MAX_HOLD`` seconds.

        Raises the error of an earlier write by the timer.
        """
        if self._error is not None:
            raise self._error
        if not self._observers.holds_output:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        # Counted from the first event that may be held.
        self._last_written = self._last_written or now
        if now - self._last_written >= _MAX_HOLD:
            self._last_written = now
            self._observers.pause()
        self._timer = loop.call_later(_IDLE, self._expire)

    def stop(self) -> None:
        """Stop the timer: an event arrived, or no more will."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._last_written = asyncio.get_running_loop().time()
        try:
            self._observers.pause()
        except (HttpcliError, OSError) as error:
            self._error = error  # raised by ``after_event``: only the event loop would get it here
        except (KeyboardInterrupt, SystemExit):
            # asyncio cancels the exchange, which would then write the held output.
            self._observers.abandon()
            raise
