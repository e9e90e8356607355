"""Decides whether to retry a failed request, and how long to wait before.

A request is retried if it is idempotent (RFC 9110, 9.2.2), or if no server can have
received it. ``Retry-After`` (RFC 9110, 10.2.3) sets the wait, but does not cause a retry.
Ordinary requests, downloads and their segments all use ``RetryDecider``.
"""

from collections.abc import Callable

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan_options import RetryPolicy
from httpcli.core.request import Request
from httpcli.protocol.dates import parse_date

_FIRST_DELAY = 1.0
"""The limit in seconds of the wait after the first attempt; it doubles with each attempt."""
_MAX_DELAY = 60.0
_MAX_DOUBLINGS = 6
_MAX_DIGITS = 18
"""Digits of Retry-After that are read."""
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_IDEMPOTENCY_KEY = "Idempotency-Key"


class Failure(NamedTuple):
    """The failure of one attempt."""

    kind: str
    """A status or a key of ``plan_options.CONDITIONS``; empty if a retry would fail again."""
    unsent: bool = False
    """Whether no server can have received the request."""
    retry_after: float | None = None
    """The wait in seconds that the server requires; None without a requirement."""


class Decision(NamedTuple):
    """Whether another attempt is made."""

    wait: float | None
    """Seconds before the next attempt; None for no more attempts."""
    reason: str = ""
    """Why the request is not retried, if the user should know; otherwise empty."""
    retries_left: int = 0
    """The number of attempts that remain after the next one."""

    def notice(self, failure_text: str) -> str:
        """Return the notice for the user; empty if nothing is to be reported.

        ``failure_text`` describes the failure.
        """
        if self.wait is None:
            return f"{failure_text}; not retried: {self.reason}" if self.reason else ""
        left = f"{self.retries_left} left" if self.retries_left else "last attempt"
        return f"{failure_text}; retrying in {_seconds(self.wait)} s ({left})"


class RetryDecider:
    """Applies ``decide`` to the attempts of one request, whose first one begins now."""

    def __init__(
        self,
        retry: RetryPolicy,
        clock: Callable[[], float],
        now: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._retry = retry
        self._clock = clock
        """Monotonic, in seconds."""
        self._now = now
        """The time in seconds since 1970."""
        self._random = random
        self._started_at = clock()

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
        elapsed = self._clock() - self._started_at
        return decide(self._retry, request, failure, attempts, elapsed, self._random())


def failure_of_error(error: HttpcliError) -> Failure:
    """Return the failure of an attempt that ended with an error."""
    return Failure(error.transient_kind, error.unsent)


def failure_of_response(response: ResponseStarted, now: float) -> Failure:
    """Return the failure of an attempt that ended with a response.

    ``now`` is in seconds since 1970.
    """
    return Failure(str(response.status), retry_after=retry_after(response.fields, now))


def decide(
    retry: RetryPolicy,
    request: Request,
    failure: Failure,
    attempts: int,
    elapsed: float,
    random: float,
) -> Decision:
    """Decide whether to retry a request.

    ``attempts`` is the number of attempts until now; the first one began ``elapsed``
    seconds ago. ``random`` is at least 0 and less than 1.
    """
    if not failure.kind or not retry.covers(failure.kind) or attempts > retry.max_retries:
        return Decision(None)
    if not failure.unsent:
        if not (retry.retry_unsafe or is_repeatable(request)):
            return Decision(
                None,
                (
                    f"{request.method} may already have taken effect; to retry anyway: "
                    "--retry-unsafe"
                ),
            )
        if request.body is not None and not request.body.replayable:
            return Decision(None, "the body can be read only once; to keep a copy: --spool")
    wait = backoff(retry, attempts, random) if failure.retry_after is None else failure.retry_after
    if retry.max_time is not None and elapsed + wait > retry.max_time:
        return Decision(
            None,
            (
                f"the next retry, in {_seconds(wait)} s, would start after "
                f"--retry-max-time={retry.max_time:g}"
            ),
        )
    return Decision(wait, retries_left=retry.max_retries - attempts)


def _seconds(wait: float) -> str:
    """Return a number of seconds with two significant digits and no exponent.

    >>> [_seconds(wait) for wait in (0.0, 0.25, 1.0, 9.96, 300.0, 86400.0, 1e-7)]
    ['0', '0.25', '1', '10', '300', '86400', '0']
    """
    if wait >= 9.95:
        return f"{wait:.0f}"
    return "0" if wait < 0.001 else f"{wait:.2g}"


def is_repeatable(request: Request) -> bool:
    """Return whether a request is safe to repeat: idempotent, or with an Idempotency-Key."""
    return request.method in _IDEMPOTENT or request.fields.has(_IDEMPOTENCY_KEY)


def backoff(retry: RetryPolicy, attempts: int, random: float) -> float:
    """Return the seconds to wait after that many attempts.

    Random between 0 and a limit that doubles (full jitter), so that clients that failed
    at the same time do not retry at the same time.
    """
    if retry.delay is not None:
        return retry.delay
    return random * min(_MAX_DELAY, _FIRST_DELAY * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS))


def retry_after(fields: Fields, now: float) -> float | None:
    """Return the seconds until the time in Retry-After, which is a number or a date.

    None without a valid Retry-After; 0 for a date in the past.
    """
    value = (fields.first("Retry-After") or "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:_MAX_DIGITS])
    date = parse_date(value)
    return None if date is None else max(0.0, date - now)
