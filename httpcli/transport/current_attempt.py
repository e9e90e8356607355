"""The attempt of the current task: what it waits for, and when it reached each phase.

A connection is made deep inside a library, in the task of the request that needs
it. A context variable leads from there to the request.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpcli.transport.stopwatch import Stopwatch


class Attempt:
    """One attempt to send a request."""

    timeout_reason = "no response from the server"
    """The reason that a timeout error gives if the time runs out now."""
    phase = ""
    """What was running when ``--max-time`` ends, if ``timeout_reason`` is not true of it.

    The whole time can be over while bytes arrive: nothing has stopped then.
    """
    is_opening_tunnel = False
    """Whether a proxy is connected that has not opened the tunnel to the origin yet."""
    stopwatch: Stopwatch | None = None
    """Measures the phases; None unless timings are wanted."""


_CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def current_attempt() -> Attempt | None:
    """Return the attempt of this task."""
    return _CURRENT.get()


def set_current_attempt(attempt: Attempt) -> None:
    """Set the attempt of this task, and of the tasks that it starts from now on."""
    _CURRENT.set(attempt)


class timeout_reason:  # noqa: N801 - used as a function
    """Set the attempt's timeout reason during the block; restore it unless the block fails.

    A class: a generator would cost more for each request.
    """

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._attempt = _CURRENT.get()
        self._before = ("", False)

    def __enter__(self) -> None:
        attempt = self._attempt
        if attempt is not None:
            self._before = attempt.timeout_reason, attempt.is_opening_tunnel
            attempt.timeout_reason, attempt.is_opening_tunnel = self._reason, False

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After a failure the error still needs the reason.
        if self._attempt is not None and kind is None:
            self._attempt.timeout_reason, self._attempt.is_opening_tunnel = self._before


def set_timeout_reason(reason: str, *, is_opening_tunnel: bool = False) -> None:
    """Set the timeout reason of the attempt, and whether it waits for a proxy's tunnel."""
    attempt = _CURRENT.get()
    if attempt is not None:
        attempt.timeout_reason, attempt.is_opening_tunnel = reason, is_opening_tunnel


def mark_time(mark: str) -> None:
    """Note that the attempt reached a mark of ``stopwatch.Stopwatch``."""
    attempt = _CURRENT.get()
    if attempt is not None and attempt.stopwatch is not None:
        attempt.stopwatch.mark(mark)
