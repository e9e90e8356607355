"""The process around ``app``: what must happen first, and how it ends.

The collector sleeps while modules load, since nothing of theirs is garbage.
Ctrl-C raises KeyboardInterrupt wherever the program is, also in a write that
blocks; asyncio's own handler would wait for the write. The end is ``_exit``:
all output has been written, and tearing the interpreter down costs 15 ms.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # typing itself costs 2 ms
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
BY_SIGNAL = 128


def main() -> None:
    """Run httpcli as a program; does not return."""
    gc.disable()
    try:
        status = _run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as ended:
        status = int(ended.code or 0)
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)


def _run() -> int:
    # Imported here so that Ctrl-C during the imports ends quietly too.
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)

    from httpcli.app import run
    from httpcli.terminal.environment import capture

    return run(capture())


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    _raise(KeyboardInterrupt(), frame)


def _terminate(number: int, frame: FrameType | None) -> None:
    """End as a shell says it of a process that a signal ended, but with part files removed."""
    _raise(SystemExit(BY_SIGNAL + number), frame)


def _raise(end: BaseException, frame: FrameType | None) -> None:
    """Raise it here and now, or as soon as aiohttp's parser has returned.

    What is raised below the parser is taken for the end of the content: a download
    would try again. Nothing of aiohttp's blocks, so this is at once, too.
    """
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("aiohttp."):
            import asyncio

            def again() -> None:
                raise end

            try:
                asyncio.get_running_loop().call_soon_threadsafe(again)
            except RuntimeError:  # no loop, no parser
                break
            return
        frame = frame.f_back
    raise end


if __name__ == "__main__":
    main()
