"""Reads standard input, FIFOs and devices in a daemon thread, with back-pressure.

A thread, because a descriptor that is shared with other processes must not be
made non-blocking; a daemon, because a blocked read must not keep Ctrl-C from
ending the process. At most two pieces wait in memory.
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
_MAX_WAITING = 2
_NOTICE_DELAY = 1.0
"""Seconds without a byte until the user is told that input is awaited."""

HEAD_SIZE = 1024 * 1024
"""Bytes that are read before sending, so that a short body has a Content-Length."""


class StandardInput:
    """The bytes of a descriptor, read on demand; ``name`` is for its errors."""

    name = "standard input"

    def __init__(self, fd: int, notify_waiting: Callable[[], None]) -> None:
        self._fd = fd
        self._notify_waiting = notify_waiting
        self._queue: asyncio.Queue[bytes | OSError] = asyncio.Queue()
        self._slots = Semaphore(_MAX_WAITING)
        self._started = False
        self.ended = False

    async def head(self, enough: int = HEAD_SIZE) -> bytes:
        """Return the first bytes: all of them (then ``ended`` is true), or at least ``enough``.

        Raises HttpcliError.
        """
        pieces: list[bytes] = []
        size = 0
        while size < enough and (piece := await self._next()):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield the bytes after the head. Raises HttpcliError."""
        while piece := await self._next():
            yield piece

    async def _next(self) -> bytes:
        if self.ended:
            return b""
        if not self._started:
            self._started = True
            loop = asyncio.get_running_loop()
            Thread(target=self._read, args=(loop,), name="stdin", daemon=True).start()
            notice = loop.call_later(_NOTICE_DELAY, self._notify_waiting)
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
        self._slots.release()
        self.ended = not piece
        return piece

    def _read_piece(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, _PIECE)
            except BlockingIOError:
                # Another process made the shared descriptor non-blocking.
                select.select([self._fd], [], [])

    def _open(self) -> None:
        """Open the descriptor if it is not open; called in the thread. Raises OSError."""

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        piece: bytes | OSError = b""
        first = True
        while first or (piece and not isinstance(piece, OSError)):
            self._slots.acquire()
            try:
                if first:
                    first = False
                    self._open()
                    enlarge_pipe(self._fd)
                piece = self._read_piece()
            except OSError as error:
                piece = error
            try:
                loop.call_soon_threadsafe(self._queue.put_nowait, piece)
            except RuntimeError:  # the loop is closed: the run has ended
                return


class Fifo(StandardInput):
    """The bytes of a FIFO or device; opening a FIFO blocks until a writer opens it."""

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
