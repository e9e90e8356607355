"""The times of a run as a table, with a line for each exchange, for people and for scripts.

``terminal.waterfall`` draws the same rows as a chart.
"""

from __future__ import annotations

from collections.abc import Sequence

from httpcli.core.connection_info import PHASES
from httpcli.core.escaping import escape_controls
from httpcli.core.reports import RecordedExchange, TimingsRow


def timings_row(exchange: RecordedExchange) -> TimingsRow:
    """Return the row for an exchange, safe for a terminal."""
    request, response = exchange.request, exchange.response
    result = "-" if response is None else str(response.status)
    if exchange.error:
        result = "failed"
    return TimingsRow(escape_controls(f"{request.method} {request.url}"), result, exchange.timings)


def timings_table(rows: Sequence[TimingsRow]) -> str:
    """Return the table. Times are in seconds, ``-`` for a phase that did not happen.

    The phase in which the exchange failed is marked with ``!``.
    """
    lines = [[*(name.lower() for name in PHASES), "total", "result", "request"]]
    for row in rows:
        durations = {phase.name: f"{phase.duration:.6f}" for phase in row.timings.phases}
        if row.timings.failed_phase in durations:
            durations[row.timings.failed_phase] += "!"
        times = [durations.get(name, "-") for name in PHASES]
        lines.append([*times, f"{row.timings.ended or 0.0:.6f}", row.result, row.label])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    return "".join("  ".join([*map(str.ljust, line, widths), line[-1]]) + "\n" for line in lines)
