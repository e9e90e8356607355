"""Reads a file that is being sent.

What the page cache has is read in the event loop: to wake a thread for each piece
takes longer than to read it. Once a piece was slow the rest goes by aiofiles: while
a slow disk is read, the loop still sees an early answer and the clock. A FIFO or
device is read by a daemon thread: one of aiofiles' that waits there for ever could
not be ended.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from time import monotonic

import aiofiles

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.stdin import Fifo

_PIECE = 512 * 1024
_SLOW = 0.050
"""Seconds; a read that takes longer is the last one that the event loop waits for."""


async def read_upload(path: str, *, stored: bool) -> AsyncIterator[bytes]:
    """Give a file's bytes; ``stored``: it is a regular file, which never makes one wait.

    Raises HttpcliError with status LOCAL where it cannot be read.
    """
    pieces = _stored(path) if stored else Fifo(path).rest()
    try:
        async for piece in pieces:
            yield piece
    except OSError as error:
        raise HttpcliError(
            f"{path}: cannot be read: {error_reason(error)}", status=ExitStatus.LOCAL
        ) from None


async def _stored(path: str) -> AsyncIterator[bytes]:
    async with aiofiles.open(path, "rb", buffering=0) as file:
        began = monotonic()
        while piece := os.read(file.fileno(), _PIECE):
            slow = monotonic() - began > _SLOW
            yield piece
            if slow:
                break
            began = monotonic()
        while piece and (piece := await file.read(_PIECE)):
            yield piece
