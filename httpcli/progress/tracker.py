"""Measures how fast bytes come, of late: steady enough to read, quick enough to believe."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

from httpcli.core.entry_points import load
from httpcli.core.transfers import ProgressSnapshot, ProgressStyle
from httpcli.terminal.streams import to_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment


_WINDOW = 5.0
"""Seconds that are looked back."""
_GRAIN = 0.1
"""Seconds between two moments that are kept."""


class RateMeter:
    """The rate of one transfer, from moments and what was done by then.

    ``now`` is in seconds by any steady clock.
    """

    def __init__(self, now: float, done: int = 0) -> None:
        self._moments: deque[tuple[float, int]] = deque([(now, done)])

    def rate(self, now: float, done: int) -> float:
        """Return bytes a second in the last seconds; 0 where no time has passed."""
        moments = self._moments
        if done < moments[-1][1]:  # it began again
            moments.clear()
            moments.append((now, done))
        while len(moments) > 1 and now - moments[1][0] >= _WINDOW:
            moments.popleft()
        began, before = moments[0]
        if now - moments[-1][0] >= _GRAIN:
            moments.append((now, done))
        return (done - before) / (now - began) if now > began else 0.0


# How far the transfers of a run are, told on stderr in the way that the plan says.
#
# Whoever moves bytes only counts them (``transfer.done += n``); a timer of the event loop
# tells, so that a transfer that stands still is seen to do so, and one at full speed is not
# slowed down.
#
# ::
#
# progress = progress_for(telling, around) transfer = progress.begin("a.zip", total)
# transfer.done += len(data) transfer.end("saved") progress.close()


_TELLERS = {
    ProgressStyle.BARS: "httpcli.progress.bars:ProgressBars",
    ProgressStyle.ENDS: "httpcli.progress.lines:ProgressLines",
    ProgressStyle.PLAIN: "httpcli.progress.lines:ProgressLines",
    ProgressStyle.JSON: "httpcli.progress.lines:ProgressObjects",
}


class Teller(Protocol):
    """Says how far transfers are."""

    def expect(self, files: int) -> None:
        """There will be so many in all."""

    def begun(self, transfer: Transfer) -> None:
        """One more is under way."""

    def ended(self, transfer: Transfer, outcome: str) -> None:
        """One has ended; ``outcome`` is in words, empty where all went well."""

    def tick(self, transfers: Sequence[Transfer]) -> float:
        """Some time has passed; return after how many seconds to come again."""

    def above(self, data: bytes) -> None:
        """Write something else on stderr."""

    def close(self) -> None:
        """Nothing more will come: take away what does not stay."""


class Transfer:
    """One file, or one upload. ``done`` counts its bytes, ``total`` is None if unknown.

    ``kept``: bytes that were there before this run. ``quiet``: it is worth a line
    only while it lasts.
    """

    def __init__(
        self, progress: Progress, name: str, total: int | None, kept: int, *, quiet: bool
    ) -> None:
        self._progress = progress
        self.name = name
        self.total = total
        self.done = self.kept = kept
        self.quiet = quiet
        self.began = progress.clock()
        self._ended = 0.0
        self._meter = RateMeter(self.began, kept)

    def standing(self) -> ProgressSnapshot:
        """Return how far it is now."""
        now = self._progress.clock()
        rate = self._meter.rate(now, self.done)
        return ProgressSnapshot(
            self.name, self.done, self.total, rate, now - self.began, self.kept
        )

    def average(self) -> ProgressSnapshot:
        """Return how far it is now, with the rate of all of its time."""
        elapsed = (self._ended or self._progress.clock()) - self.began
        standing = ProgressSnapshot(self.name, self.done, self.total, 0.0, elapsed, self.kept)
        return standing._replace(rate=standing.came / (elapsed or 1e-9))

    def end(self, outcome: str = "") -> None:
        """Say that it is over; ``outcome`` says what went wrong."""
        self._ended = self._ended or self._progress.clock()
        self._progress.end(self, outcome)


class Progress:
    """All transfers of a run. ``close`` it at the end, whatever the end is."""

    def __init__(
        self, clock: Callable[[], float], write: Write, teller: Teller | None = None
    ) -> None:
        self.clock = clock
        self._write = write
        self._teller = teller
        self._transfers: list[Transfer] = []
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, files: int) -> None:
        """Say how many files there will be in all."""
        if self._teller is not None:
            self._teller.expect(files)

    def begin(
        self, name: str, total: int | None = None, *, kept: int = 0, quiet: bool = False
    ) -> Transfer:
        """Say that one more transfer begins."""
        transfer = Transfer(self, name, total, kept, quiet=quiet)
        self._transfers.append(transfer)
        if self._teller is not None:
            self._teller.begun(transfer)
            if self._timer is None:
                self._tick()
        return transfer

    def end(self, transfer: Transfer, outcome: str) -> None:
        """Say that a transfer is over; a second time is none."""
        if transfer not in self._transfers:
            return
        self._transfers.remove(transfer)
        if self._teller is not None:
            self._teller.ended(transfer, outcome)
            if not self._transfers:
                self._rest()

    def above(self, data: bytes) -> None:
        """Write something else on stderr, where nothing that is drawn is harmed."""
        (self._write if self._teller is None else self._teller.above)(data)

    def close(self) -> None:
        """Say that nothing more will come."""
        self._transfers.clear()
        self._rest()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._teller is not None:
            self._teller.close()

    def _tick(self) -> None:
        if self._teller is not None:
            pause = self._teller.tick(self._transfers)
            self._timer = asyncio.get_running_loop().call_later(pause, self._tick)


def progress_for(progress_style: ProgressStyle, environment: Environment) -> Progress:
    """Return what tells how far transfers are, in that way."""
    write = to_stderr(environment)
    if progress_style is ProgressStyle.NONE:
        return Progress(environment.clock, write)
    return Progress(
        environment.clock,
        write,
        load(_TELLERS[progress_style])(write, progress_style, environment),
    )
