"""HTTPie, and all selected cases run with it and with httpcli, two at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.interop.differential.programs import Outcome, both
from tests.interop.differential.table import Case
from tests.support.environment import plain_environment
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
def warm(httpie: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Start an HTTPie that is loaded already; return the words that run it."""
    python = Path(httpie).read_text("utf-8").partition("\n")[0].removeprefix("#!")
    script = str(Path(__file__).with_name("warm.py"))
    env = plain_environment(tmp_path_factory.mktemp("warm"))
    # The name of a socket is short, wherever pytest keeps its files.
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "http")
        served = [python, script, path, httpie]
        with subprocess.Popen(served, env=env, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield (python, "-I", "-S", script, path, "run")
            server.kill()


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest,
    warm: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outcomes]:
    """Run all selected cases. They are done before a test changes this environment."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    found = (call.params.get("case") for call in calls if call is not None)
    selected = [case for case in found if isinstance(case, Case)]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as threads:
        running = {
            case.name: threads.submit(both, case, warm, tmp_path_factory.mktemp("case"))
            for case in selected
        }
        wait(running.values())
        yield running
