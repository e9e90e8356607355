"""Reads standard input, FIFOs and devices in a daemon thread, with back-pressure.

In a thread, because a descriptor that other processes share must not be made
non-blocking. In a daemon thread, so that Ctrl-C ends the process during a blocked read. At
most two pieces wait in memory.
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

_PIECE_SIZE = 512 * 1024
_MAX_WAITING = 2
_NOTICE_DELAY = 1.0
"""Seconds without a byte before a notice that the program waits for input."""

HEAD_SIZE = 1024 * 1024
"""Bytes that are read before the request is sent, so that a short body has a Content-Length."""


class StandardInput:
    """Reads a file descriptor on demand.

    ``owns_fd``: the thread closes the descriptor after its last read. If anyone else closed it,
    the thread could read from the next file that gets the same number.
    """

    name = "standard input"
    """The name in error messages."""

    def __init__(
        self, fd: int, notify_waiting: Callable[[], None], *, owns_fd: bool = False
    ) -> None:
        self._fd = fd
        self._owns_fd = owns_fd
        self._notify_waiting = notify_waiting
        self._queue: asyncio.Queue[bytes | OSError] = asyncio.Queue()
        self._slots = Semaphore(_MAX_WAITING)
        self._started = False
        self.ended = False
        """Whether all bytes have been read."""

    async def head(self, min_size: int = HEAD_SIZE) -> bytes:
        """Return the first bytes: at least ``min_size``, or all (then ``ended`` is True).

        Raises HttpcliError.
        """
        pieces: list[bytes] = []
        size = 0
        while size < min_size and (piece := await self._next()):
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
                return os.read(self._fd, _PIECE_SIZE)
            except BlockingIOError:
                # Another process made the shared descriptor non-blocking.
                select.select([self._fd], [], [])

    def _open(self) -> None:
        """Open the descriptor in the thread, before the first read. Raises OSError."""

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._read_all(loop)
        finally:
            if self._owns_fd and self._fd >= 0:
                os.close(self._fd)

    def _read_all(self, loop: asyncio.AbstractEventLoop) -> None:
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
    """Reads a FIFO or device, which is opened in the thread: a FIFO without a writer blocks."""

    def __init__(self, path: str) -> None:
        super().__init__(-1, lambda: None, owns_fd=True)
        self._path = path
        self.name = f"{path}:"

    def _open(self) -> None:
        self._fd = os.open(self._path, os.O_RDONLY)
