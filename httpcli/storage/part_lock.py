"""How a part file is made this run's own, and how it gets its name at the end."""

from __future__ import annotations

import fcntl
import os
import stat

from httpcli.storage.output_path import Destination

_NEW = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither through a link that somebody put there, nor waiting for a FIFO's reader."""


def claimed(destination: Destination) -> int:
    """Open the part file of a destination and lock it; return its descriptor.

    Its bytes stay. Raises OSError, BlockingIOError where another run has it,
    HttpcliError where it is not ours.
    """
    while True:
        fd = os.open(destination.part, _NEW, 0o666)
        try:
            if _is(destination.path, fd):
                os.unlink(destination.part)  # a run was killed when it had just named it
            else:
                _refuse_foreign(destination, fd)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is(destination.part, fd):
                    if destination.mode is not None:
                        os.fchmod(fd, stat.S_IMODE(destination.mode))
                    return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # another run finished meanwhile and took that file away


def name_it(part: str, path: str, *, new: bool) -> None:
    """Give the part its name. Raises OSError; FileExistsError where it must be new."""
    if not new:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the name is taken by an empty file first.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(part, path)
        return
    os.unlink(part)


def _refuse_foreign(destination: Destination, fd: int) -> None:
    """Raise HttpcliError where the part file is not a plain file of this user's alone."""
    status = os.fstat(fd)
    own = status.st_uid == os.geteuid() and status.st_nlink == 1
    if not (own and stat.S_ISREG(status.st_mode)):
        part = os.path.basename(destination.part)
        raise destination.failure(f"{part} is in the way: not a file of ours")


def _is(path: str, fd: int) -> bool:
    """Tell whether ``path`` names the file that ``fd`` has open."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except OSError:
        return False
