"""What the request of this task waits for, and when it reached each phase.

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

    waits_for = "the server did not answer"
    """What an error says if the time runs out now."""
    stopwatch: Stopwatch | None = None
    """Measures the phases; None unless timings are wanted."""


_CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def current_attempt() -> Attempt | None:
    """Return the attempt that this task works for."""
    return _CURRENT.get()


def set_current_attempt(attempt: Attempt) -> None:
    """Let this task, and the tasks that it starts from now on, work for ``attempt``."""
    _CURRENT.set(attempt)


class waiting_for:  # noqa: N801 - used as a function
    """Note what the attempt waits for in the block.

    A class: a generator would cost more for each request.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._attempt = _CURRENT.get()
        self._before = ""

    def __enter__(self) -> None:
        if self._attempt is not None:
            self._before, self._attempt.waits_for = self._attempt.waits_for, self._what

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._attempt is not None and kind is None:  # after a failure the note is still right
            self._attempt.waits_for = self._before


def now_waiting_for(what: str) -> None:
    """Note that the attempt waits for something else from now on."""
    attempt = _CURRENT.get()
    if attempt is not None:
        attempt.waits_for = what


def mark_time(mark: str) -> None:
    """Note that the attempt reached a mark of ``stopwatch.Stopwatch``."""
    attempt = _CURRENT.get()
    if attempt is not None and attempt.stopwatch is not None:
        attempt.stopwatch.mark(mark)
