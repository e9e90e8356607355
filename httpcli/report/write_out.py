"""What curl's ``--write-out`` calls by name, of a run: the same names in the JSON report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.core.reports import RecordedExchange, WriteOutKind, WriteOutPiece
from httpcli.report.registry import About
from httpcli.report.text import readable

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection, Timings


Value = int | float | str

CHALLENGES = (401, 407)
"""Statuses of an answer that asks for credentials: the exchange behind it has them."""
_TIMES = (
    "time_namelookup",
    "time_connect",
    "time_appconnect",
    "time_pretransfer",
    "time_starttransfer",
    "time_total",
)


class Variables:
    """Learns from each exchange; the last one counts, but for what is counted or added up.

    Times are curl's: of all exchanges that led to the last one together (redirects,
    challenges), but not of the tries before; what did not happen took no time.
    """

    def __init__(self, about: About) -> None:
        self._about = about
        self._last: RecordedExchange | None = None
        self._redirects = 0
        self._retries = 0
        self._times = dict.fromkeys(_TIMES, 0.0)
        self._before = 0.0

    def observe(self, exchange: RecordedExchange) -> None:
        """Take note of an exchange: the one before it was not the last."""
        if self._last is not None:
            status = 0 if self._last.response is None else self._last.response.status
            self._before = self._times["time_total"]
            self._redirects += 300 <= status <= 399
            if not (300 <= status <= 399 or status in CHALLENGES):
                self._retries += 1
                self._before = 0.0
                self._times = dict.fromkeys(_TIMES, 0.0)
        for name, instant in _instants(exchange.timings):
            self._times[name] += instant or 0.0
        self._last = exchange

    def at_end(self, outcome: Outcome) -> dict[str, Value]:
        """Return the variables; times are in seconds."""
        found = _of_exchange(self._last)
        size, sent = found["size_download"], found["size_upload"]
        total = self._times["time_total"]
        return found | {
            "method": self._last.request.method if self._last else self._about.method,
            "url": readable(self._about.url),
            "exitcode": int(outcome.status),
            "errormsg": readable(outcome.reason),
            "num_redirects": self._redirects,
            "num_retries": self._retries,
            "speed_download": _speed(size, total),
            "speed_upload": _speed(sent, total),
            # OpenSSL's number for what is not told; the error itself is in words.
            "ssl_verify_result": int(outcome.status is ExitStatus.TLS),
            "time_redirect": round(self._before, 6),
            **{name: round(seconds, 6) for name, seconds in self._times.items()},
        }


def _of_exchange(last: RecordedExchange | None) -> dict[str, Value]:
    """Return what one exchange tells; the same names where there was none."""
    response = last.response if last is not None else None
    status = response.status if response is not None else 0
    return {
        "http_code": status,
        "response_code": status,
        "http_version": response.version if response is not None else "",
        "scheme": last.request.url.scheme if last is not None else "",
        "url_effective": readable(str(last.request.url)) if last is not None else "",
        "content_type": readable(
            (response.fields.first("Content-Type") if response is not None else "") or ""
        ),
        "size_download": _size(last),
        "size_upload": last.request_body.size if last is not None else 0,
        **_of_connection(response.connection if response is not None else None),
    }


def _of_connection(connection: Connection | None) -> dict[str, Value]:
    remote_ip, remote_port = _taken_apart(connection.remote_address if connection else "")
    local_ip, local_port = _taken_apart(connection.local_address if connection else "")
    return {
        "remote_ip": remote_ip,
        "remote_port": remote_port,
        "local_ip": local_ip,
        "local_port": local_port,
    }


def _taken_apart(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port or 0)


def _size(last: RecordedExchange | None) -> int:
    """Return bytes as they came, with codings, where those were counted."""
    if last is None:
        return 0
    return last.response_body.size if last.encoded_size is None else last.encoded_size


def _instants(timings: Timings) -> tuple[tuple[str, float | None], ...]:
    ready = timings.connected if timings.secured is None else timings.secured
    instants = (timings.resolved, timings.connected, timings.secured, ready)
    return tuple(zip(_TIMES, (*instants, timings.responded, timings.ended), strict=True))


def _speed(size: Value, seconds: float) -> int:
    return round(float(size) / seconds) if seconds > 0 else 0


# A format of ``--write-out`` filled with what a transfer came to.


class WriteOutValues(NamedTuple):
    """A text for stdout, or ``to_stderr``; ``given``: it came from the other side."""

    text: str
    to_stderr: bool = False
    given: bool = False


def filled(
    pieces: Iterable[WriteOutPiece],
    variables: Mapping[str, Value],
    fields: Fields,
    *,
    failed: bool,
) -> list[WriteOutValues]:
    """Return what is written, in order. ``fields`` are the last response's."""
    written: list[WriteOutValues] = []
    to_stderr = False
    for piece in pieces:
        match piece.kind:
            case WriteOutKind.STDERR:
                to_stderr = True
            case WriteOutKind.STDOUT:
                to_stderr = False
            case WriteOutKind.ON_ERROR:
                if not failed:
                    break
            case WriteOutKind.TEXT:
                written.append(WriteOutValues(piece.text, to_stderr))
            case WriteOutKind.HEADER:
                written.append(
                    WriteOutValues(fields.first(piece.text) or "", to_stderr, given=True)
                )
            case WriteOutKind.VARIABLE:
                text = _SPECIAL.get(piece.text, _plain)(piece.text, variables, fields)
                written.append(WriteOutValues(text, to_stderr, given=True))
    return written


def _plain(name: str, variables: Mapping[str, Value], _fields: Fields) -> str:
    """Return one value as curl writes it: a status in three digits, a time with six behind 0."""
    value = variables[name]
    if name == "http_version":
        return str(value or 0)
    if name in ("http_code", "response_code"):
        return f"{value:03}"
    if isinstance(value, float):
        return f"{value:.6f}"
    return str(value)


def _json(_name: str, variables: Mapping[str, Value], _fields: Fields) -> str:
    """Return all variables as one JSON object on one line; what is not known is null."""
    told = {name: None if value == "" else value for name, value in variables.items()}
    return json.dumps(told, sort_keys=True)


def _header_json(_name: str, _variables: Mapping[str, Value], fields: Fields) -> str:
    """Return the response's fields as one JSON object: names in lower case, values in lists."""
    values: dict[str, list[str]] = {}
    for field in fields:
        values.setdefault(field.name.lower(), []).append(field.value)
    return json.dumps(values)


_SPECIAL: dict[str, Callable[[str, Mapping[str, Value], Fields], str]] = {
    "json": _json,
    "header_json": _header_json,
}
