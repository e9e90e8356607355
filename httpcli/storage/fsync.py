"""What of a file is on the disk for sure.

A run that is killed loses nothing that it wrote; a machine that stops may. So a
file is synced now and then only: a disk that is slower than the network would
else be waited for all the time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from time import monotonic

from httpcli.core.partial_file import Span
from httpcli.storage.boot import boot

_sync = getattr(os, "fdatasync", os.fsync)
_EVERY = 30.0
"""Seconds between two of them, where the system tells when it was started."""


class Synced:
    """The spans of one file that would survive the machine's end."""

    def __init__(self) -> None:
        self.spans: Sequence[Span] = ()
        self._at = monotonic()

    def clear(self) -> None:
        """Say that the file begins anew."""
        self.spans, self._at = (), monotonic()

    def doubt(self) -> None:
        """Say that an earlier run wrote to it: who knows what is on the disk."""
        self.spans, self._at = (), -math.inf

    def consider(self, fd: int, written: Sequence[Span]) -> None:
        """Sync where it is time to: then all of ``written`` is there. Raises OSError."""
        if monotonic() - self._at >= (_EVERY if boot() else 0.0):
            _sync(fd)
            self.spans, self._at = written, monotonic()
