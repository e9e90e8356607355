"""What a path on the command line stands for: a file with a name, or something to write into.

A regular file (or none yet) takes its name when it is whole. Devices, FIFOs and
this process's own descriptors have no "whole" and are written directly.
"""

from __future__ import annotations

import os
import stat
import zlib

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus

_LONGEST_NAME = 255
_ROOM = len(".part.json.new")
"""Bytes that the names beside the destination have more than it."""


class BusyError(HttpcliError):
    """Another run is writing that file."""


class OutputPath:
    """A path, looked at once; symbolic links are resolved.

    ``typed`` is how messages call it. ``part`` and ``sidecar`` stand beside it.
    ``inherited``: the descriptor that it names, if it names one.
    """

    def __init__(self, typed: str, path: str) -> None:
        self.typed = typed
        self.path = os.path.realpath(path)
        # By the name as typed: /dev/stdout and its like resolve to no real path.
        self.mode = _mode(path)
        self.inherited = _descriptor(path)
        regular = self.mode is None or stat.S_ISREG(self.mode)
        self.direct = not regular or self.inherited is not None
        self.name = path if self.direct else self.path
        self.part = f"{_with_room(self.path)}.part"
        self.sidecar = f"{self.part}.json"

    def check(self) -> None:
        """Raise HttpcliError where nothing can be written there."""
        if self.typed.endswith("/") or (self.mode is not None and stat.S_ISDIR(self.mode)):
            raise self.failure("is a directory")
        if not self.direct and os.path.islink(self.path):
            raise self.failure("too many levels of symbolic links")
        if self.mode is not None and not os.access(self.name, os.W_OK):
            raise self.failure("permission denied")

    def busy(self) -> BusyError:
        """Return the error that says that another run is writing it."""
        return BusyError(
            f"{self.typed}: cannot be written: another run is writing it",
            status=ExitStatus.LOCAL,
        )

    def failure(self, reason: str | OSError, hint: str = "") -> HttpcliError:
        """Return the error that says why it cannot be written."""
        text = reason if isinstance(reason, str) else error_reason(reason)
        return HttpcliError(
            f"{self.typed}: cannot be written: {text}", hint=hint, status=ExitStatus.LOCAL
        )


def _with_room(path: str) -> str:
    """Return the path, its name cut where nothing could be added to it."""
    folder, name = os.path.split(path)
    coded = os.fsencode(name)
    if len(coded) + _ROOM <= _LONGEST_NAME:
        return path
    mark = b"-%08x" % zlib.crc32(coded)
    return os.path.join(folder, os.fsdecode(coded[: _LONGEST_NAME - _ROOM - len(mark)] + mark))


def _descriptor(path: str) -> int | None:
    """Return the descriptor of this process that a path names, if it names one."""
    names = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
    number = path.removeprefix("/dev/fd/").removeprefix("/proc/self/fd/")
    return int(number) if number != path and number.isdecimal() else names.get(path)


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except OSError:
        return None


# The folder that a file goes into: whether it is there, how much room it has, what is in it.


def make_directory(path: str, typed: str) -> None:
    """Make a folder and those above it. Raises HttpcliError."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise HttpcliError(
            f"{typed}: cannot be made: {error_reason(error)}",
            status=ExitStatus.LOCAL,
        ) from None


def check_directory(path: str, typed: str) -> None:
    """Raise HttpcliError where a folder is not there or cannot be written."""
    if not os.path.isdir(path):
        raise HttpcliError(
            f"{typed}: there is no such folder",
            hint="--create-dirs makes it",
            status=ExitStatus.LOCAL,
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise HttpcliError(
            f"{typed}: cannot be written: permission denied", status=ExitStatus.LOCAL
        )


def free_bytes(path: str) -> int | None:
    """Return how many bytes this user may still write there; None where nobody knows."""
    try:
        found = os.statvfs(path)
    except OSError:
        return None
    # Some file systems (of networks, of pipes) have no blocks to tell of.
    return found.f_bavail * found.f_frsize if found.f_blocks else None


def size_and_mtime(path: str) -> tuple[int, float] | None:
    """Return a file's size and when it was written, in seconds since 1970; None for none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime
