"""Decides whether a failed request is sent again, and how long to wait before that.

A request is repeated if it is idempotent (RFC 9110, 9.2.2), or if no server can
have processed it. ``Retry-After`` (RFC 9110, 10.2.3) sets the wait, but causes no retry.
Ordinary requests, downloads and their segments all ask ``RetryDecider``.
"""

from collections.abc import Callable
from typing import NamedTuple

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Fields
from httpcli.core.plan_options import RetryPolicy
from httpcli.core.request import Request
from httpcli.protocol.dates import parse_date

_FIRST_DELAY = 1.0
_MAX_DELAY = 60.0
_DOUBLINGS = 6
_MAX_DIGITS = 18
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_IDEMPOTENCY_KEY = "Idempotency-Key"


class Failure(NamedTuple):
    """The failure of one attempt."""

    kind: str
    """A status or a key of ``plan_options.CONDITIONS``; empty if a retry cannot help."""
    unsent: bool = False
    """Whether no server can have received the request."""
    retry_after: float | None = None
    """The wait in seconds that the server requires; None if it does not."""


class Decision(NamedTuple):
    """Whether another attempt is made."""

    wait: float | None
    """Seconds before the next attempt; None if there is none."""
    reason: str = ""
    """Why there is none, if the user should know; otherwise empty."""
    retries_left: int = 0
    """The number of attempts that remain after the next one."""

    def notice(self, reason: str) -> str:
        """Return the line that tells the user; empty if there is nothing to report.

        ``reason`` says what failed.
        """
        if self.wait is None:
            return f"{reason}; not tried again: {self.reason}" if self.reason else ""
        tries = "1 try" if self.retries_left == 1 else f"{self.retries_left or 'no'} tries"
        return f"{reason}; trying again in {_seconds(self.wait)} s, {tries} left after that"


class RetryDecider:
    """Applies the rules below with a clock and random numbers; time counts from now on."""

    def __init__(
        self,
        retry: RetryPolicy,
        clock: Callable[[], float],
        now: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._retry = retry
        self._clock = clock
        self._now = now
        self._random = random
        self._started = clock()

    def after_response(
        self, request: Request, response: ResponseStarted, attempts: int
    ) -> Decision:
        """Decide after a response that ended attempt number ``attempts``."""
        return self.after_failure(request, failure_of_response(response, self._now()), attempts)

    def after_error(self, request: Request, error: HttpcliError, attempts: int) -> Decision:
        """Decide after an error that ended attempt number ``attempts``."""
        return self.after_failure(request, failure_of_error(error), attempts)

    def after_failure(self, request: Request, failure: Failure, attempts: int) -> Decision:
        """Decide after the failure of attempt number ``attempts``."""
        elapsed = self._clock() - self._started
        return decide(self._retry, request, failure, attempts, elapsed, self._random())


def failure_of_error(error: HttpcliError) -> Failure:
    """Return an error as a failure."""
    return Failure(error.transient_kind, error.unsent)


def failure_of_response(response: ResponseStarted, now: float) -> Failure:
    """Return a response as a failure; ``now`` is in seconds since 1970."""
    return Failure(str(response.status), retry_after=retry_after(response.fields, now))


def decide(
    retry: RetryPolicy,
    request: Request,
    failure: Failure,
    attempts: int,
    elapsed: float,
    random: float,
) -> Decision:
    """Decide whether the request is sent again.

    ``attempts`` were made, the first one ``elapsed`` seconds ago; ``random`` is 0 or
    more, and less than 1.
    """
    if not failure.kind or not retry.covers(failure.kind) or attempts > retry.max_retries:
        return Decision(None)
    if not failure.unsent:
        if not (retry.retry_unsafe or is_repeatable(request)):
            return Decision(
                None, f"{request.method} may have been done; --retry-unsafe repeats it"
            )
        if request.body is not None and not request.body.replayable:
            return Decision(None, "the body can be read only once; --spool keeps a copy")
    wait = backoff(retry, attempts, random) if failure.retry_after is None else failure.retry_after
    if retry.max_time is not None and elapsed + wait > retry.max_time:
        return Decision(
            None,
            f"the next try, in {_seconds(wait)} s, is beyond --retry-max-time={retry.max_time:g}",
        )
    return Decision(wait, retries_left=retry.max_retries - attempts)


def _seconds(wait: float) -> str:
    """Return a number of seconds with two significant digits and no exponent.

    >>> [_seconds(each) for each in (0.0, 0.25, 1.0, 9.96, 300.0, 86400.0, 1e-7)]
    ['0', '0.25', '1', '10', '300', '86400', '0']
    """
    if wait >= 9.95:
        return f"{wait:.0f}"
    return "0" if wait < 0.001 else f"{wait:.2g}"


def is_repeatable(request: Request) -> bool:
    """Tell whether a repetition is safe: an idempotent method, or an Idempotency-Key."""
    return request.method in _IDEMPOTENT or request.fields.has(_IDEMPOTENCY_KEY)


def backoff(retry: RetryPolicy, attempts: int, random: float) -> float:
    """Return the seconds to wait after that many attempts.

    Between 0 and a limit that doubles (full jitter), so that many clients that
    failed together do not retry together.
    """
    if retry.delay is not None:
        return retry.delay
    return random * min(_MAX_DELAY, _FIRST_DELAY * 2.0 ** min(attempts - 1, _DOUBLINGS))


def retry_after(fields: Fields, now: float) -> float | None:
    """Return the seconds of Retry-After, which is a number or a date.

    None without a valid one; 0 for a date in the past.
    """
    value = (fields.first("Retry-After") or "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:_MAX_DIGITS])
    date = parse_date(value)
    return None if date is None else max(0.0, date - now)
