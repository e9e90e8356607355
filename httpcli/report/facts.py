"""What a transfer came to, under the names that curl gives it; pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.model.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.model.exits import ExitStatus, Outcome
from httpcli.model.write_out import VARIABLES

if TYPE_CHECKING:
    from httpcli.model.connection import Connection
    from httpcli.model.timings import Timings

Value = str | int | float | None
"""A float is a time, in seconds."""

_CHALLENGED = (401, 407)


class Facts:
    """Takes note of a run's exchanges; the last one counts, but for times and what is counted.

    ``clock`` gives seconds, for differences.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._first: RequestStarted | None = None
        self._request: RequestStarted | None = None
        self.response: ResponseStarted | None = None
        self._connection: Connection | None = None
        self._zero = self._began = 0.0
        self._marks: dict[str, float] = {}
        self._sent = self._received = 0
        self._redirects = self._retries = 0
        self._answered = True
        self._ends_at: float | None = None

    def see(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RequestStarted():
                self._start(event)
            case RequestChunk(data):
                self._sent += len(data)
            case ResponseStarted():
                self._answer(event)
            case ResponseChunk(data):
                self._received += len(data)
            case ResponseEnded(timings=timings, received=received):
                self._take(timings)
                if received is not None:
                    self._received = received

    def _start(self, event: RequestStarted) -> None:
        now = self._clock()
        if self._first is None:
            self._first, self._zero = event, now
        elif not self._answered:
            self._retries += 1  # the one before failed without an answer
        self._request, self._began = event, now
        self._answered = False
        self._ends_at = None
        self._sent = self._received = 0

    def _answer(self, event: ResponseStarted) -> None:
        self._answered = True
        self.response = event
        self._connection = event.connection
        self._take(event.timings)
        if event.intermediary:
            redirects = 300 <= event.status <= 399
            self._redirects += redirects
            self._retries += not redirects and event.status not in _CHALLENGED

    def _end(self, failed: Timings | None) -> None:
        """Take note of how far the last exchange came; where nobody took its times, of the end."""
        self._take(failed)
        if self._ends_at is None and self._first is not None:
            self._marks["time_total"] = self._clock() - self._zero

    def _take(self, timings: Timings | None) -> None:
        """Note the instants since the first request began; of a connection, when it was made."""
        if timings is None:
            return
        offset = self._began - self._zero
        for name, mark in (
            ("time_namelookup", timings.named),
            ("time_connect", timings.connected),
            ("time_appconnect", timings.secured),
            ("time_starttransfer", timings.answered),
            ("time_total", timings.ended),
        ):
            if mark is not None:
                self._marks[name] = offset + mark
        self._ends_at = timings.ended

    def variables(self, outcome: Outcome, filename: str = "") -> dict[str, Value]:
        """Return all names but those of JSON. ``filename``: what the body was saved as."""
        self._end(outcome.timings)
        response, request = self.response, self._request
        status = response.status if response is not None else 0
        total = self._marks.get("time_total", 0.0)
        found: dict[str, Value] = dict.fromkeys(VARIABLES)
        del found["json"], found["header_json"]
        found |= {name: self._marks.get(name, 0.0) for name in found if name.startswith("time_")}
        found |= _of_connection(self._connection, outcome)
        return found | {
            "content_type": response.fields.first("content-type") if response else None,
            "errormsg": outcome.reason or None,
            "exitcode": int(outcome.status),
            "filename_effective": filename or None,
            "http_code": status,
            "http_version": response.version if response else "0",
            "method": request.method if request else None,
            "num_redirects": self._redirects,
            "num_retries": self._retries,
            "response_code": status,
            "scheme": request.url.scheme if request else None,
            "size_download": self._received,
            "size_upload": self._sent,
            "speed_download": _speed(self._received, total),
            "speed_upload": _speed(self._sent, total),
            "url": str(self._first.url) if self._first else None,
            "url_effective": str(request.url) if request else None,
        }


def _speed(size: int, seconds: float) -> int:
    return int(size / seconds) if seconds > 0 else 0


def _of_connection(connection: Connection | None, outcome: Outcome) -> dict[str, Value]:
    remote_ip, remote_port = _taken_apart(connection.address if connection else "")
    local_ip, local_port = _taken_apart(connection.local if connection else "")
    # OpenSSL's number for what is not told; the error itself is in words.
    trusted = outcome.status is not ExitStatus.TLS
    return {
        "remote_ip": remote_ip,
        "remote_port": remote_port,
        "local_ip": local_ip,
        "local_port": local_port,
        "ssl_verify_result": int(not trusted),
    }


def _taken_apart(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port or 0)
