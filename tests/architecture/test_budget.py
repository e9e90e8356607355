"""A GET stays within the recorded count (``python -m tests.architecture.record_budget``)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.architecture.instructions import SLACK, build, count_get, recorded
from tests.support.http_connection import response
from tests.support.other_programs import require_program
from tests.support.servers import RawServer


@pytest.mark.slow
def test_get_stays_within_its_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a record for this build, compare the ratio to bare aiohttp, with more slack."""
    require_program("valgrind")
    with RawServer() as server:
        server.answer_always(response("hello\n"))
        counts = count_get(server.url, tmp_path / "cache")
    ratio = counts["httpcli"] / counts["aiohttp"]
    with capsys.disabled():
        sys.stdout.write(f"\n{counts}: {ratio:.3f} of bare aiohttp\n")
    budgets = recorded()
    if (budget := budgets.get(build())) is not None:
        assert counts["httpcli"] <= budget["httpcli"] * (1 + SLACK)
    else:
        allowed = max(counted["httpcli"] / counted["aiohttp"] for counted in budgets.values())
        assert ratio <= allowed * (1 + 3 * SLACK)
