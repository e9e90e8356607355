"""Tracks the transfers of a run and reports their progress on stderr, in the style of the plan.

Code that transfers bytes only counts them (``transfer.done += n``). A timer of the event loop
reports the progress, so that a stalled transfer is shown as stalled, and a fast one is not
slowed down.

::

    progress = make_progress(progress_style, environment)
    transfer = progress.begin("a.zip", total)
    transfer.done += len(data)
    transfer.end()
    progress.close()
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

from httpcli.core.lazy_load import load
from httpcli.core.plan_options import ProgressStyle
from httpcli.output.transfer_lines import ProgressSnapshot
from httpcli.terminal.streams import stderr_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment

_DISPLAYS = {
    ProgressStyle.BARS: "httpcli.progress.bars:ProgressBars",
    ProgressStyle.ENDS: "httpcli.progress.lines:ProgressLines",
    ProgressStyle.PLAIN: "httpcli.progress.lines:ProgressLines",
    ProgressStyle.JSON: "httpcli.progress.lines:ProgressJson",
}
_RATE_WINDOW = 5.0
"""Seconds over which a rate is measured: long enough to be steady, short enough to be current."""
_SAMPLE_INTERVAL = 0.1
"""Seconds between two samples."""


def make_progress(progress_style: ProgressStyle | None, environment: Environment) -> Progress:
    """Return the progress of a run, reported in this style; None: not reported."""
    write = stderr_writer(environment)
    if progress_style is None:
        return Progress(environment.clock, write)
    display = load(_DISPLAYS[progress_style])(write, progress_style, environment)
    return Progress(environment.clock, write, display)


class Progress:
    """The transfers of a run. Call ``close`` at the end, also after an error."""

    def __init__(
        self, clock: Callable[[], float], write: Write, display: ProgressDisplay | None = None
    ) -> None:
        self.clock = clock
        self._write = write
        self._display = display
        self._transfers: list[Transfer] = []
        self._timer: asyncio.TimerHandle | None = None

    def set_file_count(self, files: int) -> None:
        """Set the number of files of the run."""
        if self._display is not None:
            self._display.set_file_count(files)

    def begin(
        self, name: str, total: int | None = None, *, already_done: int = 0, quiet: bool = False
    ) -> Transfer:
        """Start and return a transfer; the arguments are fields of ``Transfer``."""
        transfer = Transfer(self, name, total, already_done, quiet=quiet)
        self._transfers.append(transfer)
        if self._display is not None:
            self._display.on_start(transfer)
            if self._timer is None:
                self._update()
        return transfer

    def end(self, transfer: Transfer, outcome: str) -> None:
        """End a transfer, unless it has ended already."""
        if transfer not in self._transfers:
            return
        self._transfers.remove(transfer)
        if self._display is not None:
            self._display.on_end(transfer, outcome)
            if not self._transfers:
                self._stop()

    def write_above(self, data: bytes) -> None:
        """Write other output to stderr, above any progress bars."""
        (self._write if self._display is None else self._display.write_above)(data)

    def close(self) -> None:
        """Stop reporting."""
        self._transfers.clear()
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._display is not None:
            self._display.close()

    def _update(self) -> None:
        if self._display is not None:
            pause = self._display.update(self._transfers)
            self._timer = asyncio.get_running_loop().call_later(pause, self._update)


class Transfer:
    """The download of one file, or the upload of one body."""

    def __init__(
        self, progress: Progress, name: str, total: int | None, already_done: int, *, quiet: bool
    ) -> None:
        self._progress = progress
        self.name = name
        self.total = total
        """The size in bytes; None if unknown."""
        self.done = already_done
        """Bytes transferred, including those of an earlier run."""
        self.already_done = already_done
        """Bytes that an earlier run transferred."""
        self.quiet = quiet
        """Whether it is shown only while it is active, without a line at its end."""
        self.start_time = progress.clock()
        self._end_time = 0.0
        """0 while the transfer is active."""
        self._meter = RateMeter(self.start_time, already_done)

    def snapshot(self) -> ProgressSnapshot:
        """Return the progress now, with the recent rate."""
        now = self._progress.clock()
        rate = self._meter.rate(now, self.done)
        elapsed = now - self.start_time
        return ProgressSnapshot(self.name, self.done, self.total, rate, elapsed, self.already_done)

    def average(self) -> ProgressSnapshot:
        """Return the progress now, with the average rate since the start."""
        elapsed = (self._end_time or self._progress.clock()) - self.start_time
        snapshot = ProgressSnapshot(
            self.name, self.done, self.total, 0.0, elapsed, self.already_done
        )
        return snapshot._replace(rate=snapshot.received / (elapsed or 1e-9))

    def end(self, outcome: str = "") -> None:
        """End the transfer; ``outcome`` is the reason of a failure, or empty."""
        self._end_time = self._end_time or self._progress.clock()
        self._progress.end(self, outcome)


class ProgressDisplay(Protocol):
    """Shows the progress of transfers."""

    def set_file_count(self, files: int) -> None:
        """Set the number of files of the run."""

    def on_start(self, transfer: Transfer) -> None:
        """Show that a transfer has started."""

    def on_end(self, transfer: Transfer, outcome: str) -> None:
        """Show that a transfer has ended; ``outcome`` is the reason of a failure, or empty."""

    def update(self, transfers: Sequence[Transfer]) -> float:
        """Show the current progress; return the seconds until the next update."""

    def write_above(self, data: bytes) -> None:
        """Write other output to stderr."""

    def close(self) -> None:
        """Erase any progress bars."""


class RateMeter:
    """The recent rate of one transfer. ``now`` is in seconds of a monotonic clock."""

    def __init__(self, now: float, done: int = 0) -> None:
        self._samples: deque[tuple[float, int]] = deque([(now, done)])
        """Times, and the bytes done by then."""

    def rate(self, now: float, done: int) -> float:
        """Return the bytes per second over the rate window; 0 if no time has passed."""
        samples = self._samples
        if done < samples[-1][1]:  # the transfer has restarted
            samples.clear()
            samples.append((now, done))
        while len(samples) > 1 and now - samples[1][0] >= _RATE_WINDOW:
            samples.popleft()
        start, done_before = samples[0]
        if now - samples[-1][0] >= _SAMPLE_INTERVAL:
            samples.append((now, done))
        return (done - done_before) / (now - start) if now > start else 0.0
