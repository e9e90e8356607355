"""The key that proves that this program wrote a sidecar, for this user on this machine.

A server may name a file, or an archive may contain one, that looks like the sidecar of another
download. So each sidecar is authenticated (HMAC, RFC 2104) with a random key in a private file
outside of all download folders. Its name starts with a dot, as no name from a server does.

Without the key, because the folder is read-only or the partial file comes from another machine,
a partial file is not resumed unless the user trusts it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from httpcli.core.errors import HttpcliError
from httpcli.storage.config_paths import state_directory

_NAME = ".resume-key"
_KIND = "key for resuming downloads"
_SIZE = 32


class ResumeKey:
    """The key of one user. It is created when the first sidecar is written."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._directory = state_directory(env)
        self._path = os.path.join(self._directory, _NAME)
        self._key: bytes | None = None

    def read(self) -> bytes | None:
        """Return the key; None if there is none that only this user can read and write."""
        if self._key is None:
            from httpcli.storage.state_files import read_file

            try:
                content = read_file(self._path, _KIND)
            except HttpcliError:
                return None
            is_private = content is not None and not content.readable_by_others
            if content is not None and is_private and len(content.data) == _SIZE:
                self._key = content.data
        return self._key

    def create(self) -> bytes | None:
        """Return the key, and create it first if it is missing; None if that is impossible."""
        if self.read() is None and _is_own_directory(self._directory):
            from httpcli.storage.state_files import update_file

            try:
                update_file(self._path, _KIND, _keep_or_create)
            except HttpcliError:
                return None
        return self.read()


def _keep_or_create(before: bytes | None) -> bytes:
    return before if before is not None and len(before) == _SIZE else os.urandom(_SIZE)


def _is_own_directory(path: str) -> bool:
    """Return whether the nearest existing directory on the path belongs to this user.

    Root with the HOME of another user, as with sudo, must not create files there.
    """
    while True:
        try:
            status = os.stat(path)
        except FileNotFoundError:
            path, child = os.path.dirname(path), path
            if path == child:
                return False
        except OSError:
            return False
        else:
            return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
