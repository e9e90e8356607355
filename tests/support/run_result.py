"""The result of a run of the program."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

TIMEOUT = 30.0
"""Seconds after which a test gives up waiting."""


class RunResult(NamedTuple):
    """Output and exit status of a run."""

    out: bytes
    """The bytes on stdout."""
    err: str
    """The text on stderr."""
    status: int
    """The exit status as a shell reports it."""
    returncode: int
    """The same, or the negative signal number if a signal ended the process."""

    @property
    def text(self) -> str:
        """Stdout as UTF-8."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Stdout, parsed as JSON. Otherwise fails and shows the whole result."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError(f"stdout is not JSON: {self}") from None


def shell_status(returncode: int) -> int:
    """Return the status that a shell reports for a return code of ``subprocess``."""
    return returncode if returncode >= 0 else 128 - returncode
