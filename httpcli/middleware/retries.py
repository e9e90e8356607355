"""Middleware that repeats requests: after a failure, or until the response is as expected.

``with_retries`` is inside redirects, so that one redirect is repeated and not the requests before
it. ``with_polling`` is outside of them, since checks apply to the last response. Both count their
attempts in one ``Retries``; ``protocol.retries`` has the rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted, Retrying
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan_options import EXPECT, RetryPolicy
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import is_short
from httpcli.protocol.retries import Decision, Failure, RetryDecider
from httpcli.storage.spool import DiskEventBuffer, spool_directory

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Send
    from httpcli.core.plan import Plan
    from httpcli.report.expectation_checks import ExpectationChecker
    from httpcli.run_context import RunContext

_READ_REST_TIMEOUT = 1.0
"""Seconds to read the rest of a short response, so that its connection can be used again."""


class RetryClock(NamedTuple):
    """Time and random numbers, which a test replaces."""

    clock: Callable[[], float]
    """Returns seconds, for differences."""
    now: Callable[[], float]
    """Returns seconds since 1970."""
    random: Callable[[], float]
    """Returns a number of at least 0 and less than 1."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits for a number of seconds."""


class Retries:
    """Counts the attempts of a run, decides after each failed one, and prints notices."""

    def __init__(
        self,
        policy: RetryPolicy,
        clock: RetryClock,
        notify: Notify,
        make_buffer: Callable[[], DiskEventBuffer] | None = None,
        make_checks: Callable[[], ExpectationChecker] | None = None,
        *,
        shows_body: bool = True,
    ) -> None:
        self._policy = policy
        self._sleep = clock.sleep
        self._notify = notify
        self._attempts = 1
        self._decider = RetryDecider(policy, clock.clock, clock.now, clock.random)
        self.make_buffer = make_buffer
        """Makes a buffer that holds a response until it is complete (``--spool``).

        None: the response is passed on as it arrives.
        """
        self.make_checks = make_checks
        """Makes the checks of ``--retry-on=expect``; None without that condition."""
        self.shows_body = shows_body
        """Whether the body of a response is written somewhere as it arrives.

        Then the head is held until the first piece of the body arrives, and no retry follows
        after that piece.
        """

    def retry_after_response(self, request: Request, response: ResponseStarted) -> Retrying | None:
        """Return the retry after a response, or None if the response is final.

        Prints the reason and counts the attempt, like the next two methods.
        """
        status = f"HTTP {response.status} {response.reason}".rstrip()
        decision = self._decider.after_response(request, response, self._attempts)
        return self._retrying(decision, f"{request.url.authority}: {status}", response)

    def retry_after_error(self, request: Request, error: HttpcliError) -> Retrying | None:
        """Return the retry after an error, or None if the error is final."""
        decision = self._decider.after_error(request, error, self._attempts)
        return self._retrying(decision, error.message, None)

    def retry_after_failed_check(self, request: Request, reason: str) -> Retrying | None:
        """Return the retry after a response that failed a check, or None if it is final."""
        decision = self._decider.after_failure(request, Failure(EXPECT), self._attempts)
        return self._retrying(decision, reason, None)

    def add_spool_hint(self, error: HttpcliError) -> HttpcliError:
        """Return the error, with a hint at --spool if a retry is impossible only without it."""
        kind = error.transient_kind
        if not (self._policy.max_retries and kind and self._policy.covers(kind)):
            return error
        error.message = (
            f"{error.message}; not retried, because part of the response was already written"
        )
        error.hint = "to buffer the response until it is complete: --spool"
        error.status = ExitStatus.INCOMPLETE
        return error

    async def wait(self, retrying: Retrying) -> None:
        """Wait until the next attempt is due."""
        try:
            await self._sleep(retrying.wait)
        except asyncio.CancelledError as cancelled:
            cancelled.args = ("waiting to retry",)
            raise

    def _retrying(
        self, decision: Decision, reason: str, response: ResponseStarted | None
    ) -> Retrying | None:
        """Print the reason, count the attempt, and return the retry that was decided, if any."""
        notice = decision.notice(reason)
        if notice:
            self._notify(notice)
        if decision.wait is None:
            return None
        self._attempts += 1
        return Retrying(reason, decision.wait, decision.retries_left, response)


def make_retries(plan: Plan, policy: RetryPolicy, context: RunContext) -> Retries:
    """Return the retries of a run that starts now."""
    environment = context.environment
    make_checks = None
    if EXPECT in policy.conditions and plan.checks:
        from httpcli.protocol.redaction import Redaction, known_secrets
        from httpcli.report.expectation_checks import checker_of

        redaction = Redaction(known_secrets(plan))
        make_checks = partial(checker_of, plan, environment.clock, redaction)
    return Retries(
        policy,
        RetryClock(environment.clock, environment.now, context.random_fraction),
        context.notices.note,
        partial(DiskEventBuffer, spool_directory(environment.env))
        if plan.send_policy.spool
        else None,
        make_checks,
        shows_body=(
            plan.output is not None or "b" in plan.display.parts or plan.tee_and_hash is not None
        ),
    )


def with_retries(send: Send, retries: Retries) -> Send:
    """Wrap ``send`` so that it repeats failed requests as ``retries`` decides.

    Of a failed attempt only its request and ``Retrying`` are passed on. Raises the last error,
    with the status INCOMPLETE if a part of the body was passed on before it.
    """

    async def retried(request: Request) -> AsyncGenerator[Event, None]:
        while True:
            attempt = _Attempt(send, retries, request)
            async with aclosing(attempt.events()) as events:
                async for event in events:
                    yield event
            if attempt.retrying is None:
                return
            yield attempt.retrying
            await retries.wait(attempt.retrying)

    return retried


class _Attempt:
    """One attempt. ``retrying`` is set once its events have ended and another one follows."""

    def __init__(self, send: Send, retries: Retries, request: Request) -> None:
        self._send = send
        self._retries = retries
        self._request = request
        self._held_head: list[Event] = []
        self._passed_body_on = False
        self.retrying: Retrying | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events of this attempt, without a response that is retried.

        Raises HttpcliError for the last error.
        """
        make_buffer = self._retries.make_buffer
        buffer = None if make_buffer is None else make_buffer()
        try:
            async with aclosing(self._final_events(buffer)) as events:
                async for event in events:
                    yield event
            if buffer is not None and self.retrying is None:
                for event in buffer.events():
                    yield event
        except HttpcliError as error:
            if self._passed_body_on:
                raise self._retries.add_spool_hint(error) from error
            self.retrying = self._retries.retry_after_error(self._request, error)
            if self.retrying is not None:
                return
            for event in self._held_head:
                yield event
            raise
        finally:
            if buffer is not None:
                buffer.close()

    async def _final_events(self, buffer: DiskEventBuffer | None) -> AsyncGenerator[Event, None]:
        """Yield the request as it is sent, and a final response unless it goes to ``buffer``."""
        is_final = False
        async with aclosing(self._send(self._request)) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.is_followed:
                    self.retrying = self._retries.retry_after_response(self._request, event)
                    if self.retrying is not None:
                        await _read_rest(events, event)
                        return
                    is_final = True
                if not is_final:
                    yield event
                elif buffer is not None:
                    buffer.add(event)
                elif self._retries.shows_body and isinstance(event, ResponseStarted):
                    self._held_head.append(event)
                else:
                    for earlier in self._held_head:
                        yield earlier
                    self._held_head.clear()
                    if isinstance(event, ResponseChunk):
                        self._passed_body_on = self._retries.shows_body
                    yield event


async def _read_rest(events: AsyncGenerator[Event, None], response: ResponseStarted) -> None:
    """Read the rest of a short response without passing it on."""
    if not is_short(response):
        return
    with suppress(HttpcliError, TimeoutError):
        async with asyncio.timeout(_READ_REST_TIMEOUT):
            async for event in events:
                if isinstance(event, ResponseEnded):
                    return


def with_polling(send: Send, retries: Retries) -> Send:
    """Wrap ``send`` so that it repeats the request until the response passes all checks.

    Every response is held until it is checked; the last one is always passed on. ``retries``
    must have ``make_checks`` and ``make_buffer``.
    """
    make_checks, make_buffer = retries.make_checks, retries.make_buffer
    if make_checks is None or make_buffer is None:
        raise ValueError("polling needs checks, and a buffer for responses")

    async def polled(request: Request) -> AsyncGenerator[Event, None]:
        while True:
            checks, buffer = make_checks(), make_buffer()
            try:
                async with aclosing(send(request)) as events:
                    async for event in events:
                        checks.observe(event)
                        buffer.add(event)
                retrying = _after_checks(checks, retries, request)
                if retrying is None:
                    for event in buffer.events():
                        yield event
                    return
            finally:
                buffer.close()
            yield retrying
            await retries.wait(retrying)

    return polled


def _after_checks(
    checks: ExpectationChecker, retries: Retries, request: Request
) -> Retrying | None:
    outcome = checks.outcome()
    if outcome.status is ExitStatus.OK:
        return None
    return retries.retry_after_failed_check(request, f"{request.url.authority}: {outcome.reason}")
