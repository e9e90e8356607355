"""Collects the events of an exchange into one value, for reports and timings."""

from __future__ import annotations

from collections.abc import Callable

from httpcli.core.connection_info import Timings
from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.headers import Fields
from httpcli.core.reports import RecordedBody, RecordedExchange


class _BodyRecorder:
    """Counts the bytes of a body and keeps the first ``max_size`` of them."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._size = 0
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        self._size += len(data)
        remaining = self._max_size - len(self._data)
        if remaining > 0:
            self._data += data[:remaining]

    @property
    def body(self) -> RecordedBody:
        return RecordedBody(self._size, bytes(self._data), self._size == len(self._data))


class ExchangeRecorder:
    """Records one exchange, and passes it to ``on_end`` when it ends, if a request was sent.

    ``max_body``: bytes of each body to keep. ``started_at``: seconds since 1970, used if
    the events have no timings.
    """

    def __init__(
        self, on_end: Callable[[RecordedExchange], None], max_body: int, started_at: float
    ) -> None:
        self._on_end = on_end
        self._started_at = started_at
        self._request: RequestStarted | None = None
        self._response: ResponseStarted | None = None
        self._request_body = _BodyRecorder(max_body)
        self._response_body = _BodyRecorder(max_body)
        self._timings: Timings | None = None
        self._error = ""
        self._complete = False
        self._encoded_size: int | None = None
        self._trailers = Fields()

    def observe(self, event: Event) -> None:
        """Record one event."""
        match event:
            case RequestStarted():
                self._request = event
            case RequestChunk(data):
                self._request_body.add(data)
            case ResponseStarted():
                self._response = event
                self._timings = event.timings and event.timings.without_body()
            case ResponseChunk(data):
                self._response_body.add(data)
            case ResponseEnded(timings=timings):
                self._timings = timings
                self._encoded_size = event.encoded_size
                self._trailers = event.trailers
                self._complete = True

    def fail(self, reason: str, timings: Timings | None) -> None:
        """Record that the exchange failed; ``timings`` end at the failure, if known."""
        self._error = reason
        self._timings = timings or self._timings

    def end(self) -> None:
        """End the exchange. Call it once."""
        if self._request is None:
            return
        self._on_end(
            RecordedExchange(
                request=self._request,
                request_body=self._request_body.body,
                response=self._response,
                response_body=self._response_body.body,
                timings=self._timings or Timings(self._started_at),
                error=self._error,
                complete=self._complete,
                encoded_size=self._encoded_size,
                trailers=self._trailers,
            )
        )
