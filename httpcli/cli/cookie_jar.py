"""The file of cookies that a run begins with and leaves; pure but for that file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.model.cookies import CookieFile
from httpcli.model.errors import UsageError

if TYPE_CHECKING:
    from httpcli.model.ports import Files


def cookie_file(name: str, files: Files) -> CookieFile:
    """Read the cookies of ``--cookie-jar``. Raises HttpcliError, UsageError for no name."""
    if name in ("", "-"):
        raise UsageError(
            f"--cookie-jar={name}: names no file", hint="it is read first and then written"
        )
    return files.cookie_file(name)
