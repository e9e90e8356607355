r"""Formats WebSocket messages: one on each line, or for a terminal.

In a pipe a text message is one line. A line end in it becomes a space if the message is JSON,
where that is equivalent, and ``\n`` otherwise. A binary message is written unchanged.
``--events=json`` writes both without loss.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.core.websocket import WebSocketClosed, WebSocketMessage
from httpcli.output.body import BodyFormatter
from httpcli.output.text_layouts import clock_time, json_line
from httpcli.output.theme import paint, palette
from httpcli.protocol.dates import timestamp
from httpcli.syntax.lossless_json import parse

_MARKS = {True: ">", False: "<"}
_MAX_PARSED = 1 << 20
"""Bytes of a message up to which it is parsed to detect JSON, and formatted."""


class MessageFormatter:
    """Formats each message. ``timestamps``: whether to write its time before it."""

    def __init__(self, display: Display, notify: Notify, *, timestamps: bool) -> None:
        self._display = display._replace(response_charset="", response_media_type="", stream=True)
        self._notify = notify
        self._timestamps = timestamps
        self._formatted = display.to_terminal or display.format or bool(display.colours)
        self._palette = palette(display.style, display.colours, light=display.light_background)

    def format_message(self, message: WebSocketMessage) -> bytes:
        """Return the output for a message."""
        if self._display.events_as_json:
            return self._as_json(message)
        if self._formatted:
            return self._for_terminal(message)
        if not message.is_text:
            return message.data
        return self._time_prefix(message) + _one_line(message.data) + b"\n"

    def format_close(self, closed: WebSocketClosed) -> bytes:
        """Return the output for the end of the connection."""
        if not self._display.events_as_json:
            return b""
        return _line({"type": "close", "code": closed.code, "reason": closed.reason})

    def _as_json(self, message: WebSocketMessage) -> bytes:
        members: dict[str, object] = {"type": "text" if message.is_text else "binary"}
        if message.sent:
            members["sent"] = True
        if self._timestamps:
            members["time"] = timestamp(message.at)
        members["data"] = (
            message.data.decode() if message.is_text else b64encode(message.data).decode("ascii")
        )
        return _line(members)

    def _time_prefix(self, message: WebSocketMessage) -> bytes:
        return f"{timestamp(message.at)} ".encode() if self._timestamps else b""

    def _for_terminal(self, message: WebSocketMessage) -> bytes:
        """Mark the first line, and indent the others so that none looks like a mark."""
        if not message.is_text and not self._display.guard_terminal:
            return message.data
        text = b"".join(self._body(message)).rstrip(b"\n")
        prefix = self._prefix(message)
        separator = b"\n  " if prefix else b"\n"
        return prefix + text.replace(b"\n", separator) + b"\n"

    def _prefix(self, message: WebSocketMessage) -> bytes:
        """Return the time and the mark before a message."""
        time = f"{clock_time(message.at)} " if self._timestamps else ""
        mark = f"{_MARKS[message.sent]} " if self._display.to_terminal else ""
        colour = self._palette["comment" if message.sent else "meta unit"]
        painted = paint(time, self._palette["comment"]) if time else ""
        painted += paint(mark, colour) if mark else ""
        return painted.encode()

    def _body(self, message: WebSocketMessage) -> Iterator[bytes]:
        if not message.is_text:
            notice = f"(binary message, {len(message.data)} bytes)"
            yield paint(notice, self._palette["comment"]).encode()
            return
        # A long message would be formatted for seconds, in which nothing else can happen.
        is_formatted = len(message.data) <= _MAX_PARSED and _is_json(message.data)
        media_type = "application/json" if is_formatted else "text/plain"
        fields = Fields([Field("Content-Type", f"{media_type}; charset=utf-8")])
        body = BodyFormatter(self._display, fields, self._notify, received=True)
        yield from body.feed(message.data)
        yield from body.flush()


def _one_line(data: bytes) -> bytes:
    if b"\n" not in data:
        return data
    return data.replace(b"\n", b" " if _is_json(data) else b"\\n")


def _is_json(data: bytes) -> bool:
    """Return whether a message is a JSON object or array. Of a long one only the start counts."""
    if not data.lstrip(b" \t\r\n").startswith((b"{", b"[")):
        return False
    if len(data) > _MAX_PARSED:
        return True
    try:
        parse(data.decode())
    except ValueError:
        return False
    return True


def _line(value: object) -> bytes:
    return json_line(value).encode()
