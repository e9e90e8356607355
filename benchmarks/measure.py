"""Run programs and measure their wall time, CPU time and peak memory; needs GNU time.

The programs run in turns (A B C A B C …), so that other load on the machine affects all of
them. Their output is read through a pipe and discarded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import IO, NamedTuple

_READ_SIZE = 1 << 16
_TIME = "/usr/bin/time"


class Measurement(NamedTuple):
    """The figures of one process with its children, from fork to exit."""

    wall: float
    """Wall time in seconds."""
    cpu: float
    """CPU time in seconds."""
    peak: int
    """The largest resident set in bytes."""
    written: int
    """Bytes written to stdout."""


class Median(NamedTuple):
    """The median of each figure of several runs."""

    wall: float
    cpu: float
    peak: float


def run_in_turns(
    commands: Mapping[str, Sequence[str]], rounds: int, env: Mapping[str, str]
) -> dict[str, list[Measurement]]:
    """Run every command ``rounds`` times. Raises RuntimeError if a command fails."""
    runs: dict[str, list[Measurement]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure_run(command, env))
    return runs


def measure_run(command: Sequence[str], env: Mapping[str, str]) -> Measurement:
    """Run a command and measure it. Raises RuntimeError if it fails."""
    with tempfile.NamedTemporaryFile("r") as report:
        # The peak of a child includes that of the process that forked it. So GNU time, a
        # small program, forks the command.
        timed_command = [_TIME, "--quiet", "-f", "%e %U %S %M", "-o", report.name, *command]
        started = perf_counter()
        with subprocess.Popen(
            timed_command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as child:
            written = _read_all(child.stdout)
        wall = perf_counter() - started
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)}: status {child.returncode}")
        _, user, system, peak = report.read().split()
    return Measurement(wall, float(user) + float(system), int(peak) * 1024, written)


def _read_all(pipe: IO[bytes] | None) -> int:
    """Read a pipe to its end; return the number of bytes."""
    written = 0
    while pipe is not None and (piece := os.read(pipe.fileno(), _READ_SIZE)):
        written += len(piece)
    return written


def median_run(runs: Sequence[Measurement]) -> Median:
    """Return the median of each figure."""
    return Median(
        median(run.wall for run in runs),
        median(run.cpu for run in runs),
        median(run.peak for run in runs),
    )


def print_line(line: str) -> None:
    """Print a line without buffering."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
