"""Observer for ``--report``: writes reports of a run, also of one that fails or is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import Outcome
from httpcli.core.lazy_load import load
from httpcli.core.reports import BatchReportPart, RecordedExchange, Reports
from httpcli.observers.base import Observer
from httpcli.protocol.redaction import Redaction, known_secrets
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.registry import REPORTS, BatchFormat, Report, ReportInfo, ReportKind

if TYPE_CHECKING:
    from typing import Protocol

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext
    from httpcli.storage.append_file import AppendFile
    from httpcli.storage.part_file import PartFile

    class Sink(Protocol):
        """The destination of a report: a file or stdout. Exit drops uncommitted output."""

        def write(self, data: bytes) -> None: ...
        def commit(self) -> None: ...
        def __exit__(self, *_error: object) -> None: ...


def make_report_writer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> ReportWriter:
    """Return the observer for a plan with reports. Raises HttpcliError for an unwritable file.

    The reports of a batch line are parts of those of the batch. A report for standard output
    is written there even if the body of the response is written to a file.
    """
    reports = plan.reports or Reports()
    part = context.report_part
    secrets = known_secrets(plan)
    if part is not None:
        part.secrets |= secrets
        secrets = frozenset(part.secrets)
    redaction = Redaction(secrets)
    curl = ""
    if any(file.kind == "curl" for file in reports.files):
        from httpcli.report.curl import curl_command

        curl = curl_command(plan, redaction).text
    info = ReportInfo(
        plan.request.method,
        redaction.url(str(plan.request.url)),
        context.environment.now(),
        curl,
        0 if part is None else part.number,
        plan.display.response_charset,
    )
    if part is not None:
        return ReportWriter(open_report_parts(part, info), redaction, context)
    return ReportWriter(_open_reports(reports, context, info), redaction, context)


def _open_reports(reports: Reports, context: RunContext, info: ReportInfo) -> list[OpenReport]:
    opened: list[OpenReport] = []
    try:
        for name, file in reports.files:
            kind = REPORTS[name]
            if file == "-":
                write = report_writer(kind, context.stdout_writer(), context.environment)
                sink: Sink = StdoutReport(write)
            else:
                sink = open_report_file(kind, file, context)
            opened.append(OpenReport(kind, load(kind.report)(info), sink))
    except HttpcliError:
        for report in opened:
            report.drop()
        raise
    return opened


def report_writer(kind: ReportKind, write: Write, environment: Environment) -> Write:
    """Return a function that writes a report to standard output by ``write``.

    On a terminal, characters that the terminal guard would escape are escaped in the syntax of
    the report, so that its values stay the same.
    """
    escape = kind.escape
    if escape is None or not environment.stdout.is_terminal:
        return write

    def write_escaped(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        write(escape(text).encode("utf-8", "surrogateescape"))

    return write_escaped


def open_report_file(kind: ReportKind, name: str, context: RunContext) -> AppendFile | PartFile:
    """Open the file of a report before anything is sent. Raises HttpcliError."""
    path = context.files.path(name)
    if kind.appends:
        from httpcli.storage.append_file import AppendFile

        return AppendFile(name, path).__enter__()
    from httpcli.storage.part_file import PartFile

    return PartFile(name, path).__enter__()


def open_report_parts(part: BatchReportPart, info: ReportInfo) -> list[OpenReport]:
    """Return a part of each report, for one line of a batch."""
    part.is_written = True
    opened = []
    for kind, write in part.writers:
        batch: BatchFormat = load(REPORTS[kind].batch)
        opened.append(OpenReport(REPORTS[kind], batch.part(info), StdoutReport(write)))
    return opened


class ReportWriter(Observer):
    """Passes each exchange and the outcome of the run to all reports, without secrets."""

    def __init__(
        self, reports: list[OpenReport], redaction: Redaction, context: RunContext
    ) -> None:
        self._reports = reports
        self._redaction = redaction
        self._now = context.environment.now
        self._max_body = max((report.kind.max_body for report in reports), default=0)
        for report in reports:
            report.add(report.report.begin())

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange."""
        max_body = self._max_body and self._max_body + self._redaction.margin
        return ExchangeRecorder(self._add, max_body, self._now())

    def finish(self, outcome: Outcome) -> None:
        """Complete all reports. Raises the HttpcliError of the first one that fails."""
        redact = self._redaction.text
        redacted = outcome._replace(
            reason=redact(outcome.reason),
            check_results=tuple(
                result._replace(expected=redact(result.expected), actual=redact(result.actual))
                for result in outcome.check_results
            ),
        )
        first_failure: HttpcliError | None = None
        for report in self._reports:
            try:
                report.end(redacted)
            except HttpcliError as failure:
                first_failure = first_failure or failure
        if first_failure is not None:
            raise first_failure

    def _add(self, exchange: RecordedExchange) -> None:
        redacted = self._redaction.exchange(exchange, self._max_body)
        for report in self._reports:
            report.add(report.report.add(redacted))


class OpenReport:
    """A report and its file. A write error is raised at the end: the response comes first."""

    def __init__(self, kind: ReportKind, report: Report, sink: Sink) -> None:
        self.kind = kind
        self.report = report
        self._sink = sink
        self._failure: HttpcliError | None = None

    def add(self, text: str) -> None:
        """Write the next text of the report."""
        if not text or self._failure is not None:
            return
        try:
            self._sink.write(text.encode("utf-8", "surrogateescape"))
        except HttpcliError as error:
            self._failure = error
            self.drop()

    def end(self, outcome: Outcome) -> None:
        """Write the end of the report. Raises HttpcliError, also for an earlier write error."""
        self.add(self.report.end(outcome))
        if self._failure is not None:
            raise self._failure
        self._sink.commit()

    def drop(self) -> None:
        """Remove the file."""
        self._sink.__exit__()


class StdoutReport:
    """A report for stdout, written in one piece after the response."""

    def __init__(self, stdout: Write) -> None:
        self._stdout = stdout
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep bytes."""
        self._pieces.append(data)

    def commit(self) -> None:
        """Write all bytes."""
        self._stdout(b"".join(self._pieces))

    def __exit__(self, *_error: object) -> None:
        """Drop all bytes."""
        self._pieces.clear()
