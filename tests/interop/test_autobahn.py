"""The Autobahn test suite for WebSocket clients, if its program ``wstest`` is on the PATH.

The suite needs Python 2.7, so it is optional: ``tests/features/test_websocket_frames.py``
covers the same groups without it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.interop.autobahn import verdicts
from tests.interop.peers import free_ports, listening

_CASES = [*(f"{group}.*" for group in (*range(1, 11),)), "12.1.1", "12.2.10", "13.1.1", "13.7.1"]
"""All cases except most of those with a thousand compressed messages (half an hour)."""
_GOOD = {"OK", "INFORMATIONAL", "NON-STRICT"}


@pytest.mark.slow
def test_every_case_of_the_suite_passes(tmp_path: Path) -> None:
    program = shutil.which("wstest")
    if program is None:
        pytest.skip("wstest is not installed")
    (port,) = free_ports(1)
    server = f"ws://127.0.0.1:{port}"
    settings = {"url": server, "outdir": str(tmp_path / "reports"), "cases": _CASES}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(settings))
    command = [program, "-m", "fuzzingserver", "-s", str(file)]
    with listening(command, port, tmp_path / "log"):
        found = asyncio.run(verdicts(server))
    assert len(found) > 200
    assert {name: verdict for name, verdict in found.items() if verdict not in _GOOD} == {}
