"""The folder that a file goes into: whether it is there, how much room it has, what is in it."""

from __future__ import annotations

import os

from httpcli.core.errors import HttpcliError, refusal_of
from httpcli.core.exit_status import ExitStatus


def make_folder(path: str, typed: str) -> None:
    """Make a folder and those above it. Raises HttpcliError."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise HttpcliError(
            f"{typed}: cannot be made: {refusal_of(error)}",
            status=ExitStatus.LOCAL,
        ) from None


def check_folder(path: str, typed: str) -> None:
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


def size_and_time(path: str) -> tuple[int, float] | None:
    """Return a file's size and when it was written, in seconds since 1970; None for none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime
