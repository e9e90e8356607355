"""The reports of a batch: one of each kind for all lines, in the order of the lines.

The part of each line is written in the order of the lines, like its output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.lazy_load import load
from httpcli.core.reports import BatchReportPart
from httpcli.observers.group import outcome_of
from httpcli.observers.reports import (
    ReportWriter,
    open_report_file,
    open_report_parts,
    report_writer,
)
from httpcli.protocol.redaction import Redaction
from httpcli.report.registry import REPORTS, BatchFormat, ReportInfo

if TYPE_CHECKING:
    from types import TracebackType

    from httpcli.batch.ordered_output import OutputSlot
    from httpcli.core.interfaces import Write
    from httpcli.core.reports import ReportFile, Reports
    from httpcli.run_context import RunContext
    from httpcli.storage.append_file import AppendFile


class BatchReports:
    """Opens all reports before the first request. Raises HttpcliError if one cannot be opened."""

    def __init__(self, reports: Reports, context: RunContext, stdout: Write) -> None:
        self._reports = reports
        self._context = context
        self._files: list[_BatchReport] = []
        self._secrets: set[str] = set()
        self.status = ExitStatus.FAILED
        """The exit status of the run, which the caller sets at its end."""
        try:
            for file in reports.files:
                self._files.append(_BatchReport(file, context, stdout))
        except HttpcliError:
            for report in self._files:
                report.drop()
            raise

    @property
    def writes(self) -> tuple[Write, ...]:
        """A function for each report that adds the part of the next line."""
        return tuple(report.add for report in self._files)

    def part(self, slot: OutputSlot) -> BatchReportPart:
        """Return the part of a line, which writes to the reports through the line's slot."""
        writers = [
            (file.kind, slot.report_writer(index))
            for index, file in enumerate(self._reports.files)
        ]
        return BatchReportPart(slot.number, writers, self._secrets)

    def add_failure(self, part: BatchReportPart, outcome: Outcome) -> None:
        """Add a line that failed before its request, unless it has written its part already."""
        if not part.is_written:
            info = ReportInfo("", "", self._context.environment.now(), line=part.number)
            redaction = Redaction(part.secrets)
            ReportWriter(open_report_parts(part, info), redaction, self._context).finish(outcome)

    def __enter__(self) -> BatchReports:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete all reports.

        Raises the HttpcliError of the first that fails, unless another error ended the run.
        """
        outcome = outcome_of(error) or Outcome(self.status)
        first_failure: Exception | None = None
        for report in self._files:
            try:
                report.end(outcome)
            except (HttpcliError, OSError) as failure:
                first_failure = first_failure or failure
        if first_failure is not None and error is None:
            raise first_failure
        if isinstance(first_failure, HttpcliError):
            self._context.notices.warn(first_failure.message)


class _BatchReport:
    """One report, in a file or on stdout. A write error of a file is raised at the end."""

    def __init__(self, file: ReportFile, context: RunContext, stdout: Write) -> None:
        self._format: BatchFormat = load(REPORTS[file.kind].batch)
        self._stdout = None
        if file.file == "-":
            self._stdout = report_writer(REPORTS[file.kind], stdout, context.environment)
        self._appends = REPORTS[file.kind].appends
        self._failure: HttpcliError | None = None
        self._is_first = True
        if self._stdout is None:
            self._sink = open_report_file(REPORTS[file.kind], file.file, context)
        self._write(self._format.begin(context.environment.now()).encode())

    def add(self, data: bytes) -> None:
        """Add the part of the next line."""
        if data:
            self._write(data if self._is_first else self._format.separator.encode() + data)
            self._is_first = False

    def end(self, outcome: Outcome) -> None:
        """Write the end of the report. Raises HttpcliError, also for an earlier write error."""
        self._write(self._format.end(outcome).encode())
        if self._failure is not None:
            raise self._failure
        if self._stdout is None:
            self._sink.commit()

    def drop(self) -> None:
        """Remove the file."""
        if self._stdout is None:
            self._sink.__exit__()

    def _write(self, data: bytes) -> None:
        if self._stdout is not None:
            self._stdout(data)
            return
        if self._failure is not None:
            return
        try:
            self._sink.write(data)
            if self._appends:
                cast("AppendFile", self._sink).flush()
        except HttpcliError as error:
            self._failure = error
            self.drop()
