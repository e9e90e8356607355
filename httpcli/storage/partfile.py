"""A file that takes its name only when it is whole.

Bytes go to ``NAME.part`` beside the target, and a rename puts them in place: a
failure never harms a file that was good. Devices, FIFOs and sockets have no
"whole" and are written directly.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from types import TracebackType

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus


class PartFile:
    """Writes a file; ``commit`` gives it its name, leaving without it removes it.

    Symbolic links are resolved first and an existing file's mode is kept.
    Every method raises HttpcliError with status LOCAL.
    """

    def __init__(self, typed: str, path: str) -> None:
        self._typed = typed
        self._target = os.path.realpath(path)
        # By the name as typed: /dev/stdout and its like resolve to no real path.
        self._mode = _mode(path)
        self._direct = self._mode is not None and not stat.S_ISREG(self._mode)
        self._name = path if self._direct else self._target
        self._path = path if self._direct else f"{self._target}.part"
        self._fd = -1

    def __enter__(self) -> PartFile:
        """Open it, before anything is sent. Raises HttpcliError."""
        if self._mode is not None and stat.S_ISDIR(self._mode):
            raise self._failure("is a directory")
        if self._mode is not None and not os.access(self._name, os.W_OK):
            raise self._failure("permission denied")
        try:
            if self._direct:
                self._fd = os.open(self._path, os.O_WRONLY)
            else:
                self._fd = self._open_part()
        except BlockingIOError:
            raise self._failure("another run is writing it") from None
        except OSError as error:
            raise self._failure(error) from None
        return self

    def _open_part(self) -> int:
        """Open and lock the part file, empty. Raises BlockingIOError where it is locked."""
        while True:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(self._path, fd):
                    os.ftruncate(fd, 0)
                    if self._mode is not None:
                        os.fchmod(fd, stat.S_IMODE(self._mode))
                    return fd
            except OSError:
                os.close(fd)
                raise
            os.close(fd)  # another run finished meanwhile and took that file away

    def write(self, data: bytes) -> None:
        """Write all of these bytes."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise self._failure(error) from None

    def commit(self) -> None:
        """Say that it is whole: it takes its name."""
        try:
            if not self._direct:
                # Still open, so still locked: nobody can write to what takes the name.
                os.replace(self._path, self._target)
            self._close()
        except OSError as error:
            raise self._failure(error) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was not committed."""
        if self._fd < 0:
            return
        if not self._direct:
            with suppress(OSError):
                os.unlink(self._path)
        with suppress(OSError):
            self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        os.close(fd)

    def _failure(self, reason: str | OSError, hint: str = "") -> HttpcliError:
        text = reason if isinstance(reason, str) else (reason.strerror or str(reason)).lower()
        return HttpcliError(
            f"{self._typed}: cannot be written: {text}", hint=hint, status=ExitStatus.LOCAL
        )


def _is_still(path: str, fd: int) -> bool:
    """Tell whether ``path`` names the file that ``fd`` has open."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except OSError:
        return None
