"""Draws the timings of exchanges as a chart with a bar for each phase (``--timings``)."""

from __future__ import annotations

import os
from io import StringIO
from typing import TYPE_CHECKING

from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.text import Text

from httpcli.core.connection_info import BODY, CONNECT, DNS, REQUEST, TLS, WAIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Stream
    from httpcli.core.reports import TimingsRow

_COLOURS = {
    DNS: "cyan",
    CONNECT: "blue",
    TLS: "magenta",
    REQUEST: "yellow",
    WAIT: "green",
    BODY: "bright_blue",
}
_FAILED = "red"
_MAX_WIDTH = 100
"""The width limit of the chart in columns."""
_MIN_SHARE = 1 / 100
"""The smallest bar, as a share of the total time."""


_ASCII_SHAPES = str.maketrans("█▉▊▋▌▍▎▏▐▕…", "##########~")
"""The characters of bars and shortened labels, for terminals without UTF-8."""


def draw_waterfall(rows: Sequence[TimingsRow], terminal: Stream, *, colour: bool) -> str:
    """Return the chart, as wide as the terminal."""
    try:
        columns = os.get_terminal_size(terminal.fd).columns or 80
    except OSError:
        columns = 80
    console = Console(
        file=StringIO(),
        force_terminal=True,
        color_system="standard" if colour else None,
        width=max(20, min(columns, _MAX_WIDTH)),
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    start = rows[0].timings.started_at
    end = max(row.timings.started_at - start + (row.timings.ended or 0.0) for row in rows)
    for row in rows:
        _draw(console, row, row.timings.started_at - start, end or 1.0)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text if terminal.charset == "utf-8" else text.translate(_ASCII_SHAPES)


def _draw(console: Console, row: TimingsRow, before: float, end: float) -> None:
    """Draw one exchange, which began ``before`` seconds after the first of ``end`` seconds."""
    failed = row.result == "failed"
    title = Table.grid(padding=(0, 1), expand=True)
    title.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    title.add_column(no_wrap=True, justify="right")
    title.add_row(
        Text(row.label, "bold", no_wrap=True, overflow="ellipsis"),
        Text(row.result, _FAILED if failed else "bold"),
    )
    console.print(title)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True, justify="right", min_width=9)
    for phase in row.timings.phases:
        begin = min(before + phase.start, end * (1 - _MIN_SHARE))
        colour = _FAILED if phase.name == row.timings.failed_phase else _COLOURS[phase.name]
        stop = max(before + phase.end, begin + end * _MIN_SHARE)
        bar = Bar(end, begin, stop, color=colour)
        table.add_row(f"  {phase.name}", bar, format_seconds(phase.duration))
    table.add_row("  total", "", Text(format_seconds(row.timings.ended or 0.0), "bold"))
    console.print(table)


def format_seconds(seconds: float) -> str:
    """Return a duration with a suitable unit.

    >>> format_seconds(0.00012), format_seconds(0.0371), format_seconds(1.5), format_seconds(90)
    ('0.12 ms', '37.1 ms', '1.50 s', '90.0 s')
    """
    if seconds >= 1:
        return f"{seconds:.2f} s" if seconds < 60 else f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.1f} ms"
