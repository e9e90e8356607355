"""Transfers as lines: where one begins and ends, how far it is, and a summary of them all."""

from __future__ import annotations

import json
from collections.abc import Sequence

from httpcli.core.escaping import visible
from httpcli.core.transfers import ProgressSnapshot, amount, clock
from httpcli.output.layout import columns


def start_line(standing: ProgressSnapshot) -> str:
    """Return the line where a transfer begins: ``a.zip: 12 MiB``."""
    size = "size unknown" if standing.total is None else amount(standing.total)
    kept = f", {amount(standing.done)} of it there" if standing.done else ""
    return f"{visible(standing.name)}: {size}{kept}"


def update_line(standing: ProgressSnapshot) -> str:
    """Return a line in between: ``a.zip: 45% of 12 MiB, 1.2 MiB/s, 0:10 left``."""
    far = amount(standing.done)
    if standing.total is not None:
        far = f"{standing.percent}% of {amount(standing.total)}"
    left = standing.left
    rest = f"{clock(standing.elapsed)} so far" if left is None else f"{clock(left)} left"
    return f"{visible(standing.name)}: {far}, {amount(standing.rate)}/s, {rest}"


def end_line(standing: ProgressSnapshot, outcome: str = "") -> str:
    """Return the line where it ends: ``a.zip: 12 MiB in 0:10, 1.2 MiB/s``."""
    name = visible(standing.name)
    took = f"{amount(standing.came)} in {_short(standing.elapsed)}"
    if outcome:
        return f"{name}: {visible(outcome)} after {took}"
    if standing.came < standing.done:
        took = f"{amount(standing.done)}, the last {took}"
    return f"{name}: {took}, {amount(standing.rate)}/s"


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
        size = "" if reason else amount(standing.done)
        speed = "" if reason else f"{amount(standing.rate)}/s"
        rows.append((name, size, _short(standing.elapsed), speed, reason or "saved"))
    return columns(rows, to_the_right=(1, 2, 3))


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)
