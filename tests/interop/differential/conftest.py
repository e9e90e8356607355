"""All selected cases run with HTTPie and with httpcli, two at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.interop.differential.programs import Outcome, both
from tests.interop.differential.table import Case

Outcomes = Mapping[str, Future[tuple[Outcome, Outcome]]]


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
