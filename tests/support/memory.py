"""The peak memory of a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

from tests.support.environment import HTTPCLI, child_environment

# A child starts as a copy of its parent, and the kernel counts that size as well. So a small
# process, not pytest, starts the program.
_LAUNCHER = (
    "import resource, subprocess, sys;"
    "status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);"
    "sys.exit(status)"
)


_TIMEOUT = 60
"""Seconds that a run may take."""


class Measured(NamedTuple):
    """The end of a run and its peak memory."""

    status: int
    err: str
    peak: float
    """Peak memory in MiB."""


def measure(
    *argv: str, env: Mapping[str, str | None] | None = None, timeout: float = _TIMEOUT
) -> Measured:
    """Run httpcli, which may fail; discard its output. ``timeout``: seconds that it may take."""
    completed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *HTTPCLI, *argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=child_environment(env),
        check=False,
        timeout=timeout,
    )
    peak = int(completed.stdout) / 1024
    return Measured(completed.returncode, completed.stderr.decode(), peak)


def peak_memory(*argv: str, stdin: IO[bytes] | None = None) -> int:
    """Run httpcli, discard its output, and return its peak memory in KiB. Fails if it fails."""
    completed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *HTTPCLI, *argv],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        env=child_environment(),
        check=True,
    )
    return int(completed.stdout)


def peak_of_process(number: int) -> float:
    """Return the peak memory of a running process in MiB, by its process ID (Linux)."""
    status = Path(f"/proc/{number}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
