"""What is written when a transfer is over: a format taken apart, and the names it may have."""

from enum import Enum
from typing import NamedTuple


class Part(Enum):
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


class Piece(NamedTuple):
    """A piece of a format; ``text`` is the text itself, or a name."""

    part: Part
    text: str = ""


VARIABLES = (
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


def need_connection(pieces: tuple[Piece, ...]) -> bool:
    """Tell whether something is asked of the connection."""
    return _any(pieces, _OF_CONNECTIONS)


def need_times(pieces: tuple[Piece, ...]) -> bool:
    """Tell whether it is asked where the time went."""
    return _any(pieces, _OF_TIMES)


def need_content(pieces: tuple[Piece, ...]) -> bool:
    """Tell whether something is asked that only the end of the content tells."""
    return _any(pieces, _OF_CONTENT)


def _any(pieces: tuple[Piece, ...], beginnings: tuple[str, ...]) -> bool:
    return any(
        piece.part is Part.VARIABLE and piece.text.startswith(beginnings) for piece in pieces
    )
