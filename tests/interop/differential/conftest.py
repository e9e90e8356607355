"""HTTPie, and all selected cases run with it and with httpcli, two at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.interop.differential.programs import Outcome, both
from tests.interop.differential.table import Case
from tests.support.peers import IN_CI, require

VERSION = "3.2.4"
"""What the tables were written from."""

Outcomes = Mapping[str, Future[tuple[Outcome, Outcome]]]


@pytest.fixture(scope="session")
def httpie() -> str:
    """Find HTTPie, beside this Python before anywhere else."""
    beside = os.path.join(os.path.dirname(sys.executable), "http")
    program = beside if os.access(beside, os.X_OK) else require("http")
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if found.stdout.strip() != VERSION:
        complain = pytest.fail if IN_CI else pytest.skip
        complain(f"{program} is not HTTPie {VERSION}: {found.stdout}{found.stderr}")
    return program


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, httpie: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outcomes]:
    """Run all selected cases. They are done before a test changes this environment."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    found = (call.params.get("case") for call in calls if call is not None)
    selected = [case for case in found if isinstance(case, Case)]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as threads:
        running = {
            case.name: threads.submit(both, case, httpie, tmp_path_factory.mktemp("case"))
            for case in selected
        }
        wait(running.values())
        yield running
