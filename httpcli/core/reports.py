"""One request and what came of it, as the reports tell it: plain data."""

from enum import Enum
from typing import NamedTuple

from httpcli.core.connection_info import Timings
from httpcli.core.events import RequestStarted, ResponseStarted


class RecordedBody(NamedTuple):
    """What is known of a message's content: its length, and the beginning of it.

    ``size`` is in bytes, content codings undone; ``data`` holds no more of them
    than was asked for, and ``whole`` tells whether it holds them all.
    """

    size: int = 0
    data: bytes = b""
    complete: bool = True


class RecordedExchange(NamedTuple):
    """One request on the wire, the last one or not: a redirect's, a challenge's, a failed try.

    ``response``: None where none came. ``error`` says what went wrong, empty
    where nothing did; ``whole``: all of the response's content was received.
    ``transferred``: how many bytes that were with codings, None where nobody counted.
    """

    request: RequestStarted
    request_body: RecordedBody
    response: ResponseStarted | None
    response_body: RecordedBody
    timings: Timings
    error: str = ""
    complete: bool = True
    encoded_size: int | None = None

    @property
    def duration(self) -> float:
        """How long it took, in seconds."""
        return self.timings.ended or 0.0


class TimingsRow(NamedTuple):
    """An exchange in the timeline: what was asked; a status, ``failed`` or ``-``; the times."""

    label: str
    result: str
    timings: Timings


# What is written when a transfer is over: a format taken apart, and the names it may have.


class WriteOutKind(Enum):
    """What a piece of a format stands for."""

    TEXT = "text"
    VARIABLE = "variable"
    HEADER = "header"
    """The value of a response's field."""
    STDOUT = "stdout"
    """What follows goes to standard output."""
    STDERR = "stderr"
    ON_ERROR = "onerror"
    """What follows is written only where the run failed."""


class WriteOutPiece(NamedTuple):
    """A piece of a format; ``text`` is the text itself, or a name."""

    kind: WriteOutKind
    text: str = ""


WRITE_OUT_VARIABLES = (
    "content_type",
    "errormsg",
    "exitcode",
    "filename_effective",
    "header_json",
    "http_code",
    "http_version",
    "json",
    "local_ip",
    "local_port",
    "method",
    "num_redirects",
    "num_retries",
    "remote_ip",
    "remote_port",
    "response_code",
    "scheme",
    "size_download",
    "size_upload",
    "speed_download",
    "speed_upload",
    "ssl_verify_result",
    "time_appconnect",
    "time_connect",
    "time_namelookup",
    "time_pretransfer",
    "time_redirect",
    "time_starttransfer",
    "time_total",
    "url",
    "url_effective",
)
"""Names that curl has, too, and that mean the same."""

_OF_CONNECTIONS = ("json", "remote_", "local_", "ssl_")
_OF_TIMES = ("json", "time_", "speed_")
_OF_CONTENT = ("json", "time_total", "speed_", "size_")


def uses_connection(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Tell whether something is asked of the connection."""
    return _any(pieces, _OF_CONNECTIONS)


def uses_timings(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Tell whether it is asked where the time went."""
    return _any(pieces, _OF_TIMES)


def uses_body_size(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Tell whether something is asked that only the end of the content tells."""
    return _any(pieces, _OF_CONTENT)


def _any(pieces: tuple[WriteOutPiece, ...], beginnings: tuple[str, ...]) -> bool:
    return any(
        piece.kind is WriteOutKind.VARIABLE and piece.text.startswith(beginnings)
        for piece in pieces
    )


# What a run leaves behind beside its output: reports in files, and where the time went.


class ReportFile(NamedTuple):
    """One report: its kind (``report.registry``) and the file as typed, ``-`` for stdout."""

    kind: str
    file: str


class Reports(NamedTuple):
    """The reports of a run.

    ``secrets``: texts that were given by reference; no report shows them.
    ``said``: options that curl has too, with their values; ``unsaid``: those
    for which it has no word.
    """

    files: tuple[ReportFile, ...] = ()
    secrets: frozenset[str] = frozenset()
    curl_options: tuple[tuple[str, ...], ...] = ()
    unsupported_options: tuple[str, ...] = ()


class TimingsStyle(NamedTuple):
    """Where the time went is shown on stderr: ``drawn`` on a terminal, else as a table."""

    chart: bool = False
    colour: bool = False
    secrets: frozenset[str] = frozenset()
