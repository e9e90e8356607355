"""Has transfers drawn at the bottom of a terminal once they take a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.escaping import escape_controls
from httpcli.core.transfers import ProgressSnapshot
from httpcli.output.transfer_lines import end_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.core.transfers import ProgressStyle
    from httpcli.progress.board import Board
    from httpcli.progress.tracker import Transfer

_PATIENCE = 1.0
"""Seconds: what is shorter is not worth being drawn."""
_UPDATE = 0.1
"""Seconds between two updates."""
_SHARE = 60
"""How many times longer than a drawing the pause after it is: less than two percent of a core."""
_LONGEST = 1.0


class ProgressBars:
    """A line for each transfer, and one for all where there are several."""

    def __init__(self, write: Write, _telling: ProgressStyle, environment: Environment) -> None:
        self._write = write
        self._around = environment
        self._board: Board | None = None
        self._ended = (0, 0)
        """Files that ended, and their bytes."""
        self._expected = self._running = 0
        self._began: float | None = None

    def expect(self, files: int) -> None:
        """Say how many files there will be in all."""
        self._expected = files

    def begun(self, transfer: Transfer) -> None:
        """One more is under way."""
        self._running += 1
        if self._began is None:
            self._began = transfer.began

    def ended(self, transfer: Transfer, outcome: str) -> None:
        """One has ended: a line of a file stays."""
        self._running -= 1
        if not self._running:
            self.close()
        files, held = self._ended
        self._ended = files + 1, held + transfer.done
        if not transfer.quiet:
            self.above(end_line(transfer.average(), outcome).encode() + b"\n")

    def tick(self, transfers: Sequence[Transfer]) -> float:
        """Draw what has lasted a while."""
        now = self._around.clock()
        if self._began is None or now - self._began < _PATIENCE:
            return _UPDATE
        if self._board is None:
            from httpcli.progress.board import Board

            self._board = Board(self._write, self._around.stderr.fd, self._around.env)
        began = self._around.clock()
        standings = [each.standing() for each in transfers]
        shown = [each._replace(name=escape_controls(each.name)) for each in standings]
        if len(standings) + self._ended[0] > 1 and not transfers[-1].quiet:
            shown.append(self._overall(standings, now))
        self._board.draw(shown, now)
        return min(max(_UPDATE, _SHARE * (self._around.clock() - began)), _LONGEST)

    def _overall(self, standings: Sequence[ProgressSnapshot], now: float) -> ProgressSnapshot:
        files, held = self._ended
        totals = [each.total for each in standings]
        known = files + len(standings) >= self._expected and None not in totals
        return ProgressSnapshot(
            f"{files} of {max(self._expected, files + len(standings))} files",
            held + sum(each.done for each in standings),
            held + sum(total or 0 for total in totals) if known else None,
            sum(each.rate for each in standings),
            now - (self._began or now),
        )

    def above(self, data: bytes) -> None:
        """Write something else, which stays."""
        if self._board is None:
            self._write(data)
        else:
            self._board.above(data)

    def close(self) -> None:
        """Take away what is drawn."""
        if self._board is not None:
            self._board.erase()
