"""The kinds of report that ``--report`` knows: one file, one line each."""

from typing import NamedTuple, Protocol

from httpcli.core.exit_status import Outcome
from httpcli.core.reports import RecordedExchange, Reports


class About(NamedTuple):
    """What a run is about, for the report's head.

    ``began`` is in seconds since 1970, ``curl`` the equivalent curl command.
    ``url`` and ``curl`` have no secrets in them. ``line``: the number of the
    batch's line that it is, 0 for none.
    """

    method: str
    url: str
    began: float
    curl: str = ""
    line: int = 0


class Report(Protocol):
    """Writes a report as the run goes on. No exchange has a secret in it.

    What each method gives is written at once, so a report of many exchanges
    holds none of them.
    """

    def begin(self) -> str:
        """Give what stands before the first exchange."""

    def exchange(self, exchange: RecordedExchange) -> str:
        """Give what an exchange adds."""

    def end(self, outcome: Outcome) -> str:
        """Give what stands at the end, which may be that of a failure."""


class ReportKind(NamedTuple):
    """A kind of report.

    ``made_by`` names what makes a Report of an About. ``content``: bytes of
    each content that it wants. ``sizes``: it tells how large content is, and so
    all of it has to come. ``appends``: the file is added to, not replaced.
    """

    made_by: str
    content: int = 0
    sizes: bool = False
    appends: bool = False


REPORTS: dict[str, ReportKind] = {
    "json": ReportKind("httpcli.report.json:JsonReport", sizes=True),
    "jsonl": ReportKind("httpcli.report.json:JsonLine", sizes=True, appends=True),
    "junit": ReportKind("httpcli.report.junit:JunitReport"),
    "har": ReportKind("httpcli.report.har:HarReport", content=1 << 20, sizes=True),
    "curl": ReportKind("httpcli.report.curl:CurlReport"),
}


def need_content(reports: Reports) -> bool:
    """Tell whether a report has to do with content, shown or not."""
    return any(REPORTS[wanted.kind].sizes for wanted in reports.files)
