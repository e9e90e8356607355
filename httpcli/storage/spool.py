"""Stores output, responses and request bodies in temporary files until they are needed.

The files have no name, are readable only by this user, and disappear with the process. They
are written without aiofiles: writing to the page cache is faster than waking a thread.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import IO

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.events import Event, RequestChunk, ResponseChunk
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple

_PIECE_SIZE = 256 * 1024
"""Bytes read back at once."""
_OUTPUT_PIECE_SIZE = 1 << 16
_MAX_IN_MEMORY = 1024 * 1024
"""Bytes that are kept in memory before a file is created."""
_LARGE_FILES = "/var/tmp"  # noqa: S108 - a file without a name cannot be replaced by an attacker
"""The directory for large files: ``/tmp`` is often in memory."""


def spool_directory(env: Mapping[str, str]) -> str | None:
    """Return the directory for spooled content; None for the default of ``tempfile``."""
    if env.get("TMPDIR"):
        return env["TMPDIR"]
    return _LARGE_FILES if os.access(_LARGE_FILES, os.W_OK | os.X_OK) else None


class SpillFile:
    """Stores pieces of output until they can be written; each is read once.

    It uses no disk space while it is empty.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0
        self._stored = 0
        """Bytes that have not been taken or dropped."""

    def put(self, data: bytes) -> tuple[int, int]:
        """Store bytes; return their offset and length. Raises HttpcliError if the disk is full."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            view, start = memoryview(data), self._end
            while view:
                written = os.pwrite(self._file.fileno(), view, self._end)
                view = view[written:]
                self._end += written
        except OSError as error:
            directory = tempfile.gettempdir()
            raise HttpcliError(
                f"{directory}: cannot write temporary output: {error_reason(error)}",
                status=ExitStatus.LOCAL,
            ) from None
        self._stored += len(data)
        return start, len(data)

    def take(self, location: tuple[int, int]) -> bytes:
        """Return and drop the bytes that ``put`` stored at this offset, with this length."""
        if self._file is None:
            raise AssertionError("nothing was put there")
        start, size = location
        pieces = []
        fd = self._file.fileno()
        while size and (piece := os.pread(fd, min(size, _OUTPUT_PIECE_SIZE), start)):
            pieces.append(piece)
            start, size = start + len(piece), size - len(piece)
        data = b"".join(pieces)
        self.drop(location)
        return data

    def drop(self, location: tuple[int, int]) -> None:
        """Drop the bytes that ``put`` stored at this offset, with this length."""
        self._stored -= location[1]
        if not self._stored and self._file is not None:
            self._file.truncate(0)
            self._end = 0

    def close(self) -> None:
        """Drop everything."""
        if self._file is not None:
            self._file.close()
            self._file = None


class _SpoolFile:
    """A file without a name, in memory while small.

    Every method raises HttpcliError with status LOCAL.
    """

    def __init__(self, directory: str | None) -> None:
        # Closed by ``close``, or when the process ends.
        self._file = tempfile.SpooledTemporaryFile(_MAX_IN_MEMORY, dir=directory)  # noqa: SIM115
        self._directory = directory or tempfile.gettempdir()
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
        """Return up to ``count`` bytes; empty at the end."""
        try:
            self._file.seek(start)
            return self._file.read(count)
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _failure(self, error: OSError) -> HttpcliError:
        return HttpcliError(
            f"{self._directory}: cannot write temporary file: {error_reason(error)}",
            hint="to use another directory: TMPDIR=DIR",
            status=ExitStatus.LOCAL,
        )


class _StoredChunks(NamedTuple):
    """Consecutive chunks of the same kind, whose bytes are in the file."""

    kind: type[RequestChunk] | type[ResponseChunk]
    size: int
    """Bytes."""


class DiskEventBuffer:
    """Buffers the events of an exchange; the bodies are in a file."""

    def __init__(self, directory: str | None) -> None:
        self._directory = directory
        self._file: _SpoolFile | None = None
        self._events: list[Event | _StoredChunks] = []

    def add(self, event: Event) -> None:
        """Add an event. Raises HttpcliError if the disk is full."""
        if not isinstance(event, (RequestChunk, ResponseChunk)):
            self._events.append(event)
            return
        if self._file is None:
            self._file = _SpoolFile(self._directory)
        self._file.append(event.data)
        kind = type(event)
        last = self._events[-1] if self._events else None
        if isinstance(last, _StoredChunks) and last.kind is kind:
            self._events[-1] = _StoredChunks(kind, last.size + len(event.data))
        else:
            self._events.append(_StoredChunks(kind, len(event.data)))

    def events(self) -> Iterator[Event]:
        """Yield the events in order; the chunks may be divided differently."""
        start = 0
        for event in self._events:
            if not isinstance(event, _StoredChunks):
                yield event
                continue
            end = start + event.size
            while start < end and self._file is not None:
                data = self._file.read(start, min(_PIECE_SIZE, end - start))
                start += len(data)
                yield event.kind(data)

    def close(self) -> None:
        """Drop the events."""
        if self._file is not None:
            self._file.close()


class BodyCopy:
    """Copies a body that can be read only once, so that it can be sent several times.

    The source is read in a separate task. A reader may be cancelled, as an upload is after an
    early response; that must not end the source, or the next reader would take it for
    complete.
    """

    def __init__(self, source: AsyncIterator[bytes], directory: str | None) -> None:
        self._source = source
        self._file = _SpoolFile(directory)
        self._is_complete = False
        self._reading: asyncio.Future[None] | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body from its beginning. Raises HttpcliError."""
        offset = 0
        while True:
            if piece := self._file.read(offset, _PIECE_SIZE):
                offset += len(piece)
                yield piece
            elif self._is_complete:
                return
            else:
                await self._wait_for_more()

    async def _wait_for_more(self) -> None:
        if self._reading is None or (self._reading.done() and self._failure is None):
            self._reading = asyncio.ensure_future(self._read_piece())
        await asyncio.shield(self._reading)

    @property
    def _failure(self) -> BaseException | None:
        """The error that ended the source, if any."""
        reading = self._reading
        return reading.exception() if reading is not None and reading.done() else None

    async def _read_piece(self) -> None:
        piece = await anext(self._source, None)
        if piece is None:
            self._is_complete = True
        else:
            self._file.append(piece)

    async def close(self) -> None:
        """Remove the copy, and stop reading the source."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._file.close()
