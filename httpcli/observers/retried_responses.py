"""A listener that shows what a failed try was answered, where heads are shown at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, Retrying
from httpcli.core.plan import Display
from httpcli.observers.base import Observer
from httpcli.output.screen import Screen

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


def make_retried_responses(
    plan: Plan, _means: RunContext, _stdout: Write, stderr: Write
) -> RetriedResponses:
    """Make the listener."""
    return RetriedResponses(plan.display, stderr)


class RetriedResponses(Observer):
    """Shows the heads of responses that do not count, on stderr."""

    def __init__(self, display: Display, stderr: Write) -> None:
        self._show = Display(
            parts=frozenset("h"), guard_terminal=True, redaction=display.redaction
        )
        self._stderr = stderr

    def observe(self, event: Event) -> None:
        """Show the head of a response that was no answer."""
        if isinstance(event, Retrying) and event.response is not None:
            Screen(self._show, self._stderr).observe(event.response)
