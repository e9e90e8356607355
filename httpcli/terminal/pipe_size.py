"""Makes room in a pipe, so that fewer and larger pieces go through it.

A pipe of the usual 64 KiB makes a piece of 256 KiB four waits, and each hands the
processor to the other side and back.
"""

from __future__ import annotations

import fcntl
from contextlib import suppress

_ROOM = 1 << 20
"""Bytes; as much as Linux gives to everybody (/proc/sys/fs/pipe-max-size)."""


def widened(fd: int) -> None:
    """Let the pipe ``fd`` hold more, where the system can do that and allows it."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # no pipe, or more than this user may
            if fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) < _ROOM:
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _ROOM)
