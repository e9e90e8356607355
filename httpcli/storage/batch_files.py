"""The user's files for many requests: what they share is read once, and little is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.storage.user_files import LocalFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.core.cookies import CookieFile
    from httpcli.core.session import Remembered

_MOST = 256
"""Files that are remembered."""


class BatchFiles(LocalFiles):
    """Answers the planner's questions for one line after another."""

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        super().__init__(cwd, env)
        self._sessions: dict[tuple[str, str], Remembered] = {}
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

    def session(self, path: str, host: str) -> Remembered:
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
