"""Where the time went, as a table: one line for each exchange, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence

from httpcli.core.connection_info import PHASES
from httpcli.core.escaping import escape_controls
from httpcli.core.reports import RecordedExchange, TimingsRow


def row_of(exchange: RecordedExchange) -> TimingsRow:
    """Return the row for an exchange."""
    request, response = exchange.request, exchange.response
    result = "-" if response is None else str(response.status)
    if exchange.error:
        result = "failed"
    return TimingsRow(escape_controls(f"{request.method} {request.url}"), result, exchange.timings)


def table(rows: Sequence[TimingsRow]) -> str:
    """Return lines of columns that are words: seconds, ``-`` for what did not happen.

    A phase in which the exchange failed has a ``!`` behind it.
    """
    lines = [[*(name.lower() for name in PHASES), "total", "result", "request"]]
    for row in rows:
        lengths = {each.name: f"{each.duration:.6f}" for each in row.timings.phases}
        if row.timings.failed_phase in lengths:
            lengths[row.timings.failed_phase] += "!"
        times = [lengths.get(name, "-") for name in PHASES]
        lines.append([*times, f"{row.timings.ended or 0.0:.6f}", row.result, row.label])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    return "".join("  ".join([*map(str.ljust, line, widths), line[-1]]) + "\n" for line in lines)
