"""Shows transfers that take over a second as progress bars at the bottom of a terminal.

``progress.bar_renderer`` draws them. It needs rich, so it is imported only after that second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.escaping import escape_controls
from httpcli.output.transfer_lines import ProgressSnapshot, end_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.core.plan_options import ProgressStyle
    from httpcli.progress.bar_renderer import BarRenderer
    from httpcli.progress.tracker import Transfer

_DELAY = 1.0
"""Seconds before anything is drawn."""
_MIN_INTERVAL = 0.1
"""The shortest time between two updates, in seconds."""
_MAX_INTERVAL = 1.0
"""The longest time between two updates, in seconds."""
_INTERVAL_FACTOR = 60
"""The interval is this many times the drawing time: drawing takes under 2 % of a core."""


class ProgressBars:
    """A bar for each transfer, and one for all if there are several."""

    def __init__(
        self, write: Write, _progress_style: ProgressStyle, environment: Environment
    ) -> None:
        self._write = write
        self._environment = environment
        self._renderer: BarRenderer | None = None
        self._ended_files = self._ended_bytes = 0
        self._file_count = self._active = 0
        self._start_time: float | None = None
        """When the first transfer started."""

    def set_file_count(self, files: int) -> None:
        """Set the number of files of the run."""
        self._file_count = files

    def on_start(self, transfer: Transfer) -> None:
        """Count a transfer that has started."""
        self._active += 1
        if self._start_time is None:
            self._start_time = transfer.start_time

    def on_end(self, transfer: Transfer, outcome: str) -> None:
        """Count a transfer that has ended; write its last line, unless it is quiet."""
        self._active -= 1
        if not self._active:
            self.close()
        self._ended_files += 1
        self._ended_bytes += transfer.done
        if not transfer.quiet:
            self.write_above(end_line(transfer.average(), outcome).encode() + b"\n")

    def update(self, transfers: Sequence[Transfer]) -> float:
        """Draw the bars, after the delay."""
        now = self._environment.clock()
        if self._start_time is None or now - self._start_time < _DELAY:
            return _MIN_INTERVAL
        if self._renderer is None:
            from httpcli.progress.bar_renderer import BarRenderer
            from httpcli.terminal.terminal_output import redraw_writer

            stderr = self._environment.stderr
            redraw = redraw_writer(stderr, "standard error")
            env = self._environment.env
            self._renderer = BarRenderer(redraw, stderr.fd, env, stderr.charset)
        before = self._environment.clock()
        snapshots = [transfer.snapshot() for transfer in transfers]
        rows = [each._replace(name=escape_controls(each.name)) for each in snapshots]
        if len(snapshots) + self._ended_files > 1 and not transfers[-1].quiet:
            rows.append(self._total(snapshots, now))
        self._renderer.draw(rows, now)
        drawing_time = self._environment.clock() - before
        return min(max(_MIN_INTERVAL, _INTERVAL_FACTOR * drawing_time), _MAX_INTERVAL)

    def _total(self, snapshots: Sequence[ProgressSnapshot], now: float) -> ProgressSnapshot:
        """Return the total progress of all files."""
        started_files = self._ended_files + len(snapshots)
        totals = [each.total for each in snapshots]
        is_known = started_files >= self._file_count and None not in totals
        return ProgressSnapshot(
            f"{self._ended_files} of {max(self._file_count, started_files)} files",
            self._ended_bytes + sum(each.done for each in snapshots),
            self._ended_bytes + sum(total or 0 for total in totals) if is_known else None,
            sum(each.rate for each in snapshots),
            now - (self._start_time or now),
        )

    def write_above(self, data: bytes) -> None:
        """Write other output above the bars."""
        if self._renderer is None:
            self._write(data)
        else:
            self._renderer.write_above(data)

    def close(self) -> None:
        """Erase the bars."""
        if self._renderer is not None:
            self._renderer.erase()
