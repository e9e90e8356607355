"""Draws progress bars at the bottom of a terminal, one line each.

The bars are erased before other output is written, and at the end. That works even after the
window was made narrower and the terminal has wrapped the lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.style import Style

from httpcli.output.transfer_lines import ProgressSnapshot, format_bytes, format_duration

if TYPE_CHECKING:
    from rich.console import ConsoleOptions

    from httpcli.core.interfaces import Redraw

_RESERVED = len("^C") + 1
"""Cells left free for the echo of Ctrl-C: a wrapped line could not be erased."""
_GAP = "  "
_WIDTHS = {"percent": 4, "size": 8, "rate": 10, "time": 7}
_DROPPED_COLUMNS = ((), ("size",), ("size", "time"), ("size", "time", "rate"))
"""The columns to omit on a narrow terminal, besides the bar; the first that fits is used."""
_MIN_BAR = 6
_MIN_NAME = 8
_MIN_DISTINCT_NAME = 16
"""Cells for a name if there are several, so that they differ."""
_STYLES = {"size": Style(color="green"), "rate": Style(color="red"), "time": Style(color="cyan")}


_ASCII_SHAPES = str.maketrans("━╸╺…", "-- ~")
"""The characters of bars and shortened names, for terminals without UTF-8."""


class BarRenderer:
    """Draws lines at the bottom of a terminal with a charset.

    The size of the terminal ``fd`` is read for each drawing; ``env`` determines its colours.
    """

    def __init__(
        self, redraw: Redraw, fd: int, env: Mapping[str, str], charset: str = "utf-8"
    ) -> None:
        self._redraw = redraw
        self._charset = charset
        self._fd = fd
        self._widths: tuple[int, ...] = ()
        """The width of each line drawn, in cells."""
        self._frame = ""
        """The text of the lines drawn."""
        self._console = Console(
            file=StringIO(), force_terminal=True, width=80, legacy_windows=False, _environ=env
        )

    def draw(self, snapshots: Sequence[ProgressSnapshot], now: float) -> None:
        """Replace the lines drawn before, by as many as the terminal has rows."""
        columns, rows = self._size()
        width = max(1, columns - _RESERVED)
        if len(snapshots) >= rows:  # keep the last one: the total of all files
            snapshots = [*snapshots[: max(0, rows - 2)], snapshots[-1]]
        if self._charset != "utf-8":  # an escape is longer than its character
            snapshots = [
                each._replace(
                    name=each.name.encode(self._charset, "replace").decode(self._charset)
                )
                for each in snapshots
            ]
        self._console.width = width
        longest = max((cell_len(snapshot.name) for snapshot in snapshots), default=0)
        min_name = _MIN_DISTINCT_NAME if len(snapshots) > 1 else _MIN_NAME
        layout = _Layout.within(width, longest, min_name)
        lines = [self._render(_Row(snapshot, layout, now)) for snapshot in snapshots]
        if self._charset != "utf-8":
            lines = [line.translate(_ASCII_SHAPES) for line in lines]
        frame = "\n".join(lines)
        self._redraw(self._rows_drawn(columns), frame.encode("utf-8", "backslashreplace"))
        self._frame = frame
        self._widths = (layout.width,) * len(snapshots)

    def _render(self, row: _Row) -> str:
        with self._console.capture() as captured:
            self._console.print(row, end="")
        return captured.get()

    def erase(self) -> None:
        """Erase the lines."""
        columns, _ = self._size()
        self._redraw(self._rows_drawn(columns), b"")
        self._widths, self._frame = (), ""

    def write_above(self, data: bytes) -> None:
        """Write other output above the lines."""
        columns, _ = self._size()
        frame = self._frame.encode("utf-8", "backslashreplace")
        self._redraw(self._rows_drawn(columns), data + frame)

    def _rows_drawn(self, columns: int) -> int:
        """Return how many rows of the terminal the lines take; 0 if none are drawn."""
        return sum(max(1, -(-width // columns)) for width in self._widths)

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._fd)
        except OSError:
            return 80, 24
        return columns or 80, rows or 24


class _Layout:
    """The width of each column; the same for all lines, so that they are aligned."""

    def __init__(self, name: int, bar: int, columns: tuple[str, ...]) -> None:
        self.name = name
        """Cells of the name."""
        self.bar = bar
        """Cells of the bar; 0 without a bar."""
        self.columns = columns
        """The columns after the bar."""
        self.width = name + (bar and bar + len(_GAP)) + _total_width(columns)

    @classmethod
    def within(cls, width: int, longest_name: int, min_name: int) -> _Layout:
        """Return the layout for ``width`` cells.

        Columns besides the percentage are shown only if a name still gets ``min_name`` cells.
        """
        all_columns = tuple(_WIDTHS)
        left = width - _total_width(all_columns)
        name = min(longest_name, max(left * 3 // 5, _MIN_NAME))
        bar = left - name - len(_GAP)
        if bar >= _MIN_BAR:
            return cls(name, bar, all_columns)
        for dropped in _DROPPED_COLUMNS:
            columns = tuple(column for column in all_columns if column not in dropped)
            left = width - _total_width(columns)
            if left >= min(longest_name, min_name):
                return cls(min(longest_name, left), 0, columns)
        left = width - _total_width(("percent",))
        return cls(max(0, min(longest_name, left)), 0, ("percent",))


def _total_width(columns: Iterable[str]) -> int:
    return sum(len(_GAP) + _WIDTHS[column] for column in columns)


class _Row:
    """One line as a renderable of rich."""

    def __init__(self, snapshot: ProgressSnapshot, layout: _Layout, now: float) -> None:
        self._snapshot = snapshot
        self._layout = layout
        self._now = now

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        layout = self._layout
        yield Segment(_fit_name(self._snapshot.name, layout.name))
        if layout.bar:
            yield Segment(_GAP)
            yield from self._bar(console, options)
        texts = _column_texts(self._snapshot)
        for column in layout.columns:
            text = f"{_GAP}{texts[column]:>{_WIDTHS[column]}}"
            yield Segment(text, _STYLES.get(column))

    def _bar(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        done, total, width = self._snapshot.done, self._snapshot.total, self._layout.bar
        bar = ProgressBar(total, done, width, animation_time=self._now)
        segments = list(console.render(bar, options))
        yield from segments
        # Without colours, rich omits the unfinished part of the bar.
        yield Segment(" " * (width - sum(segment.cell_length for segment in segments)))


def _column_texts(snapshot: ProgressSnapshot) -> dict[str, str]:
    percent, left = snapshot.percent, snapshot.seconds_left
    time = snapshot.elapsed if snapshot.total is None else left
    return {
        "percent": "" if percent is None else f"{percent}%",
        "size": format_bytes(snapshot.done if snapshot.total is None else snapshot.total),
        "rate": f"{format_bytes(snapshot.rate)}/s",
        "time": "-:--" if time is None else format_duration(time),
    }


def _fit_name(name: str, width: int) -> str:
    """Return a name padded to ``width`` cells, or shortened in its middle."""
    if cell_len(name) <= width or width < 3:
        return set_cell_size(name, width)
    max_end = (width - 1) // 2
    end = name
    while cell_len(end) > max_end:
        end = end[1:]
    shortened = set_cell_size(name, width - 1 - cell_len(end)).rstrip() + "…" + end
    return set_cell_size(shortened, width)
