"""The process that runs ``app``: signals, garbage collection and the exit.

Garbage collection is off while modules are imported, because they leave no garbage. Ctrl-C
raises KeyboardInterrupt anywhere in the program, even in a blocking write, for which the signal
handler of asyncio would wait. The process ends with ``_exit``: all output is written by then,
and the normal exit of the interpreter takes 15 ms.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # typing itself costs 2 ms
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
_UNINTERRUPTIBLE = ("httpcli.storage.part_file", "write_at")
"""Module and function that must return before a signal raises an error."""
SIGNAL_BASE = 128


def main() -> None:
    """Run httpcli as a program; does not return."""
    gc.disable()
    try:
        status = _run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as error:
        status = int(error.code or 0)
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)


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
    """Raise the error now, or in the event loop if the signal interrupted critical code.

    aiohttp's parser would take an exception for the end of the body, and a download would be
    retried. A part file would not count the bytes of its last write. Neither blocks, so the
    delay is short.
    """
    while frame is not None:
        module, function = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module.startswith("aiohttp.") or (module, function) == _UNINTERRUPTIBLE:
            import asyncio

            def raise_error() -> None:
                raise error

            try:
                asyncio.get_running_loop().call_soon_threadsafe(raise_error)
            except RuntimeError:  # without a loop neither is running
                break
            return
        frame = frame.f_back
    raise error


if __name__ == "__main__":
    main()
