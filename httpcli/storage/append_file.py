"""Appends to a file: the output of one run stays together, even if other runs append too."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.streams import own_terminal_guard

if TYPE_CHECKING:
    from httpcli.core.terminal_guard import OutputGuard


class AppendFile:
    """Buffers the written bytes; ``commit`` locks the file and appends them.

    Every method raises HttpcliError with status LOCAL.
    """

    def __init__(self, typed: str, path: str) -> None:
        self._typed = typed
        self._path = path
        self._fd = -1
        self._data = bytearray()
        self._guard: OutputGuard | None = None
        """Guards the bytes if the file is the user's terminal."""

    def __enter__(self) -> AppendFile:
        """Open the file. Call it before the first request."""
        try:
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise self._failure(error) from None
        self._guard = own_terminal_guard(self._fd)
        return self

    def write(self, data: bytes) -> None:
        """Buffer these bytes."""
        self._data += data if self._guard is None else self._guard.feed(data)

    def commit(self) -> None:
        """Append the buffered bytes and close the file."""
        try:
            self.flush()
        finally:
            self._close()

    def flush(self) -> None:
        """Append the buffered bytes in one piece."""
        try:
            with suppress(OSError):  # a device, or a file system without locks
                fcntl.flock(self._fd, fcntl.LOCK_EX)
            size = os.fstat(self._fd).st_size
            view = memoryview(self._data)
            try:
                while view:
                    view = view[os.write(self._fd, view) :]
            except OSError:
                with suppress(OSError):  # a device has no length
                    os.ftruncate(self._fd, size)  # a full disk must not leave half a record
                raise
            with suppress(OSError):
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError as error:
            raise self._failure(error) from None
        self._data = bytearray()

    def __exit__(self, *_error: object) -> None:
        """Close the file; buffered bytes are lost."""
        self._close()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _failure(self, error: OSError) -> HttpcliError:
        return HttpcliError(
            f"{self._typed}: cannot be written: {error_reason(error)}", status=ExitStatus.LOCAL
        )
