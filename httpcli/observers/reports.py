"""A listener that writes the reports of a run, also of one that fails or is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import Outcome
from httpcli.core.reports import RecordedExchange, Reports
from httpcli.observers.base import Observer
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.redact import Redactor
from httpcli.report.registry import REPORTS, About, Report, ReportKind

if TYPE_CHECKING:
    from typing import Protocol

    from httpcli.core.interfaces import BatchReportPart, Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext
    from httpcli.storage.append_file import AppendFile
    from httpcli.storage.part_file import PartFile

    class Sink(Protocol):
        """Where a report goes: a file, or stdout; leaving it drops what was not committed."""

        def write(self, data: bytes) -> None: ...
        def commit(self) -> None: ...
        def __exit__(self, *_error: object) -> None: ...


def make_report_writer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> ReportWriter:
    """Return what writes the reports of a plan. Raises HttpcliError for an unwritable file.

    One for standard output goes there, wherever the content goes.
    """
    reports = plan.reports or Reports()
    now = context.environment.now
    part = context.part
    hiding = Redactor(reports.secrets if part is None else part.secrets(reports.secrets))
    url = hiding.url(str(plan.request.url))
    curl = ""
    if any(wanted.kind == "curl" for wanted in reports.files):
        from httpcli.report.curl import curl_line

        curl = curl_line(plan, hiding).text
    about = About(plan.request.method, url, now(), curl, 0 if part is None else part.number)
    if part is not None:
        return ReportWriter(open_report_parts(part, about), hiding, context)
    return ReportWriter(_opened(reports, context, about), hiding, context)


def _opened(reports: Reports, context: RunContext, about: About) -> list[OpenReport]:
    opened: list[OpenReport] = []
    try:
        for kind, file in reports.files:
            row = REPORTS[kind]
            if file == "-":
                sink: Sink = HeldReport(context.to_stdout())
            else:
                sink = open_report_file(row, file, context)
            opened.append(OpenReport(row, load(row.made_by)(about), sink))
    except HttpcliError:
        for each in opened:
            each.drop()
        raise
    return opened


def open_report_file(kind: ReportKind, name: str, context: RunContext) -> AppendFile | PartFile:
    """Open the file of a report, before anything is sent. Raises HttpcliError."""
    path = context.files.path(name)
    if kind.appends:
        from httpcli.storage.append_file import AppendFile

        return AppendFile(name, path).__enter__()
    from httpcli.storage.part_file import PartFile

    return PartFile(name, path).__enter__()


def open_report_parts(part: BatchReportPart, about: About) -> list[OpenReport]:
    """Return what writes one request's part of each report of a batch."""
    from httpcli.report.batch_envelopes import ENVELOPES

    return [
        OpenReport(REPORTS[kind], load(ENVELOPES[kind].made_by)(about), HeldReport(write))
        for kind, write in part.writes()
    ]


class ReportWriter(Observer):
    """Tells every report of each exchange, and of the end."""

    def __init__(self, written: list[OpenReport], hiding: Redactor, context: RunContext) -> None:
        self._written = written
        self._hiding = hiding
        self._now = context.environment.now
        self._most = max((each.kind.content for each in written), default=0)
        for each in written:
            each.add(each.report.begin())

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange."""
        most = self._most and self._most + self._hiding.margin
        return ExchangeRecorder(self._tell, most, self._now())

    def finish(self, outcome: Outcome) -> None:
        """Give every report its end and its name. Raises HttpcliError for the first that fails."""
        hidden = self._hiding.text
        shown = outcome._replace(
            reason=hidden(outcome.reason),
            check_results=tuple(
                each._replace(expected=hidden(each.expected), actual=hidden(each.actual))
                for each in outcome.check_results
            ),
        )
        failed: HttpcliError | None = None
        for each in self._written:
            try:
                each.end(shown)
            except HttpcliError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _tell(self, exchange: RecordedExchange) -> None:
        shown = self._hiding.of(exchange, self._most)
        for each in self._written:
            each.add(each.report.exchange(shown))


class OpenReport:
    """One report and its file. A write that fails is told at the end: the answer comes first."""

    def __init__(self, kind: ReportKind, report: Report, sink: Sink) -> None:
        self.kind = kind
        self.report = report
        self._sink = sink
        self._failed: HttpcliError | None = None

    def add(self, text: str) -> None:
        """Write more of it."""
        if not text or self._failed is not None:
            return
        try:
            self._sink.write(text.encode("utf-8", "surrogateescape"))
        except HttpcliError as error:
            self._failed = error
            self.drop()

    def end(self, outcome: Outcome) -> None:
        """Write the rest. Raises HttpcliError, also for what failed before."""
        self.add(self.report.end(outcome))
        if self._failed is not None:
            raise self._failed
        self._sink.commit()

    def drop(self) -> None:
        """Leave no file behind."""
        self._sink.__exit__()


class HeldReport:
    """A report for stdout: it comes after what is shown there, in one piece."""

    def __init__(self, stdout: Write) -> None:
        self._stdout = stdout
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep these bytes."""
        self._pieces.append(data)

    def commit(self) -> None:
        """Write them all."""
        self._stdout(b"".join(self._pieces))

    def __exit__(self, *_error: object) -> None:
        """Forget them."""
        self._pieces.clear()
