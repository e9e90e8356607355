"""Recorded exchanges, and the options of the reports, ``--write-out`` and timings."""

from enum import Enum
from typing import TYPE_CHECKING

from httpcli.core.connection_info import Timings
from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write


class RecordedBody(NamedTuple):
    """The size of a message's body, and the beginning of it."""

    size: int = 0
    """Bytes after decoding."""
    data: bytes = b""
    """The first bytes, up to the recorder's limit."""
    complete: bool = True
    """Whether ``data`` is the whole body."""


class RecordedExchange(NamedTuple):
    """One request and its response, including redirects, authentication and failed attempts."""

    request: RequestStarted
    request_body: RecordedBody
    response: ResponseStarted | None
    """None if no response was received."""
    response_body: RecordedBody
    timings: Timings
    error: str = ""
    """Why the exchange failed; empty if it did not."""
    complete: bool = True
    """Whether the response's body was received completely."""
    encoded_size: int | None = None
    """Bytes of the response's body before decoding; None if they were not counted."""

    trailers: Fields = Fields()
    """The header fields after the response's body."""

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the end."""
        return self.timings.ended or 0.0


class TimingsRow(NamedTuple):
    """An exchange in the table or chart of timings."""

    label: str
    """The method and the URL."""
    result: str
    """A status, ``failed`` or ``-``."""
    timings: Timings


class WriteOutKind(Enum):
    """The kind of a piece of a ``--write-out`` template."""

    TEXT = "text"
    VARIABLE = "variable"
    HEADER = "header"
    """The value of a response header."""
    STDOUT = "stdout"
    """The following pieces go to standard output."""
    STDERR = "stderr"
    """The following pieces go to standard error."""
    OUTPUT = "output"
    """The following pieces go to a file: ``text`` is its name, ``>>NAME`` to append."""
    ON_ERROR = "onerror"
    """The following pieces are written only if the run failed."""


class WriteOutPiece(NamedTuple):
    """A piece of a ``--write-out`` template."""

    kind: WriteOutKind
    text: str = ""
    """The text itself, or the name of a variable or header."""


WRITE_OUT_VARIABLES = (
    "certs",
    "content_type",
    "errormsg",
    "exitcode",
    "filename_effective",
    "ftp_entry_path",
    "header_json",
    "http_code",
    "http_connect",
    "http_version",
    "json",
    "local_ip",
    "local_port",
    "method",
    "num_certs",
    "num_connects",
    "num_headers",
    "num_redirects",
    "num_retries",
    "proxy_ssl_verify_result",
    "redirect_url",
    "referer",
    "remote_ip",
    "remote_port",
    "response_code",
    "scheme",
    "size_download",
    "size_header",
    "size_request",
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
    "urlnum",
)
"""Variables of ``--write-out``; curl's variables mean the same as in curl."""

_CONNECTION_PREFIXES = ("json", "remote_", "local_", "ssl_", "certs", "num_certs")
_TIMINGS_PREFIXES = ("json", "time_", "speed_", "num_connects")
_BODY_SIZE_PREFIXES = ("json", "time_total", "speed_", "size_download", "size_upload")


def uses_connection(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Return whether a template uses information about the connection."""
    return _has_variable(pieces, _CONNECTION_PREFIXES)


def uses_timings(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Return whether a template uses timings."""
    return _has_variable(pieces, _TIMINGS_PREFIXES)


def uses_body_size(pieces: tuple[WriteOutPiece, ...]) -> bool:
    """Return whether a template uses values that are known only at the end of the body."""
    return _has_variable(pieces, _BODY_SIZE_PREFIXES)


def _has_variable(pieces: tuple[WriteOutPiece, ...], prefixes: tuple[str, ...]) -> bool:
    return any(
        piece.kind is WriteOutKind.VARIABLE and piece.text.startswith(prefixes) for piece in pieces
    )


class ReportFile(NamedTuple):
    """One report to write."""

    kind: str
    """A name of ``report.registry``."""
    file: str
    """The file as typed; ``-`` for stdout."""


class Reports(NamedTuple):
    """The reports of a run."""

    files: tuple[ReportFile, ...] = ()
    curl_options: tuple[tuple[str, ...], ...] = ()
    """Given options that curl has too, with their values."""
    unsupported_options: tuple[str, ...] = ()
    """Given options that curl does not have."""


class TimingsStyle(NamedTuple):
    """How timings are printed on stderr."""

    chart: bool = False
    """Whether to print a chart for a terminal, else a table."""
    colour: bool = False
    """Whether the chart has colours."""


class BatchReportPart:
    """The part of one line of a batch in the reports of the run."""

    def __init__(self, number: int, writers: "list[tuple[str, Write]]", secrets: set[str]) -> None:
        self.number = number
        """Number of the line."""
        self.writers = writers
        """Each kind of report, with a function that writes the part of this line."""
        self.secrets = secrets
        """Texts to redact; all lines share the set: a response may contain an earlier secret."""
        self.is_written = False
        """Whether the observer of the line writes the part."""
