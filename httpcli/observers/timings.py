"""A listener that shows where the time went, once the run is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.reports import RecordedExchange, TimingsRow
from httpcli.core.reports import TimingsStyle as Look
from httpcli.observers.base import Observer
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.redact import Redactor
from httpcli.report.timings_table import row_of

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


def make_timings_observer(
    plan: Plan, context: RunContext, _stdout: Write, stderr: Write
) -> TimingsObserver:
    """Return what shows the times of a plan's exchanges."""
    return TimingsObserver(plan.timings_style or Look(), context, stderr)


class TimingsObserver(Observer):
    """Keeps one row for each exchange."""

    def __init__(self, look: Look, context: RunContext, stderr: Write) -> None:
        self._look = look
        self._hiding = Redactor(look.secrets)
        self._means = context
        self._stderr = stderr
        self._rows: list[TimingsRow] = []

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange."""
        return ExchangeRecorder(self._tell, 0, self._means.environment.now())

    def finish(self, outcome: Outcome) -> None:
        """Show the rows."""
        if not self._rows:
            return
        if not self._look.chart:
            from httpcli.report.timings_table import table

            text = table(self._rows)
        else:
            from httpcli.terminal.waterfall import drawn

            text = drawn(self._rows, self._means.environment.stderr.fd, colour=self._look.colour)
            if outcome.status is ExitStatus.INTERRUPTED:
                text = f"\n{text}"  # below the ^C
        self._stderr(text.encode("utf-8", "backslashreplace"))

    def _tell(self, exchange: RecordedExchange) -> None:
        self._rows.append(row_of(self._hiding.of(exchange, 0)))
