"""Reads a file that is uploaded.

Pieces in the page cache are read in the event loop: waking a thread for each piece takes
longer than reading it. After a slow read, aiofiles reads the remaining pieces, so that the
event loop can handle an early response and timeouts. A FIFO or device is read by a daemon
thread: a thread of aiofiles that blocks forever would keep the process from exiting.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from time import monotonic

import aiofiles

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.stdin import Fifo

_PIECE_SIZE = 512 * 1024
_SLOW_READ = 0.050
"""Seconds; after a read that takes longer, aiofiles reads the remaining pieces."""


async def read_upload(path: str, *, is_regular: bool) -> AsyncIterator[bytes]:
    """Yield the bytes of a file; without ``is_regular`` it is a FIFO or a device.

    Raises HttpcliError with status LOCAL if it cannot be read.
    """
    pieces = _read_regular(path) if is_regular else Fifo(path).rest()
    try:
        async for piece in pieces:
            yield piece
    except OSError as error:
        raise HttpcliError(
            f"{path}: cannot be read: {error_reason(error)}", status=ExitStatus.LOCAL
        ) from None


async def _read_regular(path: str) -> AsyncIterator[bytes]:
    async with aiofiles.open(path, "rb", buffering=0) as file:
        started = monotonic()
        while piece := os.read(file.fileno(), _PIECE_SIZE):
            is_slow = monotonic() - started > _SLOW_READ
            yield piece
            if is_slow:
                break
            started = monotonic()
        while piece and (piece := await file.read(_PIECE_SIZE)):
            yield piece
