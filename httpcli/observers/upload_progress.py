"""Shows the progress of an upload on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk, RequestStarted
from httpcli.core.exit_status import Outcome
from httpcli.observers.base import Observer
from httpcli.progress.tracker import Progress, Transfer, make_progress

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


def make_upload_progress(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> UploadProgress:
    """Return the observer for a plan with a body."""
    return UploadProgress(make_progress(plan.upload_progress, context.environment))


class UploadProgress(Observer):
    """Counts the bytes of the body. A quick upload does not load the progress display."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._transfer: Transfer | None = None

    def observe(self, event: Event) -> None:
        """Count the bytes of each attempt."""
        match event:
            case RequestStarted():
                self._end("sent again")
                total = event.fields.content_length
                self._transfer = self._progress.begin("uploading", total, quiet=True)
            case RequestChunk(data):
                if self._transfer is not None:
                    self._transfer.done += len(data)
            case _:
                self._end()

    def finish(self, outcome: Outcome) -> None:
        """Remove the progress display."""
        self._end(outcome.reason)
        self._progress.close()

    def _end(self, outcome: str = "") -> None:
        if self._transfer is not None:
            self._transfer.end(outcome)
            self._transfer = None
