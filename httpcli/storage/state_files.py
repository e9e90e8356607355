"""Reads and updates session and cookie files: private, never half-written, one writer at a time.

Without aiofiles: they are read before the event loop starts and written after it has ended.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.limits import MAX_STATE_FILE_SIZE
from httpcli.core.named_tuple import NamedTuple
from httpcli.storage.trusted_files import (
    refuse_if_anybody_can_write,
    refuse_if_others_can_write,
)

_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600
_OTHERS = 0o077
"""The permission bits of all users except the owner."""


class FileContent(NamedTuple):
    """The content of a file."""

    data: bytes
    readable_by_others: bool
    """Whether other users can read or write it."""


def read_file(path: str, kind: str, *, by_path: bool = False) -> FileContent | None:
    """Return the content of a file; None if there is no file.

    ``kind`` is its name in error messages, for example "session". ``by_path``: whether the user
    typed its path, so that it may be in a folder that others share. Raises HttpcliError with
    status LOCAL, and UsageError if other users may write to it.
    """
    if by_path:
        refuse_if_anybody_can_write(path)
    else:
        refuse_if_others_can_write(path)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise read_error(path, kind, error) from None
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise read_error(path, kind, ValueError("not a regular file"))
        with open(fd, "rb", closefd=False) as file:
            data = file.read(MAX_STATE_FILE_SIZE + 1)
        if len(data) > MAX_STATE_FILE_SIZE:
            size = f"{MAX_STATE_FILE_SIZE >> 20} MiB"
            raise read_error(path, kind, ValueError(f"it has more than {size}"))
        return FileContent(data, bool(mode & _OTHERS))
    except OSError as error:
        raise read_error(path, kind, error) from None
    finally:
        os.close(fd)


def update_file(
    path: str,
    kind: str,
    change: Callable[[bytes | None], bytes | None],
    *,
    by_path: bool = False,
) -> None:
    """Replace the content of a file by ``change(content)``.

    ``content`` is read again, because another run may have written the file; None if there is
    no file. ``change`` returns None to keep the file. ``by_path`` is as for
    ``read_file``. A symbolic link is kept. Raises HttpcliError with status LOCAL.
    """
    real = os.path.realpath(path)
    try:
        _make_directory(os.path.dirname(real))
        with directory_lock(os.path.dirname(real)) as directory:
            before = read_file(real, kind, by_path=by_path)
            after = change(None if before is None else before.data)
            if after is None:
                return
            if before is None or after != before.data or before.readable_by_others:
                _replace(real, after, directory)
    except OSError as error:
        raise HttpcliError(
            f"{path}: the {kind} cannot be written: {error_reason(error)}", status=ExitStatus.LOCAL
        ) from None


@contextmanager
def directory_lock(path: str) -> Iterator[int]:
    """Lock a directory during the block, and yield its descriptor.

    The file itself is not locked, because a rename replaces it. A lock file would remain. On a
    file system without locks nothing is locked.
    """
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def read_error(path: str, kind: str, error: OSError | ValueError) -> HttpcliError:
    """Return an error with the reason why a file of this kind cannot be read."""
    return HttpcliError(
        f"{path}: the {kind} cannot be read: {error_reason(error)}", status=ExitStatus.LOCAL
    )


def _make_directory(path: str) -> None:
    """Create a directory and its parents with access for this user only, unless they exist."""
    if os.path.isdir(path):
        return
    _make_directory(os.path.dirname(path))
    with suppress(FileExistsError):  # created by another run meanwhile
        os.mkdir(path, 0o700)


def _replace(path: str, data: bytes, directory: int) -> None:
    """Replace a file; the new one is on the disk when this returns."""
    new = f"{path}.{os.urandom(6).hex()}.new"
    fd = os.open(new, _CREATE_FLAGS, _PRIVATE)
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
    with suppress(OSError):  # not supported by every file system
        os.fsync(directory)
