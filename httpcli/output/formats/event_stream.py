"""Formats event streams (text/event-stream): for a terminal, or as JSON for programs.

On a terminal, lines are kept: colours are added, white space in JSON, and the time before each
event, as a comment. With ``--events=json`` each event becomes an object on a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from httpcli.core.format_options import FormatOptions
from httpcli.core.interfaces import Format, Notify
from httpcli.core.plan import Display
from httpcli.output.formats.incremental_highlight import LineHighlighter
from httpcli.output.formats.json import JsonFormat, formatter
from httpcli.output.text_layouts import clock_time, json_line_pieces
from httpcli.output.theme import paint, palette
from httpcli.protocol.dates import timestamp
from httpcli.protocol.event_stream import EventStream
from httpcli.protocol.media_types import MediaType
from httpcli.syntax.lossless_json import NotJsonError, parse


class LineEnds:
    """Converts line ends (CR, LF or CRLF) to LF (WHATWG HTML, 9.2.5; a ``Format``)."""

    def __init__(self) -> None:
        self._after_cr = False

    def feed(self, text: str) -> Iterator[str]:
        """Yield the text. The LF of a CRLF that was split is not another line end."""
        ended, self._after_cr = self._after_cr, text.endswith("\r")
        if ended:
            text = text.removeprefix("\n")
        yield text.replace("\r\n", "\n").replace("\r", "\n")

    def pause(self) -> Iterator[str]:
        """Yield nothing: nothing is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield nothing: nothing is held."""
        return iter(())


_FIELD_NAMES: Final = frozenset({"data", "event", "id", "retry"})
_VALUE_COLOURS: Final = {"event": "literal", "id": "number", "retry": "number"}

_MAX_PARSED: Final = 1 << 20
"""Characters of a line up to which it is parsed to detect JSON."""

_JSON_START = re.compile(r"\s*+[\[{]")
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*+:))'
    r'|(?P<string>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<number>-?\d[\d.eE+-]*+)"
    r"|(?P<literal>\b(?:true|false|null)\b)"
    r'|\w++|[^"\w-]++|-'
)


class _LineTokens:
    """Splits one line of an event stream into tokens (a ``Tokenize``)."""

    def __init__(self, display: Display) -> None:
        self._palette = palette(display.style, display.colours, light=display.light_background)

    def __call__(self, line: str) -> Iterator[tuple[str, str]]:
        colours = self._palette
        name, colon, value = line.partition(":")
        if colon and not name.lstrip("\ufeff"):
            yield colours["comment"], line
            return
        known = name.strip("\ufeff\r\n")
        yield colours["key"] if known in _FIELD_NAMES else "", name
        yield "", colon
        if known == "data" and _JSON_START.match(value):
            for match in _JSON.finditer(value):
                yield colours[match.lastgroup] if match.lastgroup else "", match[0]
        else:
            yield colours[_VALUE_COLOURS[known]] if known in _VALUE_COLOURS else "", value


def events(display: Display, media: MediaType, notify: Notify) -> Format:
    """Return the format for an event stream, which writes each line when it is complete."""
    lines = LineHighlighter(_LineTokens(display))
    formatting = display.format_options or FormatOptions()
    if not (display.format and formatting.json_format):
        return lines
    return EventStreamFormat(display, lines, lambda: formatter(display, media, notify))


class EventStreamFormat:
    """Formats JSON in ``data:`` lines (a ``Format``).

    ``lines`` formats all other lines; ``json`` returns the format for one JSON value.
    """

    def __init__(self, display: Display, lines: Format, json: Callable[[], Format | None]) -> None:
        self._lines = lines
        self._json = json
        self._clock = display.now
        self._comment = palette(display.style, display.colours, light=display.light_background)[
            "comment"
        ]
        self._held = ""
        self._partial = False
        self._in_event = False

    def feed(self, text: str) -> Iterator[str]:
        """Yield the lines that end in this text."""
        *lines, rest = (self._held + text).split("\n")
        for line in lines:
            yield from self._line(line)
        self._held = rest
        if self._partial or len(rest) > _MAX_PARSED:
            yield from self._flush_partial()

    def pause(self) -> Iterator[str]:
        """Yield the unfinished line, without formatting its JSON."""
        yield from self._flush_partial()
        yield from self._lines.pause()

    def flush(self) -> Iterator[str]:
        """Yield the unfinished line."""
        yield from self._flush_partial()
        yield from self._lines.flush()

    def _flush_partial(self) -> Iterator[str]:
        """Yield the held beginning of a line."""
        held, self._held = self._held, ""
        if held:
            if not self._partial:
                yield from self._time_before(held)
            self._partial = True
            yield from self._lines.feed(held)

    def _line(self, line: str) -> Iterator[str]:
        """Yield a line, or the rest of it if its beginning was written before."""
        partial, self._partial = self._partial, False
        name, colon, value = line.partition(":")
        if not partial:
            yield from self._time_before(line)
        if partial or name != "data" or not _is_json(value):
            yield from self._lines.feed(f"{line}\n")
            return
        yield from self._lines.feed(name + colon)
        yield from self._lines.flush()
        yield " "
        json = self._json()
        if json is not None:
            yield from json.feed(value.strip())
            yield from json.flush()
        yield "\n"

    def _time_before(self, line: str) -> Iterator[str]:
        """Yield the time as a comment, if an event begins with this line."""
        begins = bool(line.rstrip("\r")) and not self._in_event
        self._in_event = bool(line.rstrip("\r"))
        if begins and self._clock is not None:
            yield paint(f": {clock_time(self._clock())}", self._comment) + "\n"


def _is_json(value: str) -> bool:
    """Return whether the value is a JSON object or array."""
    if len(value) > _MAX_PARSED or not _JSON_START.match(value):
        return False
    try:
        parse(value)
    except NotJsonError:
        return False
    return True


def json_formatter(display: Display, _media: MediaType, _notify: Notify) -> EventsAsJson:
    """Return the format that converts events to JSON."""
    return EventsAsJson(display)


def json_colours(display: Display, _media: MediaType, _notify: Notify) -> Format:
    """Return the format that colours the JSON of ``EventsAsJson``."""
    return JsonFormat(display, indent=None)


class EventsAsJson:
    """Converts each complete event to a JSON object on a line (a ``Format``).

    An incomplete event at the end is discarded (WHATWG HTML, 9.2.6).
    """

    def __init__(self, display: Display) -> None:
        self._clock = display.now
        self._stream = EventStream(max_size=display.max_event_size)

    def feed(self, text: str) -> Iterator[str]:
        """Yield the events that are complete. Raises HttpcliError for one that is too long."""
        for event in self._stream.feed(text.encode("utf-8", "surrogateescape")):
            members = {"event": event.type, "data": event.data}
            if event.id:
                members["id"] = event.id
            if self._clock is not None:
                members["time"] = timestamp(self._clock())
            yield from json_line_pieces(members)

    def pause(self) -> Iterator[str]:
        """Yield nothing: the event that is held may continue."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield nothing: an incomplete event is discarded."""
        return iter(())
