"""Random downloads from a server that lies; ``python -m tests.faults.random_downloads`` runs more.

A failure prints what happened. The same seed repeats the scenario.
"""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from tests.faults.random_downloads.pool import run_seeds
from tests.faults.random_downloads.runner import run_seed
from tests.faults.random_downloads.summary import Summary
from tests.support.environment import HTTPCLI


def explanation(text: str, seed: str) -> str:
    return f"\n{text}\nTo repeat it: python -m tests.faults.random_downloads --only {seed}"


@pytest.mark.parametrize("number", range(12))
def test_random_download_leaves_a_right_file_or_none(number: int) -> None:
    outcome = run_seed(f"quick-{number}")
    assert not outcome.problems, explanation(outcome.text, outcome.seed)


@pytest.mark.slow
def test_random_downloads_leave_right_files_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    if HTTPCLI[0] != sys.executable:
        monkeypatch.setenv("HTTPCLI_UNDER_TEST", shlex.join(HTTPCLI))
    summary, failures = Summary(), []
    seeds = [f"slow-{number}" for number in range(500)]
    for outcome in run_seeds(seeds, jobs=(os.cpu_count() or 1) + 2):
        summary.add(outcome)
        failures += [explanation(outcome.text, outcome.seed)] if outcome.problems else []
    assert not failures, "".join([*failures[:5], summary.text])
    # What the scenarios are for happened, and often.
    assert summary.several_connections > 50
    assert summary.resumed > 50
    assert summary.killed > 50
