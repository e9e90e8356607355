"""Draws how far an upload is, on a terminal, where it takes more than a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_UPDATES_A_SECOND = 10


class _Room(Console):
    """A terminal less the room for the ``^C`` that it echoes: else no line could be erased."""

    @property
    def options(self) -> ConsoleOptions:
        options = super().options
        return options.update_width(max(1, options.max_width - len("^C") - 1))


def _whole() -> Column:
    """Return a column that is cut rather than broken: on a narrow terminal the bar gives way."""
    return Column(no_wrap=True)


class Bar:
    """One line for one transfer, erased at its end.

    ``total`` is in bytes, None where it is not known. Nobody's thread draws:
    a bar moves when bytes do.
    """

    def __init__(self, file: TextIO, total: int | None, clock: Callable[[], float]) -> None:
        self._progress = Progress(
            TextColumn("uploading", table_column=_whole()),
            BarColumn(bar_width=None),
            DownloadColumn(table_column=_whole()),
            TransferSpeedColumn(table_column=_whole()),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=_whole())
            if total is not None
            else TimeElapsedColumn(table_column=_whole()),
            console=_Room(file=file, force_terminal=True),
            expand=True,
            auto_refresh=False,
            transient=True,
            get_time=clock,
        )
        self._task = self._progress.add_task("upload", total=total)
        self._clock = clock
        self._drawn = 0.0

    def begin(self) -> None:
        """Draw it for the first time."""
        self._progress.start()

    def advance_to(self, done: int) -> None:
        """Say how many bytes have gone; draw at most ten times a second."""
        now = self._clock()
        self._progress.update(self._task, completed=done)
        if now - self._drawn >= 1 / _UPDATES_A_SECOND:
            self._drawn = now
            self._progress.refresh()

    def end(self) -> None:
        """Erase it."""
        self._progress.stop()
