"""An event stream's line ends, for a terminal: CR, LF and CRLF are one (WHATWG HTML, 9.2.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from json import loads
from typing import Final

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.formatting import FormatOptions
from httpcli.core.interfaces import Format, Notify
from httpcli.core.plan import Display
from httpcli.output.formats.incremental_highlight import LineHighlighter
from httpcli.output.formats.json import JsonFormat, formatter
from httpcli.output.layout import clock_time, json_line
from httpcli.output.theme import paint, palette
from httpcli.protocol.dates import timestamp
from httpcli.protocol.event_stream import EventStream
from httpcli.protocol.media_types import MediaType


class LineEnds:
    """Ends every line with LF, at once (a ``Format``)."""

    def __init__(self) -> None:
        self._after_cr = False

    def feed(self, text: str) -> Iterator[str]:
        """Give text; of a CRLF that was cut, the LF is not another end."""
        ended, self._after_cr = self._after_cr, text.endswith("\r")
        if ended:
            text = text.removeprefix("\n")
        yield text.replace("\r\n", "\n").replace("\r", "\n")

    def pause(self) -> Iterator[str]:
        """Give nothing: nothing is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give nothing: nothing is held."""
        return iter(())


# Event streams (text/event-stream) for a person: line by line, JSON inside of them set out.
#
# Only what a line is made of is looked at. Colour is added, white space in JSON, and before
# each event the time at which it came, as a comment.


_NAMES: Final = frozenset({"data", "event", "id", "retry"})
_VALUES: Final = {"event": "literal", "id": "number", "retry": "number"}

_LONGEST_LOOKED_AT: Final = 1 << 20
"""Characters of a line that are read to know whether it is JSON."""

_JSON_START = re.compile(r"\s*+[\[{]")
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*+:))'
    r'|(?P<string>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<number>-?\d[\d.eE+-]*+)"
    r"|(?P<literal>\b(?:true|false|null)\b)"
    r'|\w++|[^"\w-]++|-'
)


class _Paint:
    """Cuts one line of an event stream (a ``Paint``)."""

    def __init__(self, display: Display) -> None:
        self._palette = palette(display.style, display.colours, light=display.light_background)

    def __call__(self, line: str) -> Iterator[tuple[str, str]]:
        colour = self._palette
        name, colon, value = line.partition(":")
        if colon and not name.lstrip("\ufeff"):
            yield colour["comment"], line
            return
        known = name.strip("\ufeff\r\n")
        yield colour["key"] if known in _NAMES else "", name
        yield "", colon
        if known == "data" and _JSON_START.match(value):
            for found in _JSON.finditer(value):
                yield colour[found.lastgroup] if found.lastgroup else "", found[0]
        else:
            yield colour[_VALUES[known]] if known in _VALUES else "", value


def events(display: Display, media: MediaType, tell: Notify) -> Format:
    """Return what colours an event stream, or sets it out: each line when it is complete."""
    lines = LineHighlighter(_Paint(display))
    formatting = display.format_options or FormatOptions()
    if not (display.format and formatting.json_format):
        return lines
    return EventStreamFormat(display, lines, lambda: formatter(display, media, tell))


class EventStreamFormat:
    """Sets out what a whole ``data:`` line holds where it is JSON (a ``Format``).

    ``lines`` sees to the other lines; ``json`` makes the format of one value.
    """

    def __init__(self, display: Display, lines: Format, json: Callable[[], Format | None]) -> None:
        self._lines = lines
        self._json = json
        self._clock = display.now
        self._comment = palette(display.style, display.colours, light=display.light_background)[
            "comment"
        ]
        self._held = ""
        self._torn = False
        self._in_event = False

    def feed(self, text: str) -> Iterator[str]:
        """Give every line that ends here."""
        *whole, rest = (self._held + text).split("\n")
        for line in whole:
            yield from self._line(line)
        self._held = rest
        if self._torn or len(rest) > _LONGEST_LOOKED_AT:
            yield from self._begun()

    def pause(self) -> Iterator[str]:
        """Give the unfinished line; it stays as it is then."""
        yield from self._begun()
        yield from self._lines.pause()

    def flush(self) -> Iterator[str]:
        """Give the unfinished line."""
        yield from self._begun()
        yield from self._lines.flush()

    def _begun(self) -> Iterator[str]:
        """Give what there is of a line."""
        held, self._held = self._held, ""
        if held:
            if not self._torn:
                yield from self._beginning(held)
            self._torn = True
            yield from self._lines.feed(held)

    def _line(self, line: str) -> Iterator[str]:
        """Give the rest of a line, which is all of it but for a torn one."""
        torn, self._torn = self._torn, False
        name, colon, value = line.partition(":")
        if not torn:
            yield from self._beginning(line)
        if torn or name != "data" or not _is_json(value):
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

    def _beginning(self, line: str) -> Iterator[str]:
        """Give the time where an event begins with this line."""
        begins = bool(line.rstrip("\r")) and not self._in_event
        self._in_event = bool(line.rstrip("\r"))
        if begins and self._clock is not None:
            yield paint(f": {clock_time(self._clock())}", self._comment) + "\n"


def _is_json(value: str) -> bool:
    """Tell whether it is a JSON object or array."""
    if len(value) > _LONGEST_LOOKED_AT or not _JSON_START.match(value):
        return False
    try:
        loads(value)
    except (ValueError, RecursionError):
        return False
    return True


# Server-sent events as JSON: one object a line, for programs that read lines.


def json_formatter(display: Display, _media: MediaType, _tell: Notify) -> EventsAsJson:
    """Return what makes the objects."""
    return EventsAsJson(display)


def json_colours(display: Display, _media: MediaType, _tell: Notify) -> Format:
    """Return what colours them, each on its line."""
    return JsonFormat(display, indent=None)


class EventsAsJson:
    """Makes of each event, once it is whole, an object (a ``Format``).

    An event that is never whole is none (WHATWG HTML, 9.2.6).
    """

    def __init__(self, display: Display) -> None:
        self._clock = display.now
        self._stream = EventStream()

    def feed(self, text: str) -> Iterator[str]:
        """Give the events that are whole now. Raises HttpcliError for one too long."""
        try:
            for event in self._stream.feed(text.encode("utf-8", "surrogateescape")):
                told: dict[str, object] = {"event": event.type, "data": event.data}
                if event.id:
                    told["id"] = event.id
                if self._clock is not None:
                    told["time"] = timestamp(self._clock())
                yield json_line(told)
        except ValueError as error:
            raise HttpcliError(f"the stream has {error}", status=ExitStatus.INCOMPLETE) from error

    def pause(self) -> Iterator[str]:
        """Give nothing: what is not whole may still go on."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give nothing: what was cut off is no event."""
        return iter(())
