"""Observers that show on stderr what happens while a request is sent.

``UploadProgress`` shows the progress of its body, ``RetriedResponses`` the responses that are
retried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk, RequestStarted, Retrying
from httpcli.core.exit_status import Outcome
from httpcli.core.plan import Display
from httpcli.core.plan_options import ProgressStyle
from httpcli.observers.base import Observer
from httpcli.output.screen import Screen
from httpcli.progress.tracker import Progress, Transfer, make_progress

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


def make_upload_progress(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> UploadProgress:
    """Return the observer for a plan with a body."""
    return UploadProgress(
        make_progress(plan.upload_progress or ProgressStyle.NONE, context.environment)
    )


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


def make_retried_responses(
    plan: Plan, _context: RunContext, _stdout: Write, stderr: Write
) -> RetriedResponses:
    """Return the observer for a plan with retries that shows heads."""
    return RetriedResponses(plan.display, stderr)


class RetriedResponses(Observer):
    """Shows the head of each failed response on stderr."""

    def __init__(self, display: Display, stderr: Write) -> None:
        self._display = Display(
            parts=frozenset("h"), guard_terminal=True, redaction=display.redaction
        )
        self._stderr = stderr

    def observe(self, event: Event) -> None:
        """Show the head of a response that is retried."""
        if isinstance(event, Retrying) and event.response is not None:
            Screen(self._display, self._stderr).observe(event.response)
