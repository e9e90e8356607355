"""Formats by media type: one row each, the first that fits counts.

Rows are text: a format that a body does not need is not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from httpcli.core.entry_points import load
from httpcli.core.interfaces import Format, Tell
from httpcli.core.plan import Display
from httpcli.protocol.media_types import MediaType


class When(Enum):
    """What has to be asked for, so that a stage has something to do."""

    FORMAT = "format"
    COLOURS = "colours"
    EITHER = "either"
    ALWAYS = "always"


class Stage(NamedTuple):
    """One member of a chain: what makes it of (Show, MediaType, Tell).

    The maker may return None: nothing to do after all.
    """

    maker: str
    when: When


class FormatRow(NamedTuple):
    """What is done to content of one kind: when it fits, and its stages in order.

    ``fits`` is asked with the media type and the beginning of the text.
    ``keeps``: control characters that the stages themselves make safe.
    ``taken_for``: the media type that the stages are told, where it is another.
    ``guards``: the stages make all of it safe, and need it as it was sent.
    """

    fits: Callable[[MediaType, str], bool]
    stages: tuple[Stage, ...]
    keeps: str = ""
    taken_for: MediaType | None = None
    guards: bool = False


# So begins JSON, and hardly any text that is not: an object's first key, alone
# or in a list.
_JSON_START = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"(?:[^"\\]|\\.)*+"\s*+:')

_XML_START = re.compile(r"\ufeff?<\?xml\s")


def _is_json(media: MediaType, _start: str) -> bool:
    """Whatever calls itself JSON: with a suffix, by lines, as a sequence."""
    return "json" in media.subtype


def _looks_like_json(media: MediaType, start: str) -> bool:
    """Servers say text or JavaScript and send JSON."""
    textual = media.type == "text" or "javascript" in media.subtype
    return textual and _JSON_START.match(start) is not None


def _is_events(media: MediaType, _start: str) -> bool:
    """Server-sent events."""
    return media.is_events


def _is_xml(media: MediaType, _start: str) -> bool:
    """Whatever is XML by name, but HTML: there white space stands between words."""
    return media.subtype == "xml" or (media.suffix == "xml" and media.subtype != "xhtml+xml")


def _looks_like_xml(media: MediaType, start: str) -> bool:
    """Servers say plain text and send XML."""
    return media.essence == "text/plain" and _XML_START.match(start) is not None


def _is_form(media: MediaType, _start: str) -> bool:
    """What a form without files is sent as."""
    return media.essence == "application/x-www-form-urlencoded"


def _is_typed(media: MediaType, _start: str) -> bool:
    """Any media type that can be read."""
    return bool(media.type)


_JSON = (
    Stage("httpcli.output.formats.json:sorter", When.FORMAT),
    Stage("httpcli.output.formats.json:formatter", When.EITHER),
)
_EVENTS = (Stage("httpcli.output.formats.event_stream:events", When.EITHER),)
_EVENTS_AS_JSON = FormatRow(
    _is_events,
    (
        Stage("httpcli.output.formats.event_stream:json_formatter", When.ALWAYS),
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
        _looks_like_xml, (_INDENT_XML, *_COLOURS), taken_for=MediaType("application", "xml")
    ),
    FormatRow(_is_form, (Stage("httpcli.output.formats.form:FormFormat", When.COLOURS),)),
    FormatRow(_is_typed, _COLOURS),
)


class ChosenFormats(NamedTuple):
    """The formats at work, in order, with their row's ``keeps`` and ``guards``."""

    formats: tuple[Format, ...] = ()
    keeps: str = ""
    guards: bool = False


def choose(display: Display, media: MediaType, start: str, tell: Tell) -> ChosenFormats:
    """Return what will format a body that begins with ``start``."""
    wanted = {When.EITHER} if display.format or display.colours else set()
    if display.format:
        wanted.add(When.FORMAT)
    if display.colours:
        wanted.add(When.COLOURS)
    rows = FORMATS if wanted else ()
    if display.events_as_json:
        wanted.add(When.ALWAYS)
        rows = (_EVENTS_AS_JSON, *rows)
    for row in rows:
        if row.fits(media, start):
            media = row.taken_for or media
            made = [load(s.maker)(display, media, tell) for s in row.stages if s.when in wanted]
            formats = tuple(format_ for format_ in made if format_ is not None)
            return ChosenFormats(formats, row.keeps, row.guards) if formats else ChosenFormats()
    return ChosenFormats()
