"""Chooses the formats of a body: a table by media type, of which the first row that fits applies.

Formats are named by entry points, so that only those that a body needs are imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from httpcli.core.format_options import FormatOptions
from httpcli.core.interfaces import Format, Notify
from httpcli.core.json_prefix import json_prefix
from httpcli.core.lazy_load import load
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Display
from httpcli.protocol.media_types import MediaType


class When(Enum):
    """The setting that turns a stage on."""

    FORMAT = "format"
    SORT_KEYS = "sort keys"
    COLOURS = "colours"
    FORMAT_OR_COLOURS = "format or colours"
    """Formatting or colours."""
    EVENTS_AS_JSON = "events as json"


class Stage(NamedTuple):
    """One member of a chain of formats."""

    entry_point: str
    """A function (Display, MediaType, Notify) -> Format | None.

    It returns None if the body needs no format.
    """
    when: When
    """The setting that turns it on."""


class FormatRow(NamedTuple):
    """The formats for one kind of body."""

    fits: Callable[[MediaType, str], bool]
    """Returns whether the row applies to a media type and the beginning of the text."""
    stages: tuple[Stage, ...]
    """In the order in which they get the text."""
    keeps: str = ""
    """Control characters that the terminal guard does not escape: the stages do."""
    treated_as: MediaType | None = None
    """The media type that the stages get; None for the one of the body."""
    guards: bool = False
    """Whether the stages replace the terminal guard, because they need the text unchanged."""


# The first key of an object, alone or in a list. Other text rarely begins like this.
_JSON_START = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"(?:[^"\\]|\\.)*+"\s*+:')

_XML_START = re.compile(r"\ufeff?<\?xml\s")


def _is_json(media: MediaType, _start: str) -> bool:
    """JSON by name: plain, with a suffix, by lines, or as a sequence."""
    return "json" in media.subtype


def _looks_like_json(media: MediaType, start: str) -> bool:
    """JSON that a server labels as text or JavaScript."""
    textual = media.type == "text" or "javascript" in media.subtype
    return textual and _JSON_START.match(start, len(json_prefix(start) or "")) is not None


def _is_events(media: MediaType, _start: str) -> bool:
    """Server-sent events."""
    return media.is_event_stream


def _is_xml(media: MediaType, _start: str) -> bool:
    """XML by name, except HTML: there white space separates words."""
    return media.subtype == "xml" or (media.suffix == "xml" and media.subtype != "xhtml+xml")


def _looks_like_xml(media: MediaType, start: str) -> bool:
    """XML that a server labels as plain text."""
    return media.essence == "text/plain" and _XML_START.match(start) is not None


def _is_form(media: MediaType, _start: str) -> bool:
    """A form without files."""
    return media.essence == "application/x-www-form-urlencoded"


def _is_typed(media: MediaType, _start: str) -> bool:
    """Any valid media type."""
    return bool(media.type)


_JSON = (
    Stage("httpcli.output.formats.json_sort:sorter", When.SORT_KEYS),
    Stage("httpcli.output.formats.json:formatter", When.FORMAT_OR_COLOURS),
)
_EVENTS = (Stage("httpcli.output.formats.event_stream:events", When.FORMAT_OR_COLOURS),)
_EVENTS_AS_JSON = FormatRow(
    _is_events,
    (
        Stage("httpcli.output.formats.event_stream:json_formatter", When.EVENTS_AS_JSON),
        Stage("httpcli.output.formats.event_stream:json_colours", When.COLOURS),
    ),
    guards=True,
)
_COLOURS = (Stage("httpcli.output.formats.highlight:highlighter", When.COLOURS),)
_INDENT_XML = Stage("httpcli.output.formats.xml:indenter", When.FORMAT)

FORMATS = (
    FormatRow(_is_json, _JSON, keeps="\x1e"),
    FormatRow(_is_events, _EVENTS),
    FormatRow(_looks_like_json, _JSON, keeps="\x1e"),
    FormatRow(_is_xml, (_INDENT_XML, *_COLOURS)),
    FormatRow(
        _looks_like_xml, (_INDENT_XML, *_COLOURS), treated_as=MediaType("application", "xml")
    ),
    FormatRow(_is_form, (Stage("httpcli.output.formats.form:FormFormat", When.COLOURS),)),
    FormatRow(_is_typed, _COLOURS),
)


class ChosenFormats(NamedTuple):
    """The formats for one body."""

    formats: tuple[Format, ...] = ()
    """In the order in which they get the text."""
    keeps: str = ""
    """As in ``FormatRow``."""
    guards: bool = False
    """As in ``FormatRow``."""


def choose(display: Display, media: MediaType, start: str, notify: Notify) -> ChosenFormats:
    """Return the formats for a body that begins with ``start``."""
    active = _active(display)
    rows = FORMATS if display.format or display.colours else ()
    if display.events_as_json:
        rows = (_EVENTS_AS_JSON, *rows)
    for row in rows:
        if row.fits(media, start):
            media = row.treated_as or media
            makers = [load(stage.entry_point) for stage in row.stages if stage.when in active]
            made = [maker(display, media, notify) for maker in makers]
            formats = tuple(format_ for format_ in made if format_ is not None)
            return ChosenFormats(formats, row.keeps, row.guards) if formats else ChosenFormats()
    return ChosenFormats()


def _active(display: Display) -> set[When]:
    """Return the settings that are on. As in HTTPie, keys are sorted only if JSON is formatted."""
    formatting = display.format_options or FormatOptions()
    active = set()
    if display.format:
        active |= {When.FORMAT, When.FORMAT_OR_COLOURS}
        # With --stream no text is held, and sorting needs the whole document.
        if formatting.json_format and formatting.json_sort_keys and not display.stream:
            active.add(When.SORT_KEYS)
    if display.colours:
        active |= {When.COLOURS, When.FORMAT_OR_COLOURS}
    if display.events_as_json:
        active.add(When.EVENTS_AS_JSON)
    return active
