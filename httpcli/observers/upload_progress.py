"""A listener that tells how far an upload is, once it takes a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk, RequestStarted
from httpcli.core.exit_status import Outcome
from httpcli.core.transfers import Telling
from httpcli.observers.base import Onlooker
from httpcli.progress.tracker import Progress, Transfer, progress_for

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import Means


def uploading(plan: Plan, means: Means, _stdout: Write, _stderr: Write) -> Uploading:
    """Make one for an Audience."""
    return Uploading(progress_for(plan.telling or Telling.NONE, means.around))


class Uploading(Onlooker):
    """Watches content leave. A quick upload never loads what would draw it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._transfer: Transfer | None = None

    def see(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RequestStarted():
                self._end("sent again")
                total = event.fields.length
                self._transfer = self._progress.begin("uploading", total, quiet=True)
            case RequestChunk(data):
                if self._transfer is not None:
                    self._transfer.done += len(data)
            case _:
                self._end()

    def conclude(self, outcome: Outcome) -> None:
        """Take away what is drawn."""
        self._end(outcome.reason)
        self._progress.close()

    def _end(self, outcome: str = "") -> None:
        if self._transfer is not None:
            self._transfer.end(outcome)
            self._transfer = None
