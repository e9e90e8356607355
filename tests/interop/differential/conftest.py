"""Runs all selected cases with HTTPie and with httpcli, several at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.interop.differential.runner import Outcome, both
from tests.interop.differential.table import Case

Outcomes = Mapping[str, Future[tuple[Outcome, Outcome]]]


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest,
    warm_httpie: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outcomes]:
    """Run all selected cases, before any test changes the environment of this process."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    values = (call.params.get("case") for call in calls if call is not None)
    selected = [case for case in values if isinstance(case, Case)]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as threads:
        running = {
            case.name: threads.submit(both, case, warm_httpie, tmp_path_factory.mktemp("case"))
            for case in selected
        }
        wait(running.values())
        yield running
