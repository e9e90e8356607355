"""Tells of a download where nothing is drawn: a line when it starts and one when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.model.transfer import amount, clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.model.ports import Tell


class Lines:
    """A ``Progress`` of two lines, told by ``tell``; ``now`` gives seconds."""

    def __init__(self, tell: Tell, now: Callable[[], float]) -> None:
        self._tell = tell
        self._now = now
        self._name = ""
        self._began = 0.0
        self._done = 0

    def begin(self, name: str, total: int | None, done: int) -> None:
        self._name, self._done = name, done
        self._began = self._now()
        of = "" if total is None else f", {amount(total)}"
        there = f", {amount(done)} of it there already" if done else ""
        self._tell(f"downloading to {name}{of}{there}")

    def advance(self, count: int) -> None:
        self._done += count

    def end(self, reason: str) -> None:
        if not reason:
            elapsed = self._now() - self._began
            self._tell(f"{self._name}: {amount(self._done)} in {clock(elapsed)}")
