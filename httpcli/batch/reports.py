"""The reports of a batch: one of each kind for all lines, in their order.

What a line adds waits for its turn with the rest of its output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.observers.dispatch import outcome_of
from httpcli.observers.reports import ReportWriter, open_report_file, open_report_parts
from httpcli.report.redact import Redactor
from httpcli.report.registry import REPORTS, BatchFormat, ReportInfo

if TYPE_CHECKING:
    from types import TracebackType

    from httpcli.batch.ordered_output import OutputSlot
    from httpcli.core.interfaces import Write
    from httpcli.core.reports import ReportFile, Reports
    from httpcli.run_context import RunContext
    from httpcli.storage.append_file import AppendFile


class BatchReports:
    """Opens every report before anything is sent. Raises HttpcliError for one that cannot be.

    ``status`` is what the run came to, once that is known.
    """

    def __init__(self, reports: Reports, context: RunContext, stdout: Write) -> None:
        self._reports = reports
        self._means = context
        self._whole: list[_Whole] = []
        self._secrets = set(reports.secrets)
        self.status = ExitStatus.FAILED
        try:
            for wanted in reports.files:
                self._whole.append(_Whole(wanted, context, stdout))
        except HttpcliError:
            for whole in self._whole:
                whole.drop()
            raise

    @property
    def writes(self) -> tuple[Write, ...]:
        """What takes the parts of each report, in the order of the lines."""
        return tuple(whole.add for whole in self._whole)

    def part(self, turn: OutputSlot) -> ReportPart:
        """Return the part of the line whose turn that is."""
        return ReportPart(self._reports, self._means, turn, self._secrets)

    def __enter__(self) -> BatchReports:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give every report its end and its name.

        Raises HttpcliError for the first that fails; what ended the run comes before it.
        """
        outcome = outcome_of(error) or Outcome(self.status)
        failed: Exception | None = None
        for whole in self._whole:
            try:
                whole.end(outcome)
            except (HttpcliError, OSError) as another:
                failed = failed or another
        if failed is not None and error is None:
            raise failed
        if isinstance(failed, HttpcliError):
            self._means.notices.warn(failed.message)


class ReportPart:
    """What one line adds to each report. ``secrets`` are those of all lines up to it."""

    def __init__(
        self, reports: Reports, context: RunContext, turn: OutputSlot, secrets: set[str]
    ) -> None:
        self._reports = reports
        self._secrets = secrets
        self._means = context
        self._turn = turn
        self._is_told = False

    @property
    def number(self) -> int:
        """The number of the line."""
        return self._turn.number

    def secrets(self, own: frozenset[str]) -> frozenset[str]:
        """Return what its parts hide: another line's secret may come back in this one's answer."""
        self._secrets |= own
        return frozenset(self._secrets)

    def writes(self) -> list[tuple[str, Write]]:
        """Return the kinds of report, and what takes the part of each."""
        self._is_told = True
        kinds = (wanted.kind for wanted in self._reports.files)
        return [(kind, self._turn.report(at)) for at, kind in enumerate(kinds)]

    def fail(self, outcome: Outcome) -> None:
        """Tell why nothing was sent, where that is not told yet."""
        if not self._is_told:
            about = ReportInfo("", "", self._means.environment.now(), line=self.number)
            hiding = Redactor(frozenset(self._secrets))
            ReportWriter(open_report_parts(self, about), hiding, self._means).finish(outcome)


class _Whole:
    """One report and where it goes. What fails in a file is told at the end."""

    def __init__(self, wanted: ReportFile, context: RunContext, stdout: Write) -> None:
        self._frame: BatchFormat = load(REPORTS[wanted.kind].batch)
        self._stdout = stdout if wanted.file == "-" else None
        self._appends = REPORTS[wanted.kind].appends
        self._failed: HttpcliError | None = None
        self._is_first = True
        if self._stdout is None:
            self._sink = open_report_file(REPORTS[wanted.kind], wanted.file, context)
        self._put(self._frame.begin(context.environment.now()).encode())

    def add(self, data: bytes) -> None:
        """Add what a line has to add."""
        if data:
            self._put(data if self._is_first else self._frame.separator.encode() + data)
            self._is_first = False

    def end(self, outcome: Outcome) -> None:
        """Write the rest. Raises HttpcliError, also for what failed before."""
        self._put(self._frame.end(outcome).encode())
        if self._failed is not None:
            raise self._failed
        if self._stdout is None:
            self._sink.commit()

    def drop(self) -> None:
        """Leave no file behind."""
        if self._stdout is None:
            self._sink.__exit__()

    def _put(self, data: bytes) -> None:
        if self._stdout is not None:
            self._stdout(data)
            return
        if self._failed is not None:
            return
        try:
            self._sink.write(data)
            if self._appends:
                cast("AppendFile", self._sink).flush()
        except HttpcliError as error:
            self._failed = error
            self.drop()
