"""A listener that writes the reports of a run, also of one that fails or is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import Outcome
from httpcli.core.reports import Exchange, Reports
from httpcli.observers.base import Onlooker
from httpcli.report.recording import Recording
from httpcli.report.redact import Hiding
from httpcli.report.registry import REPORTS, About, Kind, Report

if TYPE_CHECKING:
    from typing import Protocol

    from httpcli.core.interfaces import Part, Write
    from httpcli.core.plan import Plan
    from httpcli.run_context import Means
    from httpcli.storage.append_file import Appended
    from httpcli.storage.part_file import PartFile

    class Sink(Protocol):
        """Where a report goes: a file, or stdout; leaving it drops what was not committed."""

        def write(self, data: bytes) -> None: ...
        def commit(self) -> None: ...
        def __exit__(self, *_error: object) -> None: ...


def reporting(plan: Plan, means: Means, _stdout: Write, _stderr: Write) -> Reporting:
    """Return what writes the reports of a plan. Raises HttpcliError for an unwritable file.

    One for standard output goes there, wherever the content goes.
    """
    reports = plan.reports or Reports()
    now = means.around.now
    part = means.part
    hiding = Hiding(reports.secrets if part is None else part.secrets(reports.secrets))
    url = hiding.url(str(plan.request.url))
    curl = ""
    if any(wanted.kind == "curl" for wanted in reports.wanted):
        from httpcli.report.curl import curl_line

        curl = curl_line(plan, hiding).text
    about = About(plan.request.method, url, now(), curl, 0 if part is None else part.number)
    if part is not None:
        return Reporting(parts(part, about), hiding, means)
    return Reporting(_opened(reports, means, about), hiding, means)


def _opened(reports: Reports, means: Means, about: About) -> list[Written]:
    opened: list[Written] = []
    try:
        for kind, file in reports.wanted:
            row = REPORTS[kind]
            if file == "-":
                sink: Sink = Held(means.to_stdout())
            else:
                sink = file_for(row, file, means)
            opened.append(Written(row, load(row.made_by)(about), sink))
    except HttpcliError:
        for each in opened:
            each.drop()
        raise
    return opened


def file_for(kind: Kind, name: str, means: Means) -> Appended | PartFile:
    """Open the file of a report, before anything is sent. Raises HttpcliError."""
    path = means.files.path(name)
    if kind.appends:
        from httpcli.storage.append_file import Appended

        return Appended(name, path).__enter__()
    from httpcli.storage.part_file import PartFile

    return PartFile(name, path).__enter__()


def parts(part: Part, about: About) -> list[Written]:
    """Return what writes one request's part of each report of a batch."""
    from httpcli.report.batch_envelopes import FRAMES

    return [
        Written(REPORTS[kind], load(FRAMES[kind].made_by)(about), Held(write))
        for kind, write in part.writes()
    ]


class Reporting(Onlooker):
    """Tells every report of each exchange, and of the end."""

    def __init__(self, written: list[Written], hiding: Hiding, means: Means) -> None:
        self._written = written
        self._hiding = hiding
        self._now = means.around.now
        self._most = max((each.kind.content for each in written), default=0)
        for each in written:
            each.add(each.report.begin())

    def recording(self) -> Recording:
        """Return who hears of one exchange."""
        most = self._most and self._most + self._hiding.margin
        return Recording(self._tell, most, self._now())

    def conclude(self, outcome: Outcome) -> None:
        """Give every report its end and its name. Raises HttpcliError for the first that fails."""
        hidden = self._hiding.text
        shown = outcome._replace(
            reason=hidden(outcome.reason),
            findings=tuple(
                each._replace(expected=hidden(each.expected), actual=hidden(each.actual))
                for each in outcome.findings
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

    def _tell(self, exchange: Exchange) -> None:
        shown = self._hiding.of(exchange, self._most)
        for each in self._written:
            each.add(each.report.exchange(shown))


class Written:
    """One report and its file. A write that fails is told at the end: the answer comes first."""

    def __init__(self, kind: Kind, report: Report, sink: Sink) -> None:
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


class Held:
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
