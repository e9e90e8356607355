"""Observer for ``--expect``: prints each failed check at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.observers.base import Observer
from httpcli.protocol.redaction import Redaction, known_secrets
from httpcli.report.expectation_checks import ExpectationChecker, checker_of

if TYPE_CHECKING:
    from httpcli.core.events import Event
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext

_COMPLETE = (
    ExitStatus.OK,
    ExitStatus.REDIRECTED,
    ExitStatus.CLIENT_ERROR,
    ExitStatus.SERVER_ERROR,
    ExitStatus.EXPECTATION,
)
"""Statuses of a run with a complete response; after other failures checks are not reported."""


def make_expectation_observer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> ExpectationObserver:
    """Return the observer for a plan with checks."""
    redaction = Redaction(known_secrets(plan))
    checker = checker_of(plan, context.environment.clock, redaction)
    return ExpectationObserver(checker, context)


class ExpectationObserver(Observer):
    """Runs the checks; each failed one is a line on stderr."""

    def __init__(self, checker: ExpectationChecker, context: RunContext) -> None:
        self._checker = checker
        self._notices = context.notices

    def observe(self, event: Event) -> None:
        """Pass one event to the checks."""
        self._checker.observe(event)

    @property
    def has_all_expected(self) -> bool:
        """Whether all expected messages of a WebSocket were received."""
        return self._checker.has_all_expected

    def outcome(self) -> Outcome:
        """Return the outcome of all checks."""
        return self._checker.outcome()

    def finish(self, outcome: Outcome) -> None:
        """Print the failed checks."""
        status = self._checker.failure_status
        if outcome.status not in _COMPLETE and status is ExitStatus.EXPECTATION:
            return
        for line in self._checker.failures:
            self._notices.error(HttpcliError(line, status=status))
