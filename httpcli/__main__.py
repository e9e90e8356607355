"""The process around ``app``: what must happen first, and how it ends.

The collector sleeps while modules load, since nothing of theirs is garbage.
Ctrl-C raises KeyboardInterrupt wherever the program is, also in a write that
blocks; asyncio's own handler would wait for the write. The end is ``_exit``:
all output has been written, and tearing the interpreter down costs 15 ms.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run httpcli as a program; does not return."""
    gc.disable()
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt)
        status = _run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.stderr.flush()
    os._exit(status)


def _run() -> int:
    # Imported here so that Ctrl-C during the imports ends quietly too.
    from httpcli.app import run
    from httpcli.terminal.surroundings import capture

    return run(capture())


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
