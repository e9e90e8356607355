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

_NEW = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither through a link that somebody put there, nor waiting for a FIFO's reader."""


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
        self._inherited = _descriptor(path)
        regular = self._mode is None or stat.S_ISREG(self._mode)
        self._direct = not regular or self._inherited is not None
        self._name = path if self._direct else self._target
        self._path = path if self._direct else f"{self._target}.part"
        self._fd = -1

    def __enter__(self) -> PartFile:
        """Open it, before anything is sent. Raises HttpcliError."""
        if self._typed.endswith("/") or (self._mode is not None and stat.S_ISDIR(self._mode)):
            raise self._failure("is a directory")
        if not self._direct and os.path.islink(self._target):
            raise self._failure("too many levels of symbolic links")
        if self._mode is not None and not os.access(self._name, os.W_OK):
            raise self._failure("permission denied")
        try:
            if self._inherited is not None:
                # Not opened anew: that would begin at the start of a file that others write, too.
                self._fd = os.dup(self._inherited)
            elif self._direct:
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
            fd = os.open(self._path, _NEW, 0o666)
            try:
                self._refuse_foreign(fd)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(self._path, fd):
                    os.ftruncate(fd, 0)
                    if self._mode is not None:
                        os.fchmod(fd, stat.S_IMODE(self._mode))
                    return fd
            except (OSError, HttpcliError):
                os.close(fd)
                raise
            os.close(fd)  # another run finished meanwhile and took that file away

    def _refuse_foreign(self, fd: int) -> None:
        """Raise HttpcliError where the part file is not a plain file of this user's alone."""
        status = os.fstat(fd)
        own = status.st_uid == os.geteuid() and status.st_nlink == 1
        if not (own and stat.S_ISREG(status.st_mode)):
            raise self._failure(f"{self._typed}.part is in the way: not a file of ours")

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

    def _failure(self, reason: str | OSError) -> HttpcliError:
        text = reason if isinstance(reason, str) else (reason.strerror or str(reason)).lower()
        return HttpcliError(f"{self._typed}: cannot be written: {text}", status=ExitStatus.LOCAL)


def _descriptor(path: str) -> int | None:
    """Return the descriptor of this process that a path names, if it names one."""
    names = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
    number = path.removeprefix("/dev/fd/").removeprefix("/proc/self/fd/")
    return int(number) if number != path and number.isdecimal() else names.get(path)


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
