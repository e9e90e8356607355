"""Colours for event streams (text/event-stream), a line at a time, and JSON inside of them.

Only what a line is made of is looked at: nothing is taken apart into events,
and nothing but colour is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from httpcli.model.plan import Show
from httpcli.model.ports import Tell
from httpcli.output.formats.pace import Lines
from httpcli.output.theme import palette
from httpcli.protocol.mediatypes import MediaType

_NAMES: Final = frozenset({"data", "event", "id", "retry"})
_VALUES: Final = {"event": "literal", "id": "number", "retry": "number"}

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

    def __init__(self, show: Show) -> None:
        self._palette = palette(show.style, show.colours, light=show.light)

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


def events(show: Show, _media: MediaType, _tell: Tell) -> Lines:
    """Return what colours an event stream: each line when it is complete."""
    return Lines(_Paint(show))
