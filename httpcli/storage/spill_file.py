"""Bytes that must wait, on disk: a file without a name, that only this process can read."""

from __future__ import annotations

import os
import tempfile
from typing import IO

from httpcli.core.errors import HttpcliError, refusal_of
from httpcli.core.exit_status import ExitStatus

_PIECE = 1 << 16


class Overflow:
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
            folder = tempfile.gettempdir()
            raise HttpcliError(
                f"{folder}: output that waits for its turn cannot be kept there: "
                f"{refusal_of(error)}",
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
