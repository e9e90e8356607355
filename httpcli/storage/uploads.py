"""Reads a file that is being sent.

By aiofiles: while a slow disk is read, the loop still sees an early answer and
the clock. A FIFO or device is read by a daemon thread: one of aiofiles' that
waits there for ever could not be ended.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiofiles

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.terminal.stdin import Fifo

_PIECE = 1024 * 1024


async def file_pieces(path: str, *, stored: bool) -> AsyncIterator[bytes]:
    """Give a file's bytes; ``stored``: it is a regular file, which never makes one wait.

    Raises HttpcliError with status LOCAL where it cannot be read.
    """
    pieces = _stored(path) if stored else Fifo(path).rest()
    try:
        async for piece in pieces:
            yield piece
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HttpcliError(f"{path}: cannot be read: {reason}", status=ExitStatus.LOCAL) from None


async def _stored(path: str) -> AsyncIterator[bytes]:
    async with aiofiles.open(path, "rb", buffering=0) as file:
        while piece := await file.read(_PIECE):
            yield piece
