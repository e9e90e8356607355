"""The tries of a run: how many are left, and what passes between two of them.

One count for all hops and for both skins that try again (``exchange.retry``,
``exchange.polling``): the rules are ``protocol.retries``'.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted, Retrying
from httpcli.core.exit_status import ExitStatus
from httpcli.core.request import Request
from httpcli.core.retry import EXPECT, Retry
from httpcli.protocol.retries import Failure, answer_of, decide, failure_of

if TYPE_CHECKING:
    from httpcli.core.interfaces import Judge, Reel, Tell


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
        retry: Retry,
        pace: Pace,
        tell: "Tell",
        make_reel: "Callable[[], Reel] | None" = None,
        make_judge: "Callable[[], Judge] | None" = None,
        *,
        holds: bool = True,
    ) -> None:
        self._retry = retry
        self._pace = pace
        self._tell = tell
        self._made = 1
        self._began = pace.clock()
        self.make_reel = make_reel
        self.make_judge = make_judge
        self.holds = holds

    def after_answer(self, request: Request, response: ResponseStarted) -> Retrying | None:
        """Decide after a response; None where it is the answer."""
        name = f"HTTP {response.status} {response.reason}".rstrip()
        reason = f"{request.url.authority}: {name}"
        failure = answer_of(response, self._pace.now())
        return self._decided(request, failure, reason, response)

    def after_error(self, request: Request, error: HttpcliError) -> Retrying | None:
        """Decide after a failure; None where it is final."""
        return self._decided(request, failure_of(error), error.message, None)

    def after_unmet(self, request: Request, reason: str) -> Retrying | None:
        """Decide after a whole answer that was not as expected; None where it must do."""
        return self._decided(request, Failure(EXPECT), reason, None)

    def spoiled(self, error: HttpcliError) -> HttpcliError:
        """Return the error where it comes too late to try again: some was given already."""
        if not (self._retry.most and error.passing and self._retry.covers(error.passing)):
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
        self, request: Request, failure: Failure, reason: str, response: ResponseStarted | None
    ) -> Retrying | None:
        pace = self._pace
        elapsed = pace.clock() - self._began
        decision = decide(self._retry, request, failure, self._made, elapsed, pace.dice())
        if decision.wait is None:
            if decision.why:
                self._tell(f"{reason}; not tried again: {decision.why}")
            return None
        left = self._retry.most - self._made
        self._made += 1
        tries = "1 try" if left == 1 else f"{left or 'no'} tries"
        self._tell(f"{reason}; trying again in {decision.wait:.2g} s, {tries} left after that")
        return Retrying(reason, decision.wait, left, response)
