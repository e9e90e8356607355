"""What a benchmark finds: one ratio a row, beside its target."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.runs import Run, middle

ROOT = Path(__file__).resolve().parents[1]


class Row(NamedTuple):
    """One line of the table.

    ``value`` is in ``unit`` (``x`` for a ratio: ours through theirs); less is
    better unless ``more``. ``raw`` has what it was made from, by program.
    """

    what: str
    against: str
    value: float
    target: float
    stretch: float | None = None
    unit: str = "x"
    more: bool = False
    raw: Mapping[str, Sequence[object]] = {}

    @property
    def verdict(self) -> str:
        """How it stands to its target."""
        if self.stretch is not None and self._reaches(self.stretch):
            return "stretch"
        return "yes" if self._reaches(self.target) else "no"

    def _reaches(self, goal: float) -> bool:
        return self.value >= goal if self.more else self.value <= goal


class Bench(NamedTuple):
    """What every benchmark is given: the programs, a folder for large files, an environment.

    ``python`` has httpcli and what it needs, ``bare`` aiohttp with all its extras.
    ``program`` gives a peer's path, None (and says so) where it is missing.
    """

    httpcli: str
    python: str
    bare: str
    folder: Path
    env: Mapping[str, str]
    rounds: int
    program: Callable[[str], str | None]


Measure = Callable[[Bench], Iterator[Row]]


def ratio(runs: Mapping[str, Sequence[Run]], ours: str, theirs: str) -> float:
    """Return the ratio of two programs' median wall times."""
    return middle(runs[ours]).wall / middle(runs[theirs]).wall


def machine(peers: Sequence[str]) -> dict[str, str]:
    """Tell what the figures were made on, and beside which programs (their paths)."""
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
        **{f"peer {Path(path).name}": _version(path) for path in peers},
    }


def _version(path: str) -> str:
    """Return the first line of what a program says of itself."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return (told.stdout or told.stderr).strip().partition("\n")[0]


def markdown(rows: Sequence[Row]) -> str:
    """Return the table for the README."""
    lines = ["| what | against | measured | target | reached |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        value, target = (_shown(each, row.unit) for each in (row.value, row.target))
        bound = "≥" if row.more else "≤"
        lines.append(
            f"| {row.what} | {row.against} | {value} | {bound} {target} | {row.verdict} |"
        )
    return "\n".join(lines) + "\n"


def _shown(value: float, unit: str) -> str:
    number = f"{value:.2f}" if value < 10 else f"{value:.0f}"
    return number if unit == "x" else f"{number} {unit}"
