"""Reads the files that the command line names, before the first request."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError, error_reason
from httpcli.storage.config_paths import home_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.core.session import CookieFile, SessionContents

_MAX_CACHED = 256
"""Files that a batch caches."""


class UserFiles:
    """The user's files (``core.interfaces.Files``); relative paths start at ``cwd``."""

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        self._cwd = cwd
        self._env = env
        self.warnings: list[str] = []
        """Warnings about secret files that others can read."""
        # A FIFO can be read only once, and a file may change between two reads.
        self._contents: dict[str, bytes] = {}
        self._logins: dict[str, tuple[str, str] | None] = {}

    def path(self, typed: str) -> str:
        """Return the absolute path; ``~/`` is the user's home."""
        if typed == "~" or typed.startswith("~/"):
            typed = home_directory(self._env) + typed[1:]
        while typed.startswith("./"):  # this path is shown in messages
            typed = typed[2:].lstrip("/")
        return os.path.join(self._cwd, typed)

    def read(self, path: str) -> bytes:
        """Return the content of a file, or the variable of ``env:NAME``. Raises UsageError."""
        if path not in self._contents:
            self._contents[path] = self._read(path)
        return self._contents[path]

    def _read(self, path: str) -> bytes:
        if path.startswith("env:"):
            return self._variable(path.removeprefix("env:"))
        is_secret = path.startswith("file:")
        path = path.removeprefix("file:")
        mode = self._mode(path)
        if stat.S_ISCHR(mode):
            raise UsageError(f"{path}: is a device, not a regular file", hint="name a file")
        if is_secret:
            self._warn_if_readable_by_others(path, mode)
        try:
            with open(self.path(path), "rb") as file:
                return file.read()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def size(self, path: str) -> int | None:
        """Return the size of a regular file; None for a FIFO or device. Raises UsageError."""
        if not stat.S_ISREG(self._mode(path)):
            # Do not open and close a FIFO: its writer would get a broken pipe.
            self.check_readable(path)
            return None
        try:
            with open(self.path(path), "rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                # Files in /proc have content although their size is 0.
                return None if size == 0 and file.read(1) else size
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def netrc_login(self, host: str) -> tuple[str, str] | None:
        """Return the user and password for a host from the netrc file, if there are any.

        ``$NETRC`` names the file; the default is ``~/.netrc`` or ``~/_netrc``. A file that
        cannot be used causes a warning.
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
                continue  # most users have no netrc file
            if stat.S_ISCHR(mode):
                return None  # NETRC=/dev/null
            try:
                from httpcli.storage.netrc import find_login

                login = find_login(self.path(name), host)
            except ValueError as error:
                self.warnings.append(f"{name}: {error}; ignored")
                return None
            if login is not None:
                from httpcli.storage.trusted_files import refuse_if_others_can_write

                try:
                    refuse_if_others_can_write(self.path(name))
                except UsageError as error:
                    self.warnings.append(f"{error.message}; {error.hint}")
                    return None
                self._warn_if_readable_by_others(name, mode)
            return login
        return None

    def _warn_if_readable_by_others(self, path: str, mode: int) -> None:
        if mode & 0o077:
            self._warn_of_readable_secret(path)

    def _warn_of_readable_secret(self, path: str) -> None:
        warning = f"{path}: other users can read this secret; run: chmod 600 {path}"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def check_readable(self, path: str) -> None:
        """Raise UsageError unless the path is a readable file or directory."""
        try:
            os.stat(self.path(path))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if not os.access(self.path(path), os.R_OK):
            raise UsageError(f"{path}: cannot be read: permission denied")

    def session(self, path: str, host: str, *, by_path: bool) -> SessionContents:
        """Return the contents of a session file. Raises HttpcliError."""
        from httpcli.storage.session_file import read_session

        contents = read_session(path, host, by_path=by_path)
        self.warnings += [f"{path}: {warning}" for warning in contents.warnings]
        if contents.readable_by_others:
            self._warn_of_readable_secret(path)
        return contents

    def cookie_file(self, path: str) -> CookieFile:
        """Return the contents of a cookie file. Raises HttpcliError."""
        from httpcli.storage.cookie_file import read_cookies

        file = read_cookies(path, self.path(path))
        if file.readable_by_others:
            self._warn_of_readable_secret(path)
        return file

    def _mode(self, path: str) -> int:
        """Return a file's type and permissions. Raises UsageError, also for a directory."""
        try:
            mode = os.stat(self.path(path)).st_mode
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: is a directory", hint="name a file")
        return mode

    def _variable(self, name: str) -> bytes:
        if not name:
            raise UsageError("@env: missing variable name", hint="@env:NAME")
        if name not in self._env:
            is_variable = name.isascii() and name.isidentifier()
            hint = f"export {name}=…" if is_variable else "@env:NAME takes the name of a variable"
            raise UsageError(f"@env:{name}: variable not set", hint=hint)
        return self._env[name].encode("utf-8", "surrogateescape")


def _unreadable(path: str, error: OSError | ValueError) -> UsageError:
    return UsageError(f"{path}: cannot be read: {error_reason(error)}")


class BatchFiles(UserFiles):
    """The user's files for the lines of a batch: shared files are read once."""

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        super().__init__(cwd, env)
        self._sessions: dict[tuple[str, str], SessionContents] = {}
        self._cookie_files: dict[str, CookieFile] = {}

    def read(self, path: str) -> bytes:
        """Return the content of a file when a line first named it. Raises UsageError."""
        if len(self._contents) >= _MAX_CACHED:
            self._contents.clear()
        return super().read(path)

    def netrc_login(self, host: str) -> tuple[str, str] | None:
        """Return the user and password for a host from the netrc file, if there are any."""
        if len(self._logins) >= _MAX_CACHED:
            self._logins.clear()
        return super().netrc_login(host)

    def session(self, path: str, host: str, *, by_path: bool) -> SessionContents:
        """Return the contents of a session file at its first use. Raises HttpcliError."""
        key = path, host
        if key not in self._sessions:
            self._sessions[key] = super().session(path, host, by_path=by_path)
        return self._sessions[key]

    def cookie_file(self, path: str) -> CookieFile:
        """Return the contents of a cookie file at its first use. Raises HttpcliError."""
        if path not in self._cookie_files:
            self._cookie_files[path] = super().cookie_file(path)
        return self._cookie_files[path]
