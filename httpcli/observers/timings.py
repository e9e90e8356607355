"""Observer for ``--timings``: shows at the end of a run where the time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.reports import RecordedExchange, TimingsRow, TimingsStyle
from httpcli.observers.base import Observer
from httpcli.protocol.redaction import Redaction, known_secrets
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.timings import timings_row

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


def make_timings_observer(
    plan: Plan, context: RunContext, _stdout: Write, stderr: Write
) -> TimingsObserver:
    """Return the observer for a plan with timings."""
    style = plan.timings_style or TimingsStyle()
    return TimingsObserver(style, Redaction(known_secrets(plan)), context, stderr)


class TimingsObserver(Observer):
    """Collects one row for each exchange and prints them as a table or chart."""

    def __init__(
        self, style: TimingsStyle, redaction: Redaction, context: RunContext, stderr: Write
    ) -> None:
        self._style = style
        self._redaction = redaction
        self._environment = context.environment
        self._stderr = stderr
        self._rows: list[TimingsRow] = []

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange."""
        return ExchangeRecorder(self._add, 0, self._environment.now())

    def finish(self, outcome: Outcome) -> None:
        """Print the rows."""
        if not self._rows:
            return
        if not self._style.chart:
            from httpcli.report.timings import timings_table

            text = timings_table(self._rows)
        else:
            from httpcli.terminal.waterfall import draw_waterfall

            text = draw_waterfall(self._rows, self._environment.stderr, colour=self._style.colour)
            if outcome.status is ExitStatus.INTERRUPTED:
                text = f"\n{text}"  # below the ^C
        self._stderr(text.encode("utf-8", "backslashreplace"))

    def _add(self, exchange: RecordedExchange) -> None:
        self._rows.append(timings_row(self._redaction.exchange(exchange, 0)))
