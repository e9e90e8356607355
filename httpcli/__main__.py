"""The process that runs ``app``: signals, garbage collection and the exit.

Garbage collection is off while modules are imported, because they leave no garbage. The process
ends with ``_exit``: all output is written by then, and the normal exit of the interpreter takes
15 ms. ``_Interruption`` says how SIGINT, SIGTERM and SIGHUP end a run.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # typing itself costs 2 ms
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

SIGNAL_BASE = 128
_GENERATOR_FLAGS = 0x20 | 0x80 | 0x100 | 0x200
"""The flags of generators, coroutines and asynchronous generators in ``inspect``."""
_CHECK_INTERVAL = 0.1
"""Seconds between two checks of a run that a signal has interrupted."""
_IMPORT_CHECK_INTERVAL = 0.005
"""The same during an import."""
_MAX_CLEANUP = 5.0
"""Seconds after which a run ends although its cleanup has not."""
_MAX_CLEANUP_AFTER_SECOND_SIGNAL = 0.4
_MAX_FILE_CHANGE = 1.0
"""More seconds after a second signal, if a change of a file does not end either."""


def main() -> None:
    """Run httpcli as a program; does not return."""
    gc.disable()
    status = _status_of(_run)
    _interruption.close_files()
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(_interruption.status or status)


def _status_of(function: Callable[[], int]) -> int:
    """Call a function and return its exit status, or that of the signal that ended it."""
    try:
        return function()
    except KeyboardInterrupt:
        return SIGNAL_BASE + 2
    except SystemExit as error:
        return int(error.code or 0)


def _run() -> int:
    # Imported here, so that Ctrl-C during the imports ends without a traceback.
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interruption.begin)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interruption.begin)

    from httpcli.app import run
    from httpcli.terminal.environment import capture_environment

    _interruption.raise_pending()
    environment = capture_environment()
    if environment.stdout.is_terminal or environment.stderr.is_terminal:
        from httpcli.terminal.terminal_output import guard_python_streams

        guard_python_streams(environment)
    return run(environment)


class _Interruption:
    """The end of a run by a signal.

    A signal raises an error where it breaks nothing, and the run cleans up:

    - Outside of an event loop, the error is raised at once.
    - A running event loop raises it between two steps of its tasks, and then cancels them. Inside
      a step it could end a coroutine without the coroutines that it awaits, or prevent that a
      task continues, which then could not be cancelled either.
    - A step that blocks, for example while it writes to a full pipe, is interrupted by a timer.
    - An import ends first. A timer checks that often, because imports end soon.
    - If a file is being changed, the function that changes it raises the error at its end.

    The timer also ends the process if the cleanup takes too long. A second signal shortens that.
    Python may lose an error, for example in a destructor: then it is raised again.
    """

    def __init__(self) -> None:
        self.status = 0
        """The exit status for the first signal that arrived; 0 if none did."""
        self._error: BaseException | None = None
        """The error that is still to be raised."""
        self._is_second = False
        self._seconds_left = 0.0
        self._interval = _CHECK_INTERVAL
        self._position: tuple[FrameType, int] | None = None
        """The instruction at the last check."""
        self._is_closing = False

    def begin(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGINT, SIGTERM or SIGHUP."""
        import signal

        self._is_second = self.status != 0
        limit = _MAX_CLEANUP_AFTER_SECOND_SIGNAL if self._is_second else _MAX_CLEANUP
        self._seconds_left = limit
        self.status = self.status or SIGNAL_BASE + number
        signal.signal(signal.SIGALRM, self._check)
        self._start_timer(frame)
        if not _is_running(frame):  # ``main`` is about to exit
            return
        is_interrupt = number == signal.SIGINT
        self._error = KeyboardInterrupt() if is_interrupt else SystemExit(SIGNAL_BASE + number)
        loop = _running_loop()
        if loop is not None:
            loop.call_soon_threadsafe(self.raise_pending)
        elif not _is_importing(frame):
            self.raise_pending()

    def close_files(self) -> None:
        """Remove or keep the part files that a signal left open, if there are any."""
        self._is_closing = True
        part_file = sys.modules.get("httpcli.storage.part_file")
        if part_file is not None and hasattr(part_file, "close_open_files"):
            part_file.close_open_files()

    def raise_pending(self) -> None:
        """Raise the error of a signal that has not been raised; a change of a file ends first."""
        error, self._error = self._error, None
        if error is None:
            return
        self._silence_python()
        files = _uninterruptible()
        if files is None or not files.delay_error(error):
            raise error

    def _check(self, _number: int, frame: FrameType | None) -> None:
        """Raise the error in a step that blocks; end the process if the run does not end."""
        self._seconds_left -= self._interval
        self._start_timer(frame)
        if self._seconds_left <= 0:
            files = _uninterruptible()
            if not self._is_closing and (files is None or not files.is_active()):
                self.close_files()
                os._exit(self.status)
            if self._is_second and self._seconds_left <= -_MAX_FILE_CHANGE:
                os._exit(self.status)
        elif self._error is not None and self._may_raise(frame):
            self.raise_pending()

    def _may_raise(self, frame: FrameType | None) -> bool:
        """Return whether an error at the current instruction breaks nothing."""
        if frame is None or not _is_running(frame) or _is_importing(frame):
            return False
        if _running_loop() is None:
            return True
        position, self._position = self._position, (frame, frame.f_lasti)
        owner, package = None, ""
        outer: FrameType | None = frame
        while outer is not None:
            name = str(outer.f_globals.get("__name__")).partition(".")[0]
            if name == "aiohttp":  # its parser would take an exception for the end of the body
                return False
            if owner is None and name in ("asyncio", "httpcli"):
                owner, package = outer, name
            outer = outer.f_back
        if owner is None or package == "asyncio":
            return False
        return position == self._position or not owner.f_code.co_flags & _GENERATOR_FLAGS

    def _start_timer(self, frame: FrameType | None) -> None:
        import signal

        self._interval = _IMPORT_CHECK_INTERVAL if _is_importing(frame) else _CHECK_INTERVAL
        signal.setitimer(signal.ITIMER_REAL, self._interval)

    def _silence_python(self) -> None:
        """Do not print warnings about coroutines that were interrupted; notice lost errors."""
        import warnings

        warnings.simplefilter("ignore")

        def raise_again(lost: sys.UnraisableHookArgs) -> None:
            if isinstance(lost.exc_value, (KeyboardInterrupt, SystemExit)):
                self._error = lost.exc_value

        sys.unraisablehook = raise_again


_interruption = _Interruption()


def _is_running(frame: FrameType | None) -> bool:
    """Return whether ``_run`` is being executed: it is where errors of signals are caught."""
    while frame is not None and frame.f_code is not _run.__code__:
        frame = frame.f_back
    return frame is not None


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether an import called a frame: a module in C would raise ImportError instead."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _running_loop() -> AbstractEventLoop | None:
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio.get_running_loop() if asyncio is not None else None
    except (AttributeError, RuntimeError):  # asyncio is being imported, or no loop is running
        return None


def _uninterruptible() -> Any:
    """Return the module of that name if it is imported; a signal handler must not import it."""
    module = sys.modules.get("httpcli.storage.uninterruptible")
    return module if hasattr(module, "is_active") else None


if __name__ == "__main__":
    main()
