"""Functions that a signal does not interrupt.

The signal handlers of ``__main__`` raise an error between two lines of Python. In the middle of
creating, saving or renaming a file, that would leave files behind. So a signal that arrives
during an uninterruptible function raises its error when the outermost such function returns.

Decorate only functions that never wait for another program: opening a FIFO may take forever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _MainThread:
    """The state of the main thread, in which Python runs signal handlers."""

    depth = 0
    """The number of uninterruptible functions that are running inside each other."""
    delayed: BaseException | None = None
    """The error of a signal, to be raised when the outermost function returns."""


def delay_error(error: BaseException) -> bool:
    """Delay the error of a signal if it must not be raised now; return whether it is delayed."""
    if not _MainThread.depth:
        return False
    _MainThread.delayed = error
    return True


def is_active() -> bool:
    """Return whether an uninterruptible function is running in the main thread."""
    return _MainThread.depth > 0


def uninterruptible(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function so that a signal raises its error after the function, not in it."""

    @wraps(function)
    def uninterrupted(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if threading.get_ident() != threading.main_thread().ident:
            return function(*args, **kwargs)
        _MainThread.depth += 1
        try:
            return function(*args, **kwargs)
        finally:
            _MainThread.depth -= 1
            delayed = _MainThread.delayed
            if delayed is not None and not _MainThread.depth:
                _MainThread.delayed = None
                raise delayed

    return uninterrupted
