"""Transfers as lines: where one begins and ends, how far it is, and a summary of them all."""

from __future__ import annotations

import json
from collections.abc import Sequence

from httpcli.core.escaping import escape_controls
from httpcli.core.transfers import ProgressSnapshot, format_bytes, format_duration
from httpcli.output.layout import columns


def start_line(standing: ProgressSnapshot) -> str:
    """Return the line where a transfer begins: ``a.zip: 12 MiB``."""
    size = "size unknown" if standing.total is None else format_bytes(standing.total)
    kept = f", {format_bytes(standing.done)} of it there" if standing.done else ""
    return f"{escape_controls(standing.name)}: {size}{kept}"


def update_line(standing: ProgressSnapshot) -> str:
    """Return a line in between: ``a.zip: 45% of 12 MiB, 1.2 MiB/s, 0:10 left``."""
    far = format_bytes(standing.done)
    if standing.total is not None:
        far = f"{standing.percent}% of {format_bytes(standing.total)}"
    left = standing.seconds_left
    rest = (
        f"{format_duration(standing.elapsed)} so far"
        if left is None
        else f"{format_duration(left)} left"
    )
    return f"{escape_controls(standing.name)}: {far}, {format_bytes(standing.rate)}/s, {rest}"


def end_line(standing: ProgressSnapshot, outcome: str = "") -> str:
    """Return the line where it ends: ``a.zip: 12 MiB in 0:10, 1.2 MiB/s``."""
    name = escape_controls(standing.name)
    took = f"{format_bytes(standing.came)} in {_short(standing.elapsed)}"
    if outcome:
        return f"{name}: {escape_controls(outcome)} after {took}"
    if standing.came < standing.done:
        took = f"{format_bytes(standing.done)}, the last {took}"
    return f"{name}: {took}, {format_bytes(standing.rate)}/s"


def event_line(event: str, standing: ProgressSnapshot, outcome: str = "") -> str:
    """Return a standing as JSON on one line; bytes, seconds and bytes a second are numbers."""
    told: dict[str, object] = {
        "event": event,
        "name": standing.name,
        "done": standing.done,
        "total": standing.total,
    }
    if event != "begin":
        told["rate"] = round(standing.rate)
        told["elapsed"] = round(standing.elapsed, 3)
    if outcome:
        told["outcome"] = outcome
    return json.dumps(told)


def summary(files: Sequence[tuple[str, ProgressSnapshot | None, str]]) -> str:
    """Return a table of what became of files: name, standing at the end, what went wrong."""
    rows = [("file", "size", "time", "speed", "")]
    for name, standing, reason in files:
        if standing is None:
            rows.append((name, "", "", "", reason or "nothing to do"))
            continue
        size = "" if reason else format_bytes(standing.done)
        speed = "" if reason else f"{format_bytes(standing.rate)}/s"
        rows.append((name, size, _short(standing.elapsed), speed, reason or "saved"))
    return columns(rows, to_the_right=(1, 2, 3))


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else format_duration(seconds)
