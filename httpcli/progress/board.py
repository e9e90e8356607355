"""Draws how far transfers are, below all else on a terminal; a line each, and one for all.

What is drawn is taken away before anything else is said and at the end, also
where the window has another size by then: a line that no longer fits was broken
into several rows by the terminal.
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

from httpcli.core.transfers import ProgressSnapshot, format_bytes, format_duration

if TYPE_CHECKING:
    from rich.console import ConsoleOptions

    from httpcli.core.interfaces import Write

_ROOM = len("^C") + 1
"""Cells that are left free for what the terminal echoes: else no line could be erased."""
_GAP = "  "
_WIDTHS = {"percent": 4, "size": 8, "rate": 10, "time": 7}
_GIVEN_UP = ((), ("size",), ("size", "time"), ("size", "time", "rate"))
"""What a narrow terminal does without, once the bar is gone."""
_SHORTEST_BAR = 6
_SHORTEST_NAME = 8
_TELLING_NAME = 16
"""Cells: of several files none shall look like another."""
_STYLES = {"size": Style(color="green"), "rate": Style(color="red"), "time": Style(color="cyan")}


class Board:
    """The lines at the bottom of a terminal. Nothing draws by itself.

    ``fd`` is asked for its size each time; ``env`` says which colours it knows.
    """

    def __init__(self, write: Write, fd: int, env: Mapping[str, str]) -> None:
        self._write = write
        self._fd = fd
        self._drawn: tuple[int, ...] = ()
        self._frame = ""
        self._console = Console(
            file=StringIO(), force_terminal=True, width=80, legacy_windows=False, _environ=env
        )

    def draw(self, standings: Sequence[ProgressSnapshot], now: float) -> None:
        """Show these in the place of those before; as many as the terminal has rows for."""
        columns, rows = self._size()
        width = max(1, columns - _ROOM)
        if len(standings) >= rows:  # the last one stands for all
            standings = [*standings[: max(0, rows - 2)], standings[-1]]
        self._console.width = width
        names = max((cell_len(each.name) for each in standings), default=0)
        enough = _TELLING_NAME if len(standings) > 1 else _SHORTEST_NAME
        shape = _Shape.within(width, names, enough)
        lines = [self._line(_Row(standing, shape, now)) for standing in standings]
        erasing = self._erasing(columns)
        self._frame = "\n".join(lines)
        self._drawn = (shape.width,) * len(standings)
        self._put(erasing + self._frame)

    def _line(self, row: _Row) -> str:
        with self._console.capture() as captured:
            self._console.print(row, end="")
        return captured.get()

    def erase(self) -> None:
        """Take away what is drawn."""
        columns, _ = self._size()
        self._put(self._erasing(columns))

    def above(self, data: bytes) -> None:
        """Write something that stays, above what is drawn."""
        columns, _ = self._size()
        drawn, frame = self._drawn, self._frame
        self._write(self._erasing(columns).encode() + data + frame.encode())
        self._drawn, self._frame = drawn, frame

    def _erasing(self, columns: int) -> str:
        if not self._drawn:
            return ""
        rows = sum(max(1, -(-width // columns)) for width in self._drawn)
        self._drawn, self._frame = (), ""
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        return f"\r{up}\x1b[J"

    def _put(self, text: str) -> None:
        if text:
            self._write(text.encode("utf-8", "backslashreplace"))

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._fd)
        except OSError:
            return 80, 24
        return columns or 80, rows or 24


class _Shape:
    """How wide each column is; the same for all lines, so that they stand below each other."""

    def __init__(self, name: int, bar: int, columns: tuple[str, ...]) -> None:
        self.name = name
        self.bar = bar
        self.columns = columns
        self.width = name + (bar and bar + len(_GAP)) + _taken(columns)

    @classmethod
    def within(cls, width: int, longest: int, enough: int) -> _Shape:
        """Return what fits into ``width`` cells, the longest name being ``longest``.

        A name has ``enough`` cells before there is room for more than the percent.
        """
        whole = tuple(_WIDTHS)
        left = width - _taken(whole)
        name = min(longest, max(left * 3 // 5, _SHORTEST_NAME))
        bar = left - name - len(_GAP)
        if bar >= _SHORTEST_BAR:
            return cls(name, bar, whole)
        for given_up in _GIVEN_UP:
            columns = tuple(each for each in whole if each not in given_up)
            left = width - _taken(columns)
            if left >= min(longest, enough):
                return cls(min(longest, left), 0, columns)
        return cls(max(0, min(longest, width - _taken(("percent",)))), 0, ("percent",))


def _taken(columns: Iterable[str]) -> int:
    return sum(len(_GAP) + _WIDTHS[each] for each in columns)


class _Row:
    """One line as rich draws it."""

    def __init__(self, standing: ProgressSnapshot, shape: _Shape, now: float) -> None:
        self._standing = standing
        self._shape = shape
        self._now = now

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        shape = self._shape
        yield Segment(_fitted(self._standing.name, shape.name))
        if shape.bar:
            yield Segment(_GAP)
            yield from self._bar(console, options)
        texts = _texts(self._standing)
        for column in shape.columns:
            text = f"{_GAP}{texts[column]:>{_WIDTHS[column]}}"
            yield Segment(text, _STYLES.get(column))

    def _bar(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        done, total, width = self._standing.done, self._standing.total, self._shape.bar
        bar = ProgressBar(total, done, width, animation_time=self._now)
        drawn = list(console.render(bar, options))
        yield from drawn
        # Without colours rich leaves out what is still to come.
        yield Segment(" " * (width - sum(each.cell_length for each in drawn)))


def _texts(standing: ProgressSnapshot) -> dict[str, str]:
    percent, left = standing.percent, standing.seconds_left
    time = standing.elapsed if standing.total is None else left
    return {
        "percent": "" if percent is None else f"{percent}%",
        "size": format_bytes(standing.done if standing.total is None else standing.total),
        "rate": f"{format_bytes(standing.rate)}/s",
        "time": "-:--" if time is None else format_duration(time),
    }


def _fitted(name: str, width: int) -> str:
    """Return a name in that many cells; one that is too long loses its middle."""
    if cell_len(name) <= width or width < 3:
        return set_cell_size(name, width)
    tail = (width - 1) // 2
    end = name
    while cell_len(end) > tail:
        end = end[1:]
    cut = set_cell_size(name, width - 1 - cell_len(end)).rstrip() + "…" + end
    return set_cell_size(cut, width)
