"""Files that outlive a run: private, whole at every moment, one writer at a time.

Not by aiofiles: they are read before the event loop starts and written after it
has ended, so nothing else waits meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600
_OTHERS = 0o077


class FileContent(NamedTuple):
    """What a file holds. ``exposed``: others can read or write it."""

    data: bytes
    exposed: bool


def read_file(path: str, what: str) -> FileContent | None:
    """Return what a file holds; None where there is none.

    ``what`` calls it by its kind. Raises HttpcliError with status LOCAL.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise read_error(path, what, error) from None
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise read_error(path, what, ValueError("it is not a plain file"))
        with open(fd, "rb", closefd=False) as file:
            return FileContent(file.read(), bool(mode & _OTHERS))
    except OSError as error:
        raise read_error(path, what, error) from None
    finally:
        os.close(fd)


def update_file(path: str, what: str, change: Callable[[bytes | None], bytes | None]) -> None:
    """Put in the file's place what ``change`` makes of it, as it is by now.

    Another run may have written it since it was read. None (given) is no file,
    None (returned) leaves all as it is. A link stays a link. Raises HttpcliError
    with status LOCAL.
    """
    real = os.path.realpath(path)
    try:
        _make_folder(os.path.dirname(real))
        with directory_lock(os.path.dirname(real)) as folder:
            before = read_file(real, what)
            after = change(None if before is None else before.data)
            if after is None:
                return
            if before is None or after != before.data or before.exposed:
                _replace(real, after, folder)
    except OSError as error:
        raise HttpcliError(
            f"{path}: the {what} cannot be written: {error_reason(error)}", status=ExitStatus.LOCAL
        ) from None


@contextmanager
def directory_lock(folder: str) -> Iterator[int]:
    """Lock a folder while the block runs, and give its descriptor.

    The folder and not the file, which a rename replaces; and so no lock file
    is left. A file system without locks is used without.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def read_error(path: str, what: str, error: OSError | ValueError) -> HttpcliError:
    """Return the error that says why a file cannot be read."""
    return HttpcliError(
        f"{path}: the {what} cannot be read: {error_reason(error)}", status=ExitStatus.LOCAL
    )


def _make_folder(path: str) -> None:
    """Make a folder, and those above it, for this user alone; what is there stays as it is."""
    if os.path.isdir(path):
        return
    _make_folder(os.path.dirname(path))
    with suppress(FileExistsError):  # another run was faster
        os.mkdir(path, 0o700)


def _replace(path: str, data: bytes, folder: int) -> None:
    """Put a new file in the place of the old one; it lasts when this returns."""
    new = f"{path}.{os.urandom(6).hex()}.new"
    fd = os.open(new, _NEW, _PRIVATE)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise
    with suppress(OSError):  # not every file system can
        os.fsync(folder)
