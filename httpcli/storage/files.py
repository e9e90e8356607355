"""What the user names on the command line is looked at here, before anything is sent."""

from __future__ import annotations

import os
import stat

from httpcli.model.errors import UsageError


class LocalFiles:
    """Answers the planner's questions (``model.ports.Files``), relative to ``cwd``."""

    def __init__(self, cwd: str, home: str) -> None:
        self._cwd = cwd
        self._home = home

    def path(self, typed: str) -> str:
        """Return the path that is meant: ``~/`` is the user's home."""
        if typed == "~" or typed.startswith("~/"):
            typed = self._home + typed[1:]
        return os.path.join(self._cwd, typed)

    def read(self, path: str) -> bytes:
        """Return what the file holds. Raises UsageError, naming the path."""
        self._refuse_directory(path)
        try:
            with open(self.path(path), "rb") as file:
                return file.read()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def size(self, path: str) -> int:
        """Return the size in bytes of a readable regular file. Raises UsageError."""
        self._refuse_directory(path)
        try:
            with open(self.path(path), "rb") as file:
                return os.fstat(file.fileno()).st_size
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def check(self, path: str) -> None:
        """Raise UsageError unless it is a file or directory that can be read."""
        try:
            os.stat(self.path(path))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if not os.access(self.path(path), os.R_OK):
            raise UsageError(f"{path}: cannot be read: permission denied")

    def _refuse_directory(self, path: str) -> None:
        try:
            mode = os.stat(self.path(path)).st_mode
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: is a directory", hint="name a file")


def _unreadable(path: str, error: OSError | ValueError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UsageError(f"{path}: cannot be read: {reason[:1].lower()}{reason[1:]}")
