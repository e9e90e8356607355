"""What a run of the program gave."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

TIMEOUT = 30.0
"""Seconds after which a run counts as hung."""


class RunResult(NamedTuple):
    """Stdout's bytes, stderr's text, and the exit status as a shell sees it.

    ``returncode`` is the same number but for a process that a signal ended:
    there it is the signal's, negative.
    """

    out: bytes
    err: str
    status: int
    returncode: int

    @property
    def text(self) -> str:
        """Stdout as UTF-8."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Stdout as one JSON value. Fails with all that was said where it is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError(f"stdout is not JSON: {self}") from None


def shell_status(returncode: int) -> int:
    """Return the status that a shell shows for a process that ended so."""
    return returncode if returncode >= 0 else 128 - returncode
