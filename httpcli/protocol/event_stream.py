"""Parses server-sent events (WHATWG HTML, 9.2.5 and 9.2.6).

The input can be split anywhere. Lines end with CR, LF or CRLF; a line is decoded when it
is complete.
"""

import re
from collections.abc import Iterator

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.limits import MAX_EVENT_ID_SIZE, MAX_EVENT_SIZE, size_text
from httpcli.core.named_tuple import NamedTuple

_LINE = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MAX_DIGITS = 18
"""Digits of a ``retry:`` that are read."""
_LONGEST_NAME = len("event")


class ServerEvent(NamedTuple):
    """One event."""

    type: str
    """``message`` if the server sent no type."""
    data: str
    id: str
    """The id of this event, or of an earlier one if it has none; empty without any."""
    end: int
    """The offset after its empty line, in the bytes passed to ``feed``."""


class EventStream:
    """Parses one stream. ``max_size``: bytes of an event; 0 for no limit."""

    def __init__(self, last_id: str = "", max_size: int = MAX_EVENT_SIZE) -> None:
        self._max_size = max_size
        self.last_id = last_id
        """The last id, for reconnecting."""
        self.retry: int | None = None
        """Milliseconds to wait before reconnecting; None if the server did not send it."""
        self.boundary = 0
        """The offset after the last complete event in the bytes passed to ``feed``.

        No event has begun at this offset. 0 if the bytes are all inside of an event.
        """
        self._next_id = last_id
        self._type = ""
        self._data = bytearray()
        """The ``data:`` lines of the event, each with a line end."""
        self._held = 0
        """Bytes of the complete lines since ``boundary``."""
        self._in_event = False
        self._line = bytearray()
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Yield the events that these bytes complete.

        Raises HttpcliError for an event of more than ``max_size`` bytes.
        """
        self.boundary = 0
        begin = 0
        if self._after_cr and data:
            self._after_cr = False
            begin = 1 if data.startswith(b"\n") else 0
            # The LF of a CRLF belongs to the event before it.
            self.boundary = 0 if self._in_event else begin
        for end in _LINE.finditer(data, begin):
            line: bytes | bytearray = data[begin : end.start()]
            if self._line:
                self._line += line
                line, self._line = self._line, bytearray()
            begin = end.end()
            self._after_cr = begin == len(data) and end[0] == b"\r"
            self._held += len(line) + 1
            yield from self._handle_line(line, begin)
        self._hold(data[begin:])

    def _hold(self, data: bytes) -> None:
        self._line += data
        if 0 < self._max_size < self._held + len(self._line):
            raise HttpcliError(
                f"an event is larger than {size_text(self._max_size)}",
                hint="to allow larger events: --max-event-size SIZE",
                status=ExitStatus.INCOMPLETE,
            )

    def _handle_line(self, line: bytes | bytearray, end: int) -> Iterator[ServerEvent]:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if line.startswith(b":"):  # a comment
            if not self._in_event:
                self.boundary = end
                self._held = 0
            self._hold(b"")
            return
        if line:
            self._in_event = True
            self._hold(b"")
            self._handle_field(line)
            return
        self._in_event = False
        self.boundary = end
        self._held = 0
        event = self._dispatch(end)
        if event is not None:
            yield event

    def _handle_field(self, line: bytes | bytearray) -> None:
        colon = line.find(b":")
        name_end = len(line) if colon < 0 else colon
        start = name_end + 1
        if line[start : start + 1] == b" ":
            start += 1
        name = bytes(line[: min(name_end, _LONGEST_NAME + 1)])
        if name == b"data":
            self._data += memoryview(line)[start:]  # a slice would be another 8 MiB
            self._data += b"\n"
        elif name == b"event":
            self._type = line[start:].decode("utf-8", "replace")
        elif name == b"id":
            if len(line) - start <= MAX_EVENT_ID_SIZE and b"\0" not in line:
                self._next_id = line[start:].decode("utf-8", "replace")
        elif name == b"retry" and line[start:].isdigit():
            self.retry = int(line[start : start + _MAX_DIGITS])

    def _dispatch(self, end: int) -> ServerEvent | None:
        """Return the event that an empty line ends; None without data."""
        self.last_id = self._next_id
        data, self._data = self._data, bytearray()
        kind, self._type = self._type, ""
        if not data:
            return None
        del data[-1]
        text = data.decode("utf-8", "replace")
        return ServerEvent(kind or "message", text, self.last_id, end)
