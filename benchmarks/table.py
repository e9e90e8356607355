"""The rows of the table of results: a figure and its target."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Measurement, median_run

ROOT = Path(__file__).resolve().parents[1]


class ResultRow(NamedTuple):
    """One row of the table."""

    what: str
    """What was measured."""
    against: str
    """What it is compared with, and by which figure."""
    value: float
    target: float
    stretch: float | None = None
    """A more ambitious target."""
    unit: str = "x"
    """``x`` for a ratio: httpcli divided by the other program."""
    more: bool = False
    """Whether a larger value is better."""
    raw: Mapping[str, Sequence[object]] = {}
    """The measured figures, by program."""

    @property
    def verdict(self) -> str:
        """Whether the target or the stretch target is reached."""
        if self.stretch is not None and self._reaches(self.stretch):
            return "stretch"
        return "yes" if self._reaches(self.target) else "no"

    def _reaches(self, goal: float) -> bool:
        return self.value >= goal if self.more else self.value <= goal


class BenchmarkContext(NamedTuple):
    """The programs and settings that every benchmark gets."""

    httpcli: str
    python: str
    """A Python interpreter with httpcli and its dependencies."""
    bare: str
    """A Python interpreter with aiohttp and its extras."""
    folder: Path
    """For large files."""
    env: Mapping[str, str]
    rounds: int
    """Runs of each program."""
    program: Callable[[str], str | None]
    """Returns the path of another program; None, with a message, if it is missing."""


Measure = Callable[[BenchmarkContext], Iterator[ResultRow]]


def wall_ratio(runs: Mapping[str, Sequence[Measurement]], name: str, other: str) -> float:
    """Return the ratio of two programs' median wall times."""
    return median_run(runs[name]).wall / median_run(runs[other]).wall


def describe_machine(programs: Sequence[str]) -> dict[str, str]:
    """Return facts about the machine, this tree, and the programs with these paths."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return {
        "system": platform.platform(),
        "processor": model,
        "processors": str(os.cpu_count()),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "load": "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()),
        **{f"peer {Path(path).name}": _version(path) for path in programs},
    }


def _version(path: str) -> str:
    """Return the first line of a program's version text."""
    result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return (result.stdout or result.stderr).strip().partition("\n")[0]


def markdown(rows: Sequence[ResultRow]) -> str:
    """Return the table for the README."""
    lines = ["| what | against | measured | target | reached |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        value, target = (_format(each, row.unit) for each in (row.value, row.target))
        bound = "≥" if row.more else "≤"
        lines.append(
            f"| {row.what} | {row.against} | {value} | {bound} {target} | {row.verdict} |"
        )
    return "\n".join(lines) + "\n"


def _format(value: float, unit: str) -> str:
    number = f"{value:.2f}" if value < 10 else f"{value:.0f}"
    return number if unit == "x" else f"{number} {unit}"
