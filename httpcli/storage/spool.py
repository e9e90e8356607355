"""Bytes that must wait, on disk: a file without a name, that only this process can read."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import IO, NamedTuple

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.events import Event, RequestChunk, ResponseChunk
from httpcli.core.exit_status import ExitStatus

_PIECE = 1 << 16


class SpillFile:
    """Takes pieces of bytes and gives each back once; empty, it takes no room on the disk.

    Not by aiofiles: a page cache takes a piece faster than a thread is woken.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0
        self._held = 0

    def put(self, data: bytes) -> tuple[int, int]:
        """Keep bytes and return their place. Raises HttpcliError where the disk is full."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            view, place = memoryview(data), self._end
            while view:
                written = os.pwrite(self._file.fileno(), view, self._end)
                view = view[written:]
                self._end += written
        except OSError as error:
            spool_directory = tempfile.gettempdir()
            raise HttpcliError(
                f"{spool_directory}: output that waits for its turn cannot be kept there: "
                f"{error_reason(error)}",
                status=ExitStatus.LOCAL,
            ) from None
        self._held += len(data)
        return place, len(data)

    def take(self, place: tuple[int, int]) -> bytes:
        """Return the bytes of a place, which nobody asks for again."""
        if self._file is None:
            raise AssertionError("nothing was put there")
        start, size = place
        pieces = []
        while size and (piece := os.pread(self._file.fileno(), min(size, _PIECE), start)):
            pieces.append(piece)
            start, size = start + len(piece), size - len(piece)
        data = b"".join(pieces)
        self.drop(place)
        return data

    def drop(self, place: tuple[int, int]) -> None:
        """Forget the bytes of a place."""
        self._held -= place[1]
        if not self._held and self._file is not None:
            self._file.truncate(0)
            self._end = 0

    def close(self) -> None:
        """Forget all."""
        if self._file is not None:
            self._file.close()
            self._file = None


# Content that is held on disk for a while: what comes until it is whole, what goes to go again.
#
# In files without a name, which are this user's alone and gone with the process, and first in
# memory (``tempfile.SpooledTemporaryFile``). They are written at once and not by aiofiles: what
# goes to the page cache waits for nobody.


_IN_MEMORY = 1024 * 1024
_SPOOL_PIECE = 256 * 1024
_LARGE = "/var/tmp"  # noqa: S108 - a file without a name cannot be raced for
"""Where large files of a run belong: ``/tmp`` is often memory."""


def spool_directory(env: Mapping[str, str]) -> str | None:
    """Return where to hold content; None for tempfile's own choice."""
    if env.get("TMPDIR"):
        return env["TMPDIR"]
    return _LARGE if os.access(_LARGE, os.W_OK | os.X_OK) else None


class _File:
    """A file without a name. Every method raises HttpcliError with status LOCAL."""

    def __init__(self, where: str | None) -> None:
        # Closed by ``close``, and by the process's end.
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=where)  # noqa: SIM115
        self._where = where or tempfile.gettempdir()
        self.size = 0

    def append(self, data: bytes) -> None:
        """Write at the end."""
        try:
            self._file.seek(self.size)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from None
        self.size += len(data)

    def read(self, start: int, count: int) -> bytes:
        """Read up to ``count`` bytes; none at the end."""
        try:
            self._file.seek(start)
            return self._file.read(count)
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def _failure(self, error: OSError) -> HttpcliError:
        return HttpcliError(
            f"{self._where}: content cannot be held there: {error_reason(error)}",
            hint="TMPDIR names another folder",
            status=ExitStatus.LOCAL,
        )


class _Run(NamedTuple):
    """Pieces of content in a row: whose, and how many bytes."""

    kind: type[RequestChunk] | type[ResponseChunk]
    size: int


class DiskEventBuffer:
    """Holds the events of an exchange, its content in a file."""

    def __init__(self, where: str | None) -> None:
        self._where = where
        self._file: _File | None = None
        self._held: list[Event | _Run] = []

    def add(self, event: Event) -> None:
        """Keep one more event. Raises HttpcliError where there is no room."""
        if not isinstance(event, (RequestChunk, ResponseChunk)):
            self._held.append(event)
            return
        if self._file is None:
            self._file = _File(self._where)
        self._file.append(event.data)
        kind = type(event)
        last = self._held[-1] if self._held else None
        if isinstance(last, _Run) and last.kind is kind:
            self._held[-1] = _Run(kind, last.size + len(event.data))
        else:
            self._held.append(_Run(kind, len(event.data)))

    def events(self) -> Iterator[Event]:
        """Give all of them, in order."""
        start = 0
        for event in self._held:
            if not isinstance(event, _Run):
                yield event
                continue
            end = start + event.size
            while start < end and self._file is not None:
                data = self._file.read(start, min(_SPOOL_PIECE, end - start))
                start += len(data)
                yield event.kind(data)

    def close(self) -> None:
        """Let go of them."""
        if self._file is not None:
            self._file.close()


class BodyCopy:
    """What comes once, to be read more than once: a reader goes on where the copy ends.

    Reading from the source is a task of its own. A reader that is cancelled, as
    an upload is that was answered early, must not break the source off: the next
    reader would take that for its end.
    """

    def __init__(self, source: AsyncIterator[bytes], where: str | None) -> None:
        self._source = source
        self._file = _File(where)
        self._ended = False
        self._reading: asyncio.Future[None] | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give all of the content from its beginning. Raises HttpcliError."""
        at = 0
        while True:
            if piece := self._file.read(at, _SPOOL_PIECE):
                at += len(piece)
                yield piece
            elif self._ended:
                return
            else:
                await self._more()

    async def _more(self) -> None:
        if self._reading is None or (self._reading.done() and self._failure is None):
            self._reading = asyncio.ensure_future(self._read())
        await asyncio.shield(self._reading)

    @property
    def _failure(self) -> BaseException | None:
        """What the source failed with: nobody gets more out of it."""
        reading = self._reading
        return reading.exception() if reading is not None and reading.done() else None

    async def _read(self) -> None:
        piece = await anext(self._source, None)
        if piece is None:
            self._ended = True
        else:
            self._file.append(piece)

    async def close(self) -> None:
        """Let go of it, and of the source."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._file.close()
