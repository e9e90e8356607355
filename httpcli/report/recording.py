"""Makes of an exchange's events one value, with no more of the content than is asked for."""

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
from httpcli.core.reports import RecordedBody, RecordedExchange


class _Beginning:
    """Content as it comes: all is counted, ``most`` bytes are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        self._size += len(data)
        room = self._most - len(self._data)
        if room > 0:
            self._data += data[:room]

    @property
    def content(self) -> RecordedBody:
        return RecordedBody(self._size, bytes(self._data), self._size == len(self._data))


class ExchangeRecorder:
    """Hears of one exchange; ``tell`` gets it once it is over.

    ``most``: bytes of each content that are kept; ``began``, in seconds since
    1970, counts where nobody takes the times.
    """

    def __init__(self, tell: Callable[[RecordedExchange], None], most: int, began: float) -> None:
        self._tell = tell
        self._began = began
        self._request: RequestStarted | None = None
        self._response: ResponseStarted | None = None
        self._sent = _Beginning(most)
        self._received = _Beginning(most)
        self._timings: Timings | None = None
        self._error = ""
        self._whole = False
        self._transferred: int | None = None

    def observe(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RequestStarted():
                self._request = event
            case RequestChunk(data):
                self._sent.add(data)
            case ResponseStarted():
                self._response = event
                self._timings = event.timings and event.timings.without_body()
            case ResponseChunk(data):
                self._received.add(data)
            case ResponseEnded(timings=timings, encoded_size=encoded_size):
                self._timings = timings
                self._transferred = encoded_size
                self._whole = True

    def fail(self, reason: str, timings: Timings | None) -> None:
        """It failed; ``timings`` say how far it came."""
        self._error = reason
        self._timings = timings or self._timings

    def end(self) -> None:
        """It is over: tell of it, if anything was sent at all."""
        if self._request is None:
            return
        self._tell(
            RecordedExchange(
                request=self._request,
                request_body=self._sent.content,
                response=self._response,
                response_body=self._received.content,
                timings=self._timings or Timings(self._began),
                error=self._error,
                complete=self._whole,
                encoded_size=self._transferred,
            )
        )
