"""Takes an event stream apart into its events (WHATWG HTML, 9.2.5 and 9.2.6).

Bytes in, events out, however they are cut: lines end with CR, LF or CRLF, and a
line is decoded once it is whole, so no character is ever cut.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_HELD = 16 * 1024 * 1024
"""Bytes of an event that are held at most: memory does not grow with the stream."""

_LINE = re.compile(rb"\r\n|\n|\r")
_MARK = b"\xef\xbb\xbf"
_LONGEST_TIME = 18
"""Digits of a ``retry:``; what has more is a slip."""


class ServerEvent(NamedTuple):
    """An event that is dispatched.

    ``type`` is ``message`` where none was sent, ``id`` the last one so far.
    ``end`` is where in the bytes of the last ``feed`` its empty line ends.
    """

    type: str
    data: str
    id: str
    end: int


class EventStream:
    """Reads one stream. ``last_id`` and ``retry`` (milliseconds) are for who connects again.

    ``boundary``: where in the last bytes fed no event is under way any more, 0 where one is.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: int | None = None
        self.boundary = 0
        self._next_id = last_id
        self._type = ""
        self._data: list[str] = []
        self._held = 0
        self._under_way = False
        self._line = bytearray()
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Give the events that these bytes complete.

        Raises ValueError for an event of more than ``MOST_HELD`` bytes.
        """
        self.boundary = 0
        begin = 0
        if self._after_cr and data:
            self._after_cr = False
            begin = 1 if data.startswith(b"\n") else 0
            # The other half of the line end belongs to the event before it.
            self.boundary = 0 if self._under_way else begin
        for end in _LINE.finditer(data, begin):
            line = bytes(self._line + data[begin : end.start()])
            self._line.clear()
            begin = end.end()
            self._after_cr = begin == len(data) and end[0] == b"\r"
            yield from self._take(line, begin)
        self._hold(data[begin:])

    def _hold(self, rest: bytes) -> None:
        self._line += rest
        if self._held + len(self._line) > MOST_HELD:
            raise ValueError(f"an event of more than {MOST_HELD >> 20} MiB")

    def _take(self, line: bytes, end: int) -> Iterator[ServerEvent]:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_MARK)
        if line.startswith(b":"):  # a comment
            self.boundary = self.boundary if self._under_way else end
            return
        if line:
            self._under_way = True
            self._field(line)
            return
        self._under_way = False
        self.boundary = end
        event = self._dispatch(end)
        if event is not None:
            yield event

    def _field(self, line: bytes) -> None:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._held += len(line)
            self._hold(b"")
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._next_id = value
        elif name == "retry" and value.isascii() and value.isdecimal():
            self.retry = int(value[:_LONGEST_TIME])

    def _dispatch(self, end: int) -> ServerEvent | None:
        """Return the event that an empty line ends; none without data."""
        self.last_id = self._next_id
        data, self._data = self._data, []
        kind, self._type = self._type, ""
        self._held = 0
        if not data:
            return None
        return ServerEvent(kind or "message", "\n".join(data), self.last_id, end)
