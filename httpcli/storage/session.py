"""Reads and writes session files: private, whole at every moment, one writer at a time.

Not by aiofiles: a session is read before the event loop starts and written
after it has ended, so nothing else waits meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.session import Remembered, Session, SessionChanges
from httpcli.storage.session_layout import changed, parse, remembered, text_of

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600


def read_session(path: str, host: str) -> Remembered:
    """Return what is remembered; nothing where there is no file yet.

    Raises HttpcliError with status LOCAL where it cannot be read or is no session.
    """
    return remembered(parse(_read(path) or "", path), host)


def save_session(session: Session, changes: SessionChanges, now: float) -> None:
    """Add what a run changed to the file, as it is by now: another run may have written it.

    Raises HttpcliError with status LOCAL.
    """
    path = os.path.realpath(session.path)
    try:
        _make_folder(os.path.dirname(path))
        with _alone_in(os.path.dirname(path)) as folder:
            before = _read(path)
            if before is not None and session.read_only:
                return
            document = parse(before or "", session.path)
            after = text_of(changed(document, changes, session.host, now))
            if after != before or _is_open_to_others(path):
                _replace(path, after.encode("ascii"), folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HttpcliError(
            f"{session.path}: the session cannot be written: {reason}", status=ExitStatus.LOCAL
        ) from None


def _read(path: str) -> str | None:
    """Return the file's text; None where there is none. Raises HttpcliError."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _unreadable(path, ValueError("it is not a plain file"))
        with open(fd, encoding="utf-8", closefd=False) as file:
            return file.read()
    except UnicodeDecodeError:
        raise _unreadable(path, ValueError("it is not UTF-8 text")) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(fd)


def _make_folder(path: str) -> None:
    """Make a folder, and those above it, for this user alone; what is there stays as it is."""
    if os.path.isdir(path):
        return
    _make_folder(os.path.dirname(path))
    with suppress(FileExistsError):  # another run was faster
        os.mkdir(path, 0o700)


@contextmanager
def _alone_in(folder: str) -> Iterator[int]:
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


def _is_open_to_others(path: str) -> bool:
    with suppress(OSError):
        return bool(os.stat(path).st_mode & 0o077)
    return False


def _unreadable(path: str, error: OSError | ValueError) -> HttpcliError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return HttpcliError(
        f"{path}: the session cannot be read: {reason[:1].lower()}{reason[1:]}",
        status=ExitStatus.LOCAL,
    )
