"""Runs programs side by side and weighs them: wall time, CPU time, peak memory.

In turns (A B C A B C …), so that a busy machine is busy for all of them. What
a program writes is read through a pipe, as the next program would, and dropped.
Needs GNU time.
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

_PIECE = 1 << 16
_TIME = "/usr/bin/time"


class Run(NamedTuple):
    """One process from fork to exit, with its children.

    ``wall`` and ``cpu`` in seconds, ``peak`` the largest resident set in
    bytes, ``written`` the bytes that came out of it.
    """

    wall: float
    cpu: float
    peak: int
    written: int


class Median(NamedTuple):
    """The middle of several runs, each column for itself."""

    wall: float
    cpu: float
    peak: float


def in_turns(
    commands: Mapping[str, Sequence[str]], rounds: int, env: Mapping[str, str]
) -> dict[str, list[Run]]:
    """Run every command ``rounds`` times. Raises RuntimeError where one of them fails."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(weighed(command, env))
    return runs


def weighed(command: Sequence[str], env: Mapping[str, str]) -> Run:
    """Run a command to its end and weigh it. Raises RuntimeError where it fails."""
    with tempfile.NamedTemporaryFile("r") as told:
        # A child's own peak begins with that of the process it was forked from,
        # so it is GNU time, a small program, that forks it.
        weighing = [_TIME, "--quiet", "-f", "%e %U %S %M", "-o", told.name, *command]
        started = perf_counter()
        with subprocess.Popen(
            weighing, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as child:
            written = _drained(child.stdout)
        wall = perf_counter() - started
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)}: status {child.returncode}")
        _, user, system, peak = told.read().split()
    return Run(wall, float(user) + float(system), int(peak) * 1024, written)


def _drained(pipe: IO[bytes] | None) -> int:
    """Read a pipe to its end; return how much came."""
    written = 0
    while pipe is not None and (piece := os.read(pipe.fileno(), _PIECE)):
        written += len(piece)
    return written


def middle(runs: Sequence[Run]) -> Median:
    """Return the median of each column."""
    return Median(
        median(run.wall for run in runs),
        median(run.cpu for run in runs),
        median(run.peak for run in runs),
    )


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
