"""The kinds of report that ``--report`` can write, and helpers that their modules share.

A new kind is a module with a ``Report`` and a ``BatchFormat``, and a row in ``REPORTS``.
"""

from collections.abc import Callable
from typing import Protocol

from httpcli.core.escaping import escape_in_json, escape_in_xml
from httpcli.core.exit_status import Outcome
from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.reports import RecordedExchange, Reports


class ReportInfo(NamedTuple):
    """Facts about the run as a whole, for a report."""

    method: str
    """The method of the first request."""
    url: str
    """The URL of the first request, without secrets."""
    started_at: float
    """Seconds since 1970."""
    curl: str = ""
    """The equivalent curl command, without secrets."""
    line: int = 0
    """Number of the line of a batch, 0 if it is not a batch."""
    charset: str = ""
    """The codec of ``--response-charset``; empty without it."""


class Report(Protocol):
    """Formats a report during the run. The exchanges contain no secrets.

    The result of a method is written at once, so that a report need not keep its exchanges.
    """

    def begin(self) -> str:
        """Return the text before the first exchange."""

    def add(self, exchange: RecordedExchange) -> str:
        """Return the text for an exchange."""

    def end(self, outcome: Outcome) -> str:
        """Return the text at the end, also for a run that failed."""


class BatchFormat(NamedTuple):
    """How the reports of the requests of a batch are joined into one report."""

    part: Callable[[ReportInfo], Report]
    """Makes the report of one request, as a part of the whole."""
    begin: Callable[[float], str] = lambda _started_at: ""
    """Returns the text before the first part; its argument is the start in seconds since 1970."""
    separator: str = ""
    """The text between two parts."""
    end: Callable[[Outcome], str] = lambda _outcome: ""
    """Returns the text after the last part."""


class ReportKind(NamedTuple):
    """A kind of report."""

    report: str
    """Entry point of a function (ReportInfo) -> Report."""
    batch: str
    """Entry point of a ``BatchFormat``."""
    max_body: int = 0
    """Bytes of each body that the report contains."""
    needs_body: bool = False
    """Whether it contains sizes of bodies, so that they must be received completely."""
    appends: bool = False
    """Whether the file is appended to, not replaced."""
    escape: Callable[[str], str] | None = None
    """Escapes unsafe characters for a terminal without changing values; None: the guard does."""


REPORTS: dict[str, ReportKind] = {
    "json": ReportKind(
        "httpcli.report.json:JsonReport",
        "httpcli.report.json:BATCH",
        needs_body=True,
        escape=escape_in_json,
    ),
    "jsonl": ReportKind(
        "httpcli.report.json:JsonLineReport",
        "httpcli.report.json:LINES_BATCH",
        needs_body=True,
        appends=True,
        escape=escape_in_json,
    ),
    "junit": ReportKind(
        "httpcli.report.junit:JunitReport", "httpcli.report.junit:BATCH", escape=escape_in_xml
    ),
    "har": ReportKind(
        "httpcli.report.har:HarReport",
        "httpcli.report.har:BATCH",
        max_body=1 << 20,
        needs_body=True,
        escape=escape_in_json,
    ),
    "curl": ReportKind("httpcli.report.curl:CurlReport", "httpcli.report.curl:BATCH"),
}


def needs_body(reports: Reports) -> bool:
    """Return whether a report needs the response's body, even if it is not shown."""
    return any(REPORTS[file.kind].needs_body for file in reports.files)


def valid_unicode(text: str) -> str:
    """Return the text with U+FFFD for bytes that are not UTF-8, so that any parser reads it.

    Such bytes are surrogates here, see ``core.headers.Field``.
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def field_list(fields: Fields) -> list[dict[str, str]]:
    """Return headers as a list of names and values, with their order and duplicates."""
    return [
        {"name": valid_unicode(field.name), "value": valid_unicode(field.value)}
        for field in fields
    ]
