"""Reads standard input in a daemon thread, a piece at a time, with back-pressure.

A thread, because a descriptor that is shared with siblings must not be made
non-blocking; a daemon, because a read that waits for ever must not keep Ctrl-C
from ending the process. At most two pieces wait in memory.
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable
from threading import Semaphore, Thread

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.streams import enlarge_pipe

_PIECE = 512 * 1024
_PIECES_AHEAD = 2
_PATIENCE = 1.0
"""Seconds without a byte until the user is told what is waited for."""

HEAD = 1024 * 1024
"""Bytes that are read before sending, so that a short body goes with its length."""


class StandardInput:
    """The bytes of a descriptor, read on demand. ``name`` stands in its errors."""

    name = "standard input"

    def __init__(self, fd: int, say_waiting: Callable[[], None]) -> None:
        self._fd = fd
        self._say_waiting = say_waiting
        self._queue: asyncio.Queue[bytes | OSError] = asyncio.Queue()
        self._room = Semaphore(_PIECES_AHEAD)
        self._started = False
        self.ended = False

    async def head(self, enough: int = HEAD) -> bytes:
        """Return the first bytes: up to the end (then ``ended``) or until they are ``enough``.

        Raises HttpcliError.
        """
        pieces: list[bytes] = []
        size = 0
        while size < enough and (piece := await self._next()):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    async def rest(self) -> AsyncIterator[bytes]:
        """Give what comes after the head. Raises HttpcliError."""
        while piece := await self._next():
            yield piece

    async def _next(self) -> bytes:
        if self.ended:
            return b""
        if not self._started:
            self._started = True
            loop = asyncio.get_running_loop()
            Thread(target=self._read, args=(loop,), name="stdin", daemon=True).start()
            notice = loop.call_later(_PATIENCE, self._say_waiting)
            try:
                piece = await self._queue.get()
            finally:
                notice.cancel()
        else:
            piece = await self._queue.get()
        if isinstance(piece, OSError):
            raise HttpcliError(
                f"{self.name} cannot be read: {error_reason(piece)}",
                status=ExitStatus.LOCAL,
            )
        self._room.release()
        self.ended = not piece
        return piece

    def _piece(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, _PIECE)
            except BlockingIOError:
                # A sibling process made the shared descriptor non-blocking.
                select.select([self._fd], [], [])

    def _open(self) -> None:
        """Make sure that there is a descriptor: called in the thread. Raises OSError."""

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        piece: bytes | OSError = b""
        first = True
        while first or (piece and not isinstance(piece, OSError)):
            self._room.acquire()
            try:
                if first:
                    first = False
                    self._open()
                    enlarge_pipe(self._fd)
                piece = self._piece()
            except OSError as error:
                piece = error
            try:
                loop.call_soon_threadsafe(self._queue.put_nowait, piece)
            except RuntimeError:  # the loop has closed: nobody wants it any more
                return


class Fifo(StandardInput):
    """The bytes of a FIFO or device; opening one waits, too, for who writes it."""

    def __init__(self, path: str) -> None:
        super().__init__(-1, lambda: None)
        self._path = path
        self.name = f"{path}:"

    def _open(self) -> None:
        self._fd = os.open(self._path, os.O_RDONLY)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        super()._read(loop)
        if self._fd >= 0:
            os.close(self._fd)
