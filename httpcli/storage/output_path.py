"""Examines an output path: whether it is a regular file, or is written directly.

A regular file gets its final name when it is complete. Devices, FIFOs and this process's own
descriptors are never complete, so they are written directly.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.protocol.filenames import NEW_SIDECAR_SUFFIX, PART_SUFFIX, SIDECAR_SUFFIX

_MAX_NAME = 255
"""Bytes in a file name (NAME_MAX)."""
_BLOCK = 1 << 20
"""Bytes to read at once."""
_SUFFIX_LENGTH = len(NEW_SIDECAR_SUFFIX)
"""Bytes that the names of the part file and sidecar are longer than the target's."""


class BusyError(HttpcliError):
    """Another run is writing the file."""


class OutputPath:
    """An output path, and what existed there when this object was created."""

    def __init__(self, typed: str, path: str) -> None:
        self.typed = typed
        """The path as typed, for messages."""
        self.path = os.path.realpath(path)
        """The path without symbolic links."""
        # Not by ``self.path``: /dev/stdout and similar paths cannot be resolved.
        self.mode = _mode(path)
        """Type and permissions of the existing file; None if no file exists."""
        self.inherited_fd = _descriptor(path)
        """The descriptor of this process that the path names, if any."""
        is_regular = self.mode is None or stat.S_ISREG(self.mode)
        self.is_direct = not is_regular or self.inherited_fd is not None
        """Whether it is written directly, without a part file."""
        self.open_path = path if self.is_direct else self.path
        """The path to open."""
        stem = _shorten_name(self.path)
        self.part = f"{stem}{PART_SUFFIX}"
        """The path of the part file."""
        self.sidecar = f"{stem}{SIDECAR_SUFFIX}"
        """The path of the sidecar."""

    def check(self) -> None:
        """Raise HttpcliError if the path cannot be written."""
        if self.typed.endswith("/") or (self.mode is not None and stat.S_ISDIR(self.mode)):
            raise self.failure("is a directory")
        if not self.is_direct and os.path.islink(self.path):
            raise self.failure("too many levels of symbolic links")
        if self.mode is not None and not os.access(self.open_path, os.W_OK):
            raise self.failure("permission denied")

    def busy(self) -> BusyError:
        """Return the error for a file that another run is writing."""
        return BusyError(
            f"{self.typed}: cannot be written: another httpcli process is writing it",
            status=ExitStatus.LOCAL,
        )

    def failure(self, reason: str | OSError, hint: str = "") -> HttpcliError:
        """Return an error with the reason why the path cannot be written."""
        text = reason if isinstance(reason, str) else error_reason(reason)
        return HttpcliError(
            f"{self.typed}: cannot be written: {text}", hint=hint, status=ExitStatus.LOCAL
        )


def _shorten_name(path: str) -> str:
    """Return the path with its name cut, if it is too long for a suffix."""
    directory, name = os.path.split(path)
    encoded = os.fsencode(name)
    max_length = _MAX_NAME - _SUFFIX_LENGTH
    if len(encoded) <= max_length:
        return path
    checksum = b"-%08x" % zlib.crc32(encoded)  # long names with a common start stay distinct
    shortened = encoded[: max_length - len(checksum)] + checksum
    return os.path.join(directory, os.fsdecode(shortened))


def _descriptor(path: str) -> int | None:
    """Return the descriptor of this process that a path names, if any."""
    names = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
    number = path.removeprefix("/dev/fd/").removeprefix("/proc/self/fd/")
    return int(number) if number != path and number.isdecimal() else names.get(path)


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except OSError:
        return None


def make_directory(path: str, typed: str) -> None:
    """Create a directory and its parents. Raises HttpcliError."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise HttpcliError(
            f"{typed}: cannot create directory: {error_reason(error)}",
            status=ExitStatus.LOCAL,
        ) from None


def check_directory(path: str, typed: str) -> None:
    """Raise HttpcliError if a directory does not exist or cannot be written."""
    if not os.path.isdir(path):
        raise HttpcliError(
            f"{typed}: directory not found",
            hint="to create it: --create-dirs",
            status=ExitStatus.LOCAL,
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise HttpcliError(
            f"{typed}: cannot be written: permission denied", status=ExitStatus.LOCAL
        )


def read_regular_file(path: str, typed: str) -> Iterator[bytes]:
    """Yield the content of a regular file in blocks. Raises HttpcliError for any other file."""
    try:
        # O_NONBLOCK: do not block when the path is a FIFO.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise HttpcliError(f"{typed}: is not a regular file", status=ExitStatus.LOCAL)
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise HttpcliError(
            f"{typed}: cannot be read: {error_reason(error)}", status=ExitStatus.LOCAL
        ) from None


def special_file_kind(path: str) -> str:
    """Return what is at a path, if it is neither free nor a regular file; else empty."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISREG(mode):
        return ""
    kinds = (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((kind for is_kind, kind in kinds if is_kind(mode)), "a device")


def free_bytes(path: str) -> int | None:
    """Return how many bytes this user may still write in a directory; None if unknown."""
    try:
        status = os.statvfs(path)
    except OSError:
        return None
    # Some network file systems report no blocks.
    return status.f_bavail * status.f_frsize if status.f_blocks else None


def size_and_mtime(path: str) -> tuple[int, float] | None:
    """Return a file's size and modification time, in seconds since 1970.

    None if it is missing, or a directory.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return status.st_size, status.st_mtime
