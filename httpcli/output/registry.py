"""Formats by media type: one row each, the first that fits counts.

Rows are text: a format that a body does not need is not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from httpcli.model.plan import Show
from httpcli.model.ports import Format
from httpcli.model.registry import load
from httpcli.protocol.mediatypes import MediaType


class Row(NamedTuple):
    """A format: when it fits, and what makes it of (Show, MediaType).

    ``fits`` is asked with the media type and the beginning of the text. The
    maker may return None: nothing to do after all. ``keeps``: control
    characters that the format itself makes safe.
    """

    fits: Callable[[MediaType, str], bool]
    maker: str
    only_colours: bool = False
    keeps: str = ""


# So begins JSON, and hardly any text that is not: an object's first key, alone
# or in a list.
_JSON_START = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"(?:[^"\\]|\\.)*+"\s*+:')


def _is_json(media: MediaType, _start: str) -> bool:
    """Whatever calls itself JSON: with a suffix, by lines, as a sequence."""
    return "json" in media.subtype


def _looks_like_json(media: MediaType, start: str) -> bool:
    """Servers say text or JavaScript and send JSON."""
    textual = media.type == "text" or "javascript" in media.subtype
    return textual and _JSON_START.match(start) is not None


def _is_typed(media: MediaType, _start: str) -> bool:
    """Any media type that can be read."""
    return bool(media.type)


FORMATS = (
    Row(_is_json, "httpcli.output.formats.json:JsonFormat", keeps="\x1e"),
    Row(_looks_like_json, "httpcli.output.formats.json:JsonFormat", keeps="\x1e"),
    Row(_is_typed, "httpcli.output.formats.highlight:highlighter", only_colours=True),
)


class Chosen(NamedTuple):
    """A format at work, or None, with its row's ``keeps``."""

    format: Format | None
    keeps: str = ""


def choose(show: Show, media: MediaType, start: str) -> Chosen:
    """Return what will format a body that begins with ``start``."""
    if not (show.format or show.colours):
        return Chosen(None)
    for row in FORMATS:
        if row.fits(media, start) and (show.colours or not row.only_colours):
            return Chosen(load(row.maker)(show, media), row.keeps)
    return Chosen(None)
