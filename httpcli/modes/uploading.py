"""A listener that has an upload drawn on stderr once it has taken a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.model.events import Event, RequestChunk, RequestStarted
from httpcli.model.exits import ExitStatus, Outcome
from httpcli.model.registry import load

if TYPE_CHECKING:
    from httpcli.model.invocation import Surroundings
    from httpcli.model.plan import Plan
    from httpcli.model.ports import Write
    from httpcli.modes.means import Means
    from httpcli.terminal.progress import Bar

_PATIENCE = 1.0
"""Seconds: what is shorter is not worth a line."""


def uploading(_plan: Plan, means: Means, _stdout: Write, _stderr: Write) -> Uploading:
    """Make the listener."""
    return Uploading(means.around)


class Uploading:
    """Watches content leave. A quick upload never loads what would draw it."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._bar: Bar | None = None
        self._total: int | None = None
        self._began = 0.0
        self._done = 0

    def see(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RequestStarted():
                self.end()
                length = event.fields.first("Content-Length")
                self._total = int(length) if length is not None and length.isdigit() else None
                self._began = self._around.clock()
                self._done = 0
            case RequestChunk(data):
                self._done += len(data)
                self._show()
            case _:
                self.end()

    def verdict(self) -> Outcome:
        """Judge nothing."""
        return Outcome(ExitStatus.OK)

    def conclude(self, _outcome: Outcome) -> None:
        """Erase what is drawn, however it came out."""
        self.end()

    def end(self) -> None:
        """Erase what is drawn."""
        if self._bar is not None:
            self._bar.end()
            self._bar = None

    def _show(self) -> None:
        if self._bar is None:
            if self._around.clock() - self._began < _PATIENCE:
                return
            file = open(self._around.stderr.fd, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            self._bar = load("httpcli.terminal.progress:Bar")(
                file, self._total, self._around.clock
            )
            self._bar.begin()
        self._bar.advance_to(self._done)
