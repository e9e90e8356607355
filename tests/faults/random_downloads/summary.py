"""Sums up the outcomes of many scenarios."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.random_downloads.runner import Outcome


@dataclass
class Summary:
    """What many scenarios did and found."""

    scenarios: int = 0
    runs: int = 0
    several_connections: int = 0
    killed: int = 0
    resumed: int = 0
    full_disks: int = 0
    lies: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """The first problem of each failed scenario, with its seed."""
    started: float = field(default_factory=time.monotonic)

    def add(self, outcome: Outcome) -> None:
        """Add one scenario."""
        self.scenarios += 1
        self.runs += outcome.runs
        self.several_connections += outcome.several_connections
        self.killed += outcome.killed
        self.resumed += outcome.resumed
        self.full_disks += outcome.full_disks
        self.lies.update(outcome.lies)
        self.statuses.update(outcome.statuses)
        if outcome.problems:
            self.failed.append(f"{outcome.seed}: {outcome.problems[0]}")

    @property
    def progress(self) -> str:
        """One line with the state of the work."""
        elapsed = time.monotonic() - self.started
        return f"{self.scenarios} scenarios in {elapsed:.0f} s, {len(self.failed)} failed"

    @property
    def text(self) -> str:
        """The result, for people."""
        statuses = ", ".join(f"{key}: {count}" for key, count in sorted(self.statuses.items()))
        lies = ", ".join(f"{name} {count}" for name, count in self.lies.most_common())
        return "\n".join(
            [
                self.progress,
                f"{self.runs} runs of the program",
                f"{self.several_connections} runs with several connections",
                f"{self.resumed} runs resumed a partial file",
                f"{self.killed} runs were ended by a signal",
                f"{self.full_disks} runs with a full disk or a limit of the file size",
                f"exit statuses: {statuses}",
                f"responses: {lies}",
                *(f"FAILED {line}" for line in self.failed),
            ]
        )
