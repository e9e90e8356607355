"""Runs a coroutine in an event loop that a signal wakes at any moment."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_R = TypeVar("_R")


def run_in_loop(main: Coroutine[Any, Any, _R]) -> _R:
    """Run a coroutine as ``asyncio.run`` does, and return its result.

    Errors of tasks that were abandoned, for example after Ctrl-C, are not printed.
    """
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _loop, _context: None)
        # A signal just before the loop waits would be noticed only when the wait ends. A handler
        # of the loop, for a signal that is ignored by default, lets each signal end the wait.
        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGURG, _do_nothing)
        return runner.run(main)


def _do_nothing() -> None:
    """Handle SIGURG."""
