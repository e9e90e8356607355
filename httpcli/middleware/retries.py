"""The tries of a run: how many are left, and what passes between two of them.

One count for all hops and for both skins that try again (``exchange.retry``,
``exchange.polling``): the rules are ``protocol.retries``'.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted, Retrying
from httpcli.core.exit_status import ExitStatus
from httpcli.core.request import Request
from httpcli.core.retry import EXPECT, RetryPolicy
from httpcli.middleware.follow_ups import is_short
from httpcli.protocol.retries import Decision, Failure, RetryDecider
from httpcli.storage.spool import DiskEventBuffer, folder

if TYPE_CHECKING:
    from httpcli.core.interfaces import Judge, Notify, Send
    from httpcli.core.plan import Plan
    from httpcli.core.retry import RetryPolicy
    from httpcli.run_context import RunContext


class Pace(NamedTuple):
    """Time and chance. ``clock`` is for differences, ``now`` in seconds since 1970.

    ``dice`` gives a number from 0 up to 1; ``sleep`` waits for seconds.
    """

    clock: Callable[[], float]
    now: Callable[[], float]
    dice: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Tries:
    """Decides after each failure, tells the user, and waits.

    ``tell`` says a line to the user; ``make_reel`` makes what holds a response
    until it is whole, None where it is given as it comes. ``holds``: somebody
    wants content, so a head is held until some of it is there. ``make_judge``
    makes what says whether an answer is as expected, where that is waited for.
    """

    def __init__(
        self,
        retry: RetryPolicy,
        pace: Pace,
        tell: Notify,
        make_reel: Callable[[], DiskEventBuffer] | None = None,
        make_judge: Callable[[], Judge] | None = None,
        *,
        holds: bool = True,
    ) -> None:
        self._retry = retry
        self._pace = pace
        self._tell = tell
        self._made = 1
        self._decider = RetryDecider(retry, pace.clock, pace.now, pace.dice)
        self.make_reel = make_reel
        self.make_judge = make_judge
        self.holds = holds

    def after_answer(self, request: Request, response: ResponseStarted) -> Retrying | None:
        """Decide after a response; None where it is the answer."""
        name = f"HTTP {response.status} {response.reason}".rstrip()
        decision = self._decider.after_response(request, response, self._made)
        return self._decided(decision, f"{request.url.authority}: {name}", response)

    def after_error(self, request: Request, error: HttpcliError) -> Retrying | None:
        """Decide after a failure; None where it is final."""
        decision = self._decider.after_error(request, error, self._made)
        return self._decided(decision, error.message, None)

    def after_unmet(self, request: Request, reason: str) -> Retrying | None:
        """Decide after a whole answer that was not as expected; None where it must do."""
        decision = self._decider.after_failure(request, Failure(EXPECT), self._made)
        return self._decided(decision, reason, None)

    def spoiled(self, error: HttpcliError) -> HttpcliError:
        """Return the error where it comes too late to try again: some was given already."""
        if not (
            self._retry.max_retries and error.transient and self._retry.covers(error.transient)
        ):
            return error
        error.message = f"{error.message}; not tried again, since some of it was written already"
        error.hint = "--spool holds it until it is whole"
        error.status = ExitStatus.INCOMPLETE
        return error

    async def wait(self, retrying: Retrying) -> None:
        """Let the time between two tries pass."""
        try:
            await self._pace.sleep(retrying.wait)
        except asyncio.CancelledError as cancelled:
            cancelled.args = ("waiting to try again",)
            raise

    def _decided(
        self, decision: Decision, reason: str, response: ResponseStarted | None
    ) -> Retrying | None:
        notice = decision.notice(reason)
        if notice:
            self._tell(notice)
        if decision.wait is None:
            return None
        self._made += 1
        return Retrying(reason, decision.wait, decision.left, response)


# A skin that sends a request again when it failed in a way that may pass.
#
# Inside redirects, so that one hop is repeated and not the way to it. Nothing of a failed try
# is passed on but its request, and ``Retrying`` in the place of the rest.


_PATIENCE = 1.0
"""Seconds for the rest of a short response, so that its connection can be used again."""


def retrying(send: Send, tries: Tries) -> Send:
    """Wrap ``send`` so that what fails is tried again, as ``tries`` decides.

    Raises the last failure; with status INCOMPLETE where content had been
    passed on before it.
    """

    async def tried(request: Request) -> AsyncGenerator[Event, None]:
        failed: Retrying | None = None
        while True:
            attempt = _Attempt(send, tries, request)
            async with aclosing(attempt.events()) as events:
                async for event in events:
                    yield event
            failed = attempt.failed
            if failed is None:
                return
            yield failed
            await tries.wait(failed)

    return tried


class _Attempt:
    """One try. ``failed`` says that there will be another, once its events have ended."""

    def __init__(self, send: Send, tries: Tries, request: Request) -> None:
        self._send = send
        self._tries = tries
        self._request = request
        self._held: list[Event] = []
        self._given = False
        self.failed: Retrying | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Give what is known to count. Raises HttpcliError for the last failure."""
        make_reel = self._tries.make_reel
        reel = None if make_reel is None else make_reel()
        try:
            async with aclosing(self._judged(reel)) as judged:
                async for event in judged:
                    yield event
            if reel is not None and self.failed is None:
                for event in reel.events():
                    yield event
        except HttpcliError as error:
            if self._given:
                raise self._tries.spoiled(error) from error
            self.failed = self._tries.after_error(self._request, error)
            if self.failed is not None:
                return
            for event in self._held:
                yield event
            raise
        finally:
            if reel is not None:
                reel.close()

    async def _judged(self, reel: DiskEventBuffer | None) -> AsyncGenerator[Event, None]:
        """Give events as they come, a response's from its first content on, or to the reel."""
        final = False
        async with aclosing(self._send(self._request)) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    self.failed = self._tries.after_answer(self._request, event)
                    if self.failed is not None:
                        await _drain(events, event)
                        return
                    final = True
                if not final:
                    yield event
                elif reel is not None:
                    reel.add(event)
                elif self._tries.holds and isinstance(event, ResponseStarted):
                    self._held.append(event)
                else:
                    for earlier in self._held:
                        yield earlier
                    self._held.clear()
                    self._given = self._given or isinstance(event, ResponseChunk)
                    yield event


async def _drain(events: AsyncGenerator[Event, None], response: ResponseStarted) -> None:
    """Read what little is left of a response that does not count."""
    if not is_short(response):
        return
    with suppress(HttpcliError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            async for event in events:
                if isinstance(event, ResponseEnded):
                    return


# A skin that asks until the answer is as expected: "poll until ready".
#
# Outside redirects: what is expected, is expected of the last response, and the whole way there
# is gone again. All of it is held until it is known to count.


def polling(send: Send, tries: Tries) -> Send:
    """Wrap ``send`` so that it is asked again until a new judge has nothing against it.

    The last answer is given, whatever it is. ``tries`` can make judges and reels.
    """
    make_judge, make_reel = tries.make_judge, tries.make_reel
    if make_judge is None or make_reel is None:
        raise ValueError("nothing is expected, or there is nowhere to hold it")

    async def polled(request: Request) -> AsyncGenerator[Event, None]:
        while True:
            judge, reel = make_judge(), make_reel()
            try:
                async with aclosing(send(request)) as events:
                    async for event in events:
                        judge.observe(event)
                        reel.add(event)
                failed = _failed(judge, tries, request)
                if failed is None:
                    for event in reel.events():
                        yield event
                    return
            finally:
                reel.close()
            yield failed
            await tries.wait(failed)

    return polled


def _failed(judge: Judge, tries: Tries, request: Request) -> Retrying | None:
    outcome = judge.outcome()
    if outcome.status is ExitStatus.OK:
        return None
    return tries.after_unmet(request, f"{request.url.authority}: {outcome.reason}")


# What the tries of a run are made with: the clock, the dice, a voice, and room on disk.


def tries_for(plan: Plan, retry: RetryPolicy, context: RunContext) -> Tries:
    """Return the tries that a plan allows, counted from now."""
    environment = context.environment
    content = (
        plan.output is not None or "b" in plan.display.parts or plan.content_copies is not None
    )
    make_judge = None
    if EXPECT in retry.conditions and plan.checks:
        from httpcli.report.expectations import Expectations

        make_judge = partial(Expectations, plan.checks, environment.clock)
    return Tries(
        retry,
        Pace(environment.clock, environment.now, context.random_fraction),
        context.notices.note,
        partial(DiskEventBuffer, folder(environment.env)) if plan.send_policy.spool else None,
        make_judge,
        holds=content,
    )
