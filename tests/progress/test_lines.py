"""Progress as lines and as JSON objects."""

from __future__ import annotations

import json
from typing import cast

import pytest

from httpcli.core.invocation import Environment
from httpcli.core.plan_options import ProgressStyle
from httpcli.progress.lines import ProgressJson, ProgressLines
from httpcli.progress.tracker import Progress, Transfer

NO_ENVIRONMENT = cast(Environment, None)


def transfer(name: str = "f", total: int | None = 100, already_done: int = 0) -> Transfer:
    """Return a transfer on a stopped clock."""
    progress = Progress(lambda: 5.0, lambda _data: None)
    return progress.begin(name, total, already_done=already_done)


def test_plain_style_writes_lines_from_the_second_update_on() -> None:
    written: list[bytes] = []
    lines = ProgressLines(written.append, ProgressStyle.PLAIN, NO_ENVIRONMENT)
    file = transfer()
    lines.on_start(file)
    assert lines.update([file]) == 30.0
    file.done = 50
    lines.update([file])
    assert written[0] == b"f: 100 B\n"
    assert written[1].startswith(b"f: 50% of 100 B, ")
    lines.close()
    lines.update([file])
    assert len(written) == 2


@pytest.mark.parametrize("outcome", ["", "interrupted"])
def test_ends_style_writes_no_line_in_between(outcome: str) -> None:
    written: list[bytes] = []
    lines = ProgressLines(written.append, ProgressStyle.ENDS, NO_ENVIRONMENT)
    file = transfer(total=None)
    lines.on_start(file)
    for _ in range(3):
        lines.update([file])
    lines.on_end(file, outcome)
    first, last = b"".join(written).decode().splitlines()
    assert first == "f: size unknown"
    assert last.startswith(f"f: {outcome}")


def test_json_style_reports_progress_once_bytes_arrive() -> None:
    written: list[bytes] = []
    objects = ProgressJson(written.append, ProgressStyle.JSON, NO_ENVIRONMENT)
    file = transfer(already_done=10)
    objects.on_start(file)
    assert objects.update([file]) == 1.0
    file.done = 60
    objects.update([file])
    objects.on_end(file, "")
    events = [json.loads(line) for line in b"".join(written).splitlines()]
    assert [(event["event"], event["done"]) for event in events] == [
        ("begin", 10),
        ("progress", 60),
        ("end", 60),
    ]
    assert events[-1]["outcome"] == "ok"


async def test_transfer_ends_only_once() -> None:
    written: list[bytes] = []
    display = ProgressJson(written.append, ProgressStyle.JSON, NO_ENVIRONMENT)
    progress = Progress(lambda: 5.0, written.append, display)
    file = progress.begin("f")
    file.end()
    file.end("again")
    progress.close()
    events = [json.loads(line)["event"] for line in written]
    assert events == ["begin", "end"]
