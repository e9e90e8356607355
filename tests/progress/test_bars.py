"""How often progress on a terminal is redrawn."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan_options import ProgressStyle
from httpcli.progress.bars import ProgressBars
from httpcli.progress.tracker import Progress


@pytest.mark.parametrize(
    ("takes", "pause"),
    [(0.0, 0.1), (0.001, 0.1), (0.004, 0.24), (0.012, 0.72), (1.0, 1.0)],
)
def test_drawing_takes_less_than_two_percent_of_the_time(
    takes: float, pause: float, tmp_path: Path
) -> None:
    """``takes``: seconds that one redraw takes. There are at most ten redraws a second."""
    moments = count(100.0, takes or 1e-9)
    log = tmp_path / "stderr"
    stderr = Stream(os.open(log, os.O_RDWR | os.O_CREAT), StreamKind.FILE)
    environment = cast(
        Environment,
        SimpleNamespace(clock=lambda: next(moments), stderr=stderr, env={"TERM": "xterm"}),
    )
    drawn: list[bytes] = []
    bars = ProgressBars(drawn.append, ProgressStyle.BARS, environment)
    progress = Progress(lambda: 0.0, drawn.append)
    transfer = progress.begin("f", 100)
    bars.on_start(transfer)
    assert bars.update([transfer]) == pytest.approx(pause, rel=0.01)
    assert b"f " in log.read_bytes()
    os.close(stderr.fd)
