"""The process that runs ``app``: signals, garbage collection and the exit.

Garbage collection is off while modules are imported, because they leave no garbage. Ctrl-C
raises KeyboardInterrupt in the event loop, or in a blocking write, for which the signal handler
of asyncio would wait. The process ends with ``_exit``: all output is written by then, and the
normal exit of the interpreter takes 15 ms.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # typing itself costs 2 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

INTERRUPTED = 130
SIGNAL_BASE = 128
_OUTPUT_MODULES = ("httpcli.terminal.", "httpcli.output.")
_COROUTINE_FLAGS = 0x20 | 0x80 | 0x100 | 0x200
"""The flags of generators, coroutines and asynchronous generators in ``inspect``."""
_IMPORT_CHECK_INTERVAL = 0.005
"""Seconds after which a signal looks again whether an import is over."""
_MAX_STEP = 0.1
"""Seconds after which a signal interrupts a step of a task: it may be blocked."""

_delayed_by_imports: list[BaseException] = []
"""The errors of signals that arrived during an import."""


def main() -> None:
    """Run httpcli as a program; does not return."""
    gc.disable()
    status = _status_of(_run)
    # A second signal may arrive while the first one is handled.
    while (interrupted := _status_of(_close_files)) != 0:
        status = interrupted
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)


def _status_of(function: Callable[[], int]) -> int:
    """Call a function and return its exit status, or that of the signal that ended it."""
    try:
        return function()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as error:
        return int(error.code or 0)


def _close_files() -> int:
    """Remove or keep the part files that a signal left open, if there are any."""
    part_file = sys.modules.get("httpcli.storage.part_file")
    if part_file is not None and hasattr(part_file, "close_open_files"):
        part_file.close_open_files()
    return 0


def _run() -> int:
    # Imported here, so that Ctrl-C during the imports ends without a traceback.
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)

    from httpcli.app import run
    from httpcli.terminal.environment import capture_environment

    if _delayed_by_imports:
        raise _delayed_by_imports[0]
    environment = capture_environment()
    if environment.stdout.is_terminal or environment.stderr.is_terminal:
        from httpcli.terminal.terminal_output import guard_python_streams

        guard_python_streams(environment)
    return run(environment)


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    _raise_when_safe(KeyboardInterrupt(), frame)


def _terminate(number: int, frame: FrameType | None) -> None:
    """Exit with the status of a process that a signal ended, after cleaning up partial files."""
    _raise_when_safe(SystemExit(SIGNAL_BASE + number), frame)


def _raise_when_safe(error: BaseException, frame: FrameType | None) -> None:
    """Raise the error of a signal where it breaks nothing.

    A running event loop raises it between two steps of its tasks, and then cancels them. Inside
    a step it could end a coroutine without the coroutines that it awaits, and they would leave
    files behind. But functions that write output are interrupted at once, and a step that blocks
    is interrupted after a while.
    """
    asyncio = sys.modules.get("asyncio")
    try:
        loop = asyncio.get_running_loop() if asyncio is not None else None
    except (AttributeError, RuntimeError):  # asyncio is being imported, or no loop is running
        loop = None
    if loop is None or _is_writing_output(frame):
        _raise_after_imports(error, frame)
        return
    import signal

    is_raised = False

    def stop_timer() -> None:
        nonlocal is_raised
        is_raised = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    def raise_in_loop() -> None:
        if not is_raised:
            stop_timer()
            raise error

    def raise_in_blocked_step(_signal: int, frame: FrameType | None) -> None:
        # aiohttp's parser would take an exception for the end of the body. It does not block.
        caller = frame
        while caller is not None:
            if caller.f_globals.get("__name__", "").startswith("aiohttp."):
                return
            caller = caller.f_back
        if not is_raised and not _is_importing(frame):
            stop_timer()
            _raise_unless_delayed(error)

    signal.signal(signal.SIGALRM, raise_in_blocked_step)
    signal.setitimer(signal.ITIMER_REAL, _MAX_STEP, _MAX_STEP)
    loop.call_soon_threadsafe(raise_in_loop)


def _is_writing_output(frame: FrameType | None) -> bool:
    """Return whether a frame is that of an ordinary function, not a coroutine, for output."""
    if frame is None or frame.f_code.co_flags & _COROUTINE_FLAGS:
        return False
    return str(frame.f_globals.get("__name__")).startswith(_OUTPUT_MODULES)


def _raise_after_imports(error: BaseException, frame: FrameType | None) -> None:
    """Raise an error outside of imports: a module in C would turn it into an ImportError."""
    if not _is_importing(frame):
        _raise_unless_delayed(error)
        return
    import signal

    _delayed_by_imports.append(error)
    signal.signal(signal.SIGALRM, lambda _signal, frame: _raise_after_imports(error, frame))
    signal.setitimer(signal.ITIMER_REAL, _IMPORT_CHECK_INTERVAL)


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether a frame was called by an import."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _raise_unless_delayed(error: BaseException) -> None:
    """Raise an error; if a file is being changed, the function that changes it will raise it."""
    files = sys.modules.get("httpcli.storage.uninterruptible")
    if files is None or not hasattr(files, "delay_error") or not files.delay_error(error):
        raise error


if __name__ == "__main__":
    main()
