"""Server-sent events as JSON: one object a line, for programs that read lines."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.interfaces import Format, Tell
from httpcli.core.plan import Show
from httpcli.output.formats.json import JsonFormat
from httpcli.output.json_lines import json_line
from httpcli.protocol.dates import timestamp
from httpcli.protocol.event_stream import EventStream
from httpcli.protocol.media_types import MediaType


def formatter(show: Show, _media: MediaType, _tell: Tell) -> EventsAsJson:
    """Return what makes the objects."""
    return EventsAsJson(show)


def colours(show: Show, _media: MediaType, _tell: Tell) -> Format:
    """Return what colours them, each on its line."""
    return JsonFormat(show, indent=None)


class EventsAsJson:
    """Makes of each event, once it is whole, an object (a ``Format``).

    An event that is never whole is none (WHATWG HTML, 9.2.6).
    """

    def __init__(self, show: Show) -> None:
        self._clock = show.clock
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
