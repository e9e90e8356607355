"""Shows on stderr the heads of responses that are retried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, Retrying
from httpcli.core.plan import Display
from httpcli.observers.base import Observer
from httpcli.output.screen import Screen

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.protocol.redaction import RedactedEvents
    from httpcli.run_context import RunContext


def make_retried_responses(
    plan: Plan, _context: RunContext, _stdout: Write, stderr: Write
) -> RetriedResponses:
    """Return the observer for a plan with retries that shows heads."""
    from httpcli.protocol.redaction import RedactedEvents, redaction_of

    return RetriedResponses(RedactedEvents(redaction_of(plan), responses=False), stderr)


class RetriedResponses(Observer):
    """Shows the head of each failed response on stderr."""

    def __init__(self, redaction: RedactedEvents, stderr: Write) -> None:
        self._display = Display(parts=frozenset("h"), guard_terminal=True)
        self._redaction = redaction
        self._stderr = stderr

    def observe(self, event: Event) -> None:
        """Show the head of a response that is retried."""
        if isinstance(event, Retrying) and event.response is not None:
            head = self._redaction.response(event.response)
            Screen(self._display, self._stderr).observe(head)
