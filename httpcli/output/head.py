"""Formats the heads of messages, and the metadata of an exchange (``--print=m``), as bytes.

Without colours and the terminal guard, the lines of a head are unchanged. Order, case and
duplicates are kept, unless headers are sorted. Coloured lines end in LF alone, for pagers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.core.escaping import escape_controls
from httpcli.core.events import OtherHead, RequestStarted, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Display
from httpcli.output.theme import paint, palette

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection

_SPEEDS = ((0.45, "fast"), (1.0, "fair"), (2.5, "slow"))
"""The name of a colour, up to a duration in seconds. The limits are HTTPie's."""


class HeadFormatter:
    """Formats heads as a ``Display`` requires."""

    def __init__(self, display: Display) -> None:
        self._line_end = "\n" if display.colours else "\r\n"
        self._palette = palette(display.style, display.colours, light=display.light_background)
        for_terminal = display.guard_terminal or display.to_terminal
        self._escape: Callable[[str], str] = escape_controls if for_terminal else str
        self._sorted = (
            display.format
            and display.format_options is not None
            and display.format_options.headers_sort
        )

    def request(self, head: RequestStarted) -> bytes:
        """Return the request line and headers, with the empty line after them."""
        method = self._paint("method", head.method)
        target = self._paint("target", head.target)
        return self._head(f"{method} {target} {self._protocol(head.version)}", head.fields)

    def response(self, head: ResponseStarted | OtherHead) -> bytes:
        """Return the status line and headers, with the empty line after them."""
        line = f"{self._protocol(head.version)} {self._paint('number', str(head.status))}"
        if head.reason:
            line += f" {self._paint('reason', head.reason)}"
        return self._head(line, head.fields)

    def trailers(self, fields: Fields) -> bytes:
        """Return the header fields after a body, with an empty line after them."""
        ordered = sorted(fields, key=_sort_key) if self._sorted else fields
        text = self._line_end.join(map(self._field, ordered))
        return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")

    def meta(self, elapsed: float, connection: Connection | None = None) -> bytes:
        """Return the metadata: the elapsed time in seconds, as in HTTPie, then the connection."""
        name = self._paint("meta name", "Elapsed time")
        speed = next((colour for limit, colour in _SPEEDS if elapsed <= limit), "slowest")
        seconds = self._paint(speed, f"{elapsed:.9f}")
        lines = [f"{name}: {seconds}{self._paint('meta unit', 's')}"]
        if connection is not None:
            from httpcli.output.connection_details import connection_facts

            lines += [
                f"{self._paint('meta name', label)}: {escape_controls(text)}"
                for label, text in connection_facts(connection)
            ]
        return ("\n".join(lines) + "\n\n").encode("utf-8", "backslashreplace")

    def _head(self, line: str, fields: Fields) -> bytes:
        ordered = sorted(fields, key=_sort_key) if self._sorted else fields
        text = self._line_end.join([line, *map(self._field, ordered)])
        return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")

    def _field(self, field: Field) -> str:
        name = self._paint("field name", field.name)
        return f"{name}: {self._paint('field value', field.value)}"

    def _protocol(self, version: str) -> str:
        return f"{self._paint('protocol', 'HTTP')}/{self._paint('number', version)}"

    def _paint(self, name: str, text: str) -> str:
        return paint(self._escape(text), self._palette[name])


def _sort_key(field: Field) -> str:
    """Return the key to sort headers by. Names are case-insensitive (RFC 9110, 5.1)."""
    return field.name.lower()
