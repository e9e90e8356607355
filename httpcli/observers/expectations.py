"""A listener that says in the end what was not as expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.observers.base import Observer
from httpcli.report.expectations import Expectations

if TYPE_CHECKING:
    from httpcli.core.events import Event
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext

_ANSWERED = (
    ExitStatus.OK,
    ExitStatus.REDIRECTED,
    ExitStatus.CLIENT_ERROR,
    ExitStatus.SERVER_ERROR,
    ExitStatus.EXPECTATION,
)
"""How a run ends whose answer came whole: what failed otherwise is told already."""


def make_expectation_observer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> ExpectationObserver:
    """Make the listener."""
    return ExpectationObserver(Expectations(plan.checks, context.environment.clock), context)


class ExpectationObserver(Observer):
    """Judges by all that was expected; each failure is one line on stderr."""

    def __init__(self, expectations: Expectations, context: RunContext) -> None:
        self._expectations = expectations
        self._means = context

    def observe(self, event: Event) -> None:
        """Take note of one event."""
        self._expectations.observe(event)

    @property
    def has_enough(self) -> bool:
        """Whether messages were waited for, and all of them have come."""
        return self._expectations.has_enough

    def outcome(self) -> Outcome:
        """Return what it makes of what it saw."""
        return self._expectations.outcome()

    def finish(self, outcome: Outcome) -> None:
        """Tell what failed."""
        if outcome.status not in _ANSWERED:
            return
        for line in self._expectations.failures:
            self._means.notices.error(HttpcliError(line, status=ExitStatus.EXPECTATION))
