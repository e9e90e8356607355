"""Run random downloads: ``python -m tests.faults.random_downloads --runs 5000 --seed 1``.

Run N of seed S is scenario ``S-N``. To repeat a failure:
``python -m tests.faults.random_downloads --only S-N``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.faults.random_downloads.pool import run_seeds
from tests.faults.random_downloads.summary import Summary


def main() -> int:
    """Run the scenarios, print failures and a summary; return 1 if one failed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--runs", type=int, default=100, help="how many scenarios")
    options.add_argument("--seed", default="1", help="the first part of each scenario's name")
    options.add_argument("--jobs", type=int, default=2, help="how many at a time")
    options.add_argument("--only", action="append", help="run this scenario, and print it all")
    options.add_argument("--times", type=int, default=1, help="repeat --only so often")
    options.add_argument("--failures", type=Path, help="a folder for the failures, a file each")
    options.add_argument(
        "--fork", action="store_true", help="import the program only once: four times as fast"
    )
    typed = options.parse_args()
    seeds = typed.only * typed.times if typed.only else _seeds(typed.seed, typed.runs)
    summary = Summary()
    for outcome in run_seeds(seeds, typed.jobs, forks=typed.fork):
        summary.add(outcome)
        if outcome.problems and typed.failures:
            typed.failures.mkdir(parents=True, exist_ok=True)
            (typed.failures / f"{outcome.seed}.txt").write_text(outcome.text)
        if outcome.problems or typed.only:
            sys.stdout.write(f"{outcome.text}\n")
        if summary.scenarios % 100 == 0:
            sys.stdout.write(f"{summary.progress}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{summary.text}\n")
    return 1 if summary.failed else 0


def _seeds(seed: str, runs: int) -> list[str]:
    return [f"{seed}-{number}" for number in range(runs)]


if __name__ == "__main__":
    sys.exit(main())
