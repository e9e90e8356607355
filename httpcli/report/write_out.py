"""The variables of ``--write-out``, under curl's names, and the text of a format with them.

The JSON report contains the same variables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.reports import RecordedExchange, WriteOutKind, WriteOutPiece
from httpcli.protocol.certificates import pem
from httpcli.protocol.redirects import resolve_location
from httpcli.report.registry import ReportInfo, valid_unicode

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection, Timings
    from httpcli.core.events import RequestStarted, ResponseStarted


VariableValue = int | float | str

AUTH_STATUSES = (401, 407)
"""Statuses of a challenge: the next exchange sends credentials."""
_TIMES = (
    "time_namelookup",
    "time_connect",
    "time_appconnect",
    "time_pretransfer",
    "time_starttransfer",
    "time_total",
)


class WriteOutVariables:
    """Computes the variables of a run from its exchanges, mostly from the last one.

    Times are sums, as in curl: of the last exchange and the redirects and challenges that
    led to it, but not of earlier attempts. A phase that did not happen took no time.
    """

    def __init__(self, info: ReportInfo) -> None:
        self._info = info
        self._last: RecordedExchange | None = None
        self._redirects = 0
        self._connects = 0
        self._header_size = 0
        self._request_size = 0
        self._retries = 0
        self._times = dict.fromkeys(_TIMES, 0.0)
        self._time_redirect = 0.0

    def add(self, exchange: RecordedExchange) -> None:
        """Add an exchange. The one before it was a redirect, a challenge or a failed attempt."""
        if self._last is not None:
            status = 0 if self._last.response is None else self._last.response.status
            self._time_redirect = self._times["time_total"]
            self._redirects += 300 <= status <= 399
            if not (300 <= status <= 399 or status in AUTH_STATUSES):
                self._retries += 1
                self._time_redirect = 0.0
                self._times = dict.fromkeys(_TIMES, 0.0)
                self._connects = self._header_size = self._request_size = 0
        self._connects += exchange.timings.connected is not None
        self._header_size += exchange.response.head_size if exchange.response else 0
        self._request_size += head_size(exchange.request)
        for name, instant in _times(exchange.timings):
            self._times[name] += instant or 0.0
        self._last = exchange

    def certificates(self) -> str:
        """Return the certificates that the server of the last exchange sent, in PEM."""
        response = self._last.response if self._last is not None else None
        connection = response.connection if response is not None else None
        return "".join(map(pem, connection.certificates)) if connection is not None else ""

    def values(self, outcome: Outcome) -> dict[str, VariableValue]:
        """Return the variables. Times are in seconds."""
        values = _exchange_variables(self._last)
        size, sent = values["size_download"], values["size_upload"]
        total = self._times["time_total"]
        return values | {
            "method": self._last.request.method if self._last else self._info.method,
            "url": valid_unicode(self._info.url),
            "exitcode": int(outcome.status),
            "errormsg": valid_unicode(outcome.reason),
            "num_connects": self._connects,
            "num_redirects": self._redirects,
            "num_retries": self._retries,
            "size_header": self._header_size,
            "size_request": self._request_size + int(sent),
            "speed_download": _speed(size, total),
            "speed_upload": _speed(sent, total),
            # A number of OpenSSL that is not known here; ``errormsg`` has the error.
            "ssl_verify_result": int(outcome.status is ExitStatus.TLS),
            "urlnum": 0,  # one URL a run, or a line of a batch
            "time_redirect": round(self._time_redirect, 6),
            **{name: round(seconds, 6) for name, seconds in self._times.items()},
        }


def head_size(request: RequestStarted) -> int:
    """Return the bytes of the request line and the headers."""
    lines = [f"{request.method} {request.target} HTTP/{request.version}"]
    lines += [f"{field.name}: {field.value}" for field in request.fields]
    return len("\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape"))


def _redirect_url(response: ResponseStarted | None) -> str:
    """Return where a redirect that was not followed leads; empty for another response."""
    location = response.fields.first("Location") if response is not None else None
    if response is None or location is None or not 300 <= response.status <= 399:
        return ""
    try:
        return str(resolve_location(response.url, location))
    except HttpcliError:
        return location


def _exchange_variables(last: RecordedExchange | None) -> dict[str, VariableValue]:
    """Return the variables of one exchange, or their defaults for None."""
    response = last.response if last is not None else None
    status = response.status if response is not None else 0
    return {
        "http_code": status,
        "response_code": status,
        "http_version": response.version if response is not None else "",
        "scheme": last.request.url.scheme if last is not None else "",
        "url_effective": valid_unicode(str(last.request.url)) if last is not None else "",
        "content_type": valid_unicode(
            (response.fields.first("Content-Type") if response is not None else "") or ""
        ),
        "http_connect": response.tunnel.status if response and response.tunnel else 0,
        "num_headers": len(tuple(response.fields)) if response is not None else 0,
        "redirect_url": valid_unicode(_redirect_url(response)),
        "referer": valid_unicode(last.request.fields.first("Referer") or "" if last else ""),
        "ftp_entry_path": "",
        "proxy_ssl_verify_result": 0,
        "size_download": _size(last),
        "size_upload": last.request_body.size if last is not None else 0,
        **_connection_variables(response.connection if response is not None else None),
    }


def _connection_variables(connection: Connection | None) -> dict[str, VariableValue]:
    remote_ip, remote_port = _split_address(connection.remote_address if connection else "")
    local_ip, local_port = _split_address(connection.local_address if connection else "")
    return {
        "remote_ip": remote_ip,
        "remote_port": remote_port,
        "local_ip": local_ip,
        "local_port": local_port,
        "num_certs": len(connection.certificates) if connection else 0,
    }


def _split_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port or 0)


def _size(last: RecordedExchange | None) -> int:
    """Return the size of the response's body, with content codings if it was counted so."""
    if last is None:
        return 0
    return last.response_body.size if last.encoded_size is None else last.encoded_size


def _times(timings: Timings) -> tuple[tuple[str, float | None], ...]:
    ready = timings.connected if timings.secured is None else timings.secured
    instants = (timings.resolved, timings.connected, timings.secured, ready)
    return tuple(zip(_TIMES, (*instants, timings.responded, timings.ended), strict=True))


def _speed(size: VariableValue, seconds: float) -> int:
    return round(float(size) / seconds) if seconds > 0 else 0


class WriteOutText(NamedTuple):
    """A piece of the output."""

    text: str
    to_stderr: bool = False
    """Whether it goes to standard error."""
    file: str = ""
    """The file that it goes to, as in ``WriteOutKind.OUTPUT``; empty for none."""
    from_server: bool = False
    """Whether it may contain text from the server, which a terminal must not interpret."""


def fill_format(
    pieces: Iterable[WriteOutPiece],
    variables: Mapping[str, VariableValue],
    fields: Fields,
    *,
    failed: bool,
) -> list[WriteOutText]:
    """Return the output of a format, in order. ``fields`` are the last response's headers."""
    written: list[WriteOutText] = []
    to_stderr, file = False, ""
    for piece in pieces:
        match piece.kind:
            case WriteOutKind.STDERR:
                to_stderr, file = True, ""
            case WriteOutKind.STDOUT:
                to_stderr, file = False, ""
            case WriteOutKind.OUTPUT:
                file = piece.text
                written.append(WriteOutText("", file=file))  # an empty file is created, too
            case WriteOutKind.ON_ERROR:
                if not failed:
                    break
            case WriteOutKind.TEXT:
                written.append(WriteOutText(piece.text, to_stderr, file))
            case WriteOutKind.HEADER:
                value = fields.first(piece.text) or ""
                written.append(WriteOutText(value, to_stderr, file, from_server=True))
            case WriteOutKind.VARIABLE:
                text = _SPECIAL.get(piece.text, _plain)(piece.text, variables, fields)
                written.append(WriteOutText(text, to_stderr, file, from_server=True))
    return written


def _plain(name: str, variables: Mapping[str, VariableValue], _fields: Fields) -> str:
    """Return a variable as curl writes it: statuses in three digits, times with six decimals."""
    value = variables[name]
    if name == "http_version":
        return str(value or 0)
    if name in ("http_code", "http_connect", "response_code"):
        return f"{value:03}"
    if isinstance(value, float):
        return f"{value:.6f}"
    return str(value)


def _json(_name: str, variables: Mapping[str, VariableValue], _fields: Fields) -> str:
    """Return all variables but ``certs`` as a JSON object on one line. Empty ones are null."""
    members = {
        name: None if value == "" else value
        for name, value in variables.items()
        if name != "certs"
    }
    return json.dumps(members, sort_keys=True)


def _header_json(_name: str, _variables: Mapping[str, VariableValue], fields: Fields) -> str:
    """Return the headers as a JSON object of lists, with names in lower case."""
    values: dict[str, list[str]] = {}
    for field in fields:
        values.setdefault(field.name.lower(), []).append(field.value)
    return json.dumps(values)


_SPECIAL: dict[str, Callable[[str, Mapping[str, VariableValue], Fields], str]] = {
    "json": _json,
    "header_json": _header_json,
}
