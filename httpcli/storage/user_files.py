"""What the user names on the command line is looked at here, before anything is sent."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError, error_reason
from httpcli.storage.config_paths import home_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.core.session import CookieFile, SessionContents


class UserFiles:
    """Answers the planner's questions (``model.ports.Files``), relative to ``cwd``.

    ``warnings`` has what the user should hear of the secret files that were read.
    """

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        self._cwd = cwd
        self._env = env
        self.warnings: list[str] = []
        # A FIFO can be read once only, and a file may change between two looks.
        self._known: dict[str, bytes] = {}
        self._logins: dict[str, tuple[str, str] | None] = {}

    def path(self, typed: str) -> str:
        """Return the path that is meant: ``~/`` is the user's home."""
        if typed == "~" or typed.startswith("~/"):
            typed = home_directory(self._env) + typed[1:]
        while typed.startswith("./"):  # a path is told to the user, too
            typed = typed[2:].lstrip("/")
        return os.path.join(self._cwd, typed)

    def read(self, path: str) -> bytes:
        """Return what the file holds, or the variable of ``env:NAME``. Raises UsageError."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> bytes:
        if path.startswith("env:"):
            return self._variable(path.removeprefix("env:"))
        secret = path.startswith("file:")
        path = path.removeprefix("file:")
        mode = self._mode(path)
        if stat.S_ISCHR(mode):
            raise UsageError(f"{path}: is a device, which may never end", hint="name a file")
        if secret:
            self._warn_if_exposed(path, mode)
        try:
            with open(self.path(path), "rb") as file:
                return file.read()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def size(self, path: str) -> int | None:
        """Return the size of a regular file; None for a FIFO or device. Raises UsageError."""
        if not stat.S_ISREG(self._mode(path)):
            # Not opened: a FIFO's writer would find its reader gone again.
            self.check(path)
            return None
        try:
            with open(self.path(path), "rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                # What the kernel makes up (/proc) has no size, and content.
                return None if size == 0 and file.read(1) else size
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def login(self, host: str) -> tuple[str, str] | None:
        """Return the user and password that the user's netrc file has for a host, if any.

        ``$NETRC`` names it, else it is ``~/.netrc`` or ``~/_netrc``. A file that
        is of no use is one warning.
        """
        if host not in self._logins:
            self._logins[host] = self._login(host)
        return self._logins[host]

    def _login(self, host: str) -> tuple[str, str] | None:
        names = (self._env["NETRC"],) if "NETRC" in self._env else ("~/.netrc", "~/_netrc")
        for name in filter(None, names):
            try:
                mode = os.stat(self.path(name)).st_mode
            except (OSError, ValueError):
                continue  # there is none, as for most people
            if stat.S_ISCHR(mode):
                return None  # NETRC=/dev/null
            try:
                from httpcli.storage.netrc import find_login

                login = find_login(self.path(name), host)
            except ValueError as error:
                self.warnings.append(f"{name}: {error}; it is ignored")
                return None
            if login is not None:
                self._warn_if_exposed(name, mode)
            return login
        return None

    def _warn_if_exposed(self, path: str, mode: int) -> None:
        if mode & 0o077:
            self._warn_of_exposed(path)

    def _warn_of_exposed(self, path: str) -> None:
        warning = f"{path}: a secret file that others can read (chmod 600)"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def check(self, path: str) -> None:
        """Raise UsageError unless it is a file or directory that can be read."""
        try:
            os.stat(self.path(path))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if not os.access(self.path(path), os.R_OK):
            raise UsageError(f"{path}: cannot be read: permission denied")

    def session(self, path: str, host: str) -> SessionContents:
        """Return what a session file holds. Raises HttpcliError."""
        from httpcli.storage.session_file import read_session

        remembered = read_session(path, host)
        if remembered.readable_by_others:
            self._warn_of_exposed(path)
        return remembered

    def cookie_file(self, path: str) -> CookieFile:
        """Return what a cookie jar's file holds. Raises HttpcliError."""
        from httpcli.storage.cookie_file import read_cookies

        jar = read_cookies(path, self.path(path))
        if jar.readable_by_others:
            self._warn_of_exposed(path)
        return jar

    def _mode(self, path: str) -> int:
        """Return a file's type and permissions. Raises UsageError, for a directory too."""
        try:
            mode = os.stat(self.path(path)).st_mode
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: is a directory", hint="name a file")
        return mode

    def _variable(self, name: str) -> bytes:
        if not name:
            raise UsageError("@env: names no variable", hint="@env:NAME")
        if name not in self._env:
            raise UsageError(f"@env:{name}: the variable is not set", hint=f"export {name}=…")
        return self._env[name].encode("utf-8", "surrogateescape")


def _unreadable(path: str, error: OSError | ValueError) -> UsageError:
    return UsageError(f"{path}: cannot be read: {error_reason(error)}")


# The user's files for many requests: what they share is read once, and little is kept.


_MOST = 256
"""Files that are remembered."""


class BatchFiles(UserFiles):
    """Answers the planner's questions for one line after another."""

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        super().__init__(cwd, env)
        self._sessions: dict[tuple[str, str], SessionContents] = {}
        self._jars: dict[str, CookieFile] = {}

    def read(self, path: str) -> bytes:
        """Return what the file holds, as it was when a line first named it. Raises UsageError."""
        if len(self._known) >= _MOST:
            self._known.clear()
        return super().read(path)

    def login(self, host: str) -> tuple[str, str] | None:
        """Return the user and password that the user's netrc file has for a host, if any."""
        if len(self._logins) >= _MOST:
            self._logins.clear()
        return super().login(host)

    def session(self, path: str, host: str) -> SessionContents:
        """Return what a session file held when the run began. Raises HttpcliError."""
        key = path, host
        if key not in self._sessions:
            self._sessions[key] = super().session(path, host)
        return self._sessions[key]

    def cookie_file(self, path: str) -> CookieFile:
        """Return what a cookie jar's file held when the run began. Raises HttpcliError."""
        if path not in self._jars:
            self._jars[path] = super().cookie_file(path)
        return self._jars[path]
