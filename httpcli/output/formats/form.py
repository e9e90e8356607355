"""The names and values of a form (``a=b&c=d``) in colour, as they arrive.

Pygments' lexer for it takes quadratic time for a long name, and shows a name
without a value as an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.output.theme import RESET, palette
from httpcli.protocol.media_types import MediaType

_MARKS = re.compile(r"([&\r\n]+|=)")


class FormFormat:
    """Colours a form (a ``Format``); holds nothing."""

    def __init__(self, display: Display, _media: MediaType, _tell: Notify) -> None:
        colours = palette(display.style, display.colours, light=display.light_background)
        self._colours = colours["key"], colours["string"]
        self._in_value = False
        self._live = ""

    def feed(self, text: str) -> Iterator[str]:
        """Give the text, in colour."""
        written: list[str] = []
        for part in filter(None, _MARKS.split(text)):
            mark = part[0] in "&\r\n" or (part == "=" and not self._in_value)
            colour = "" if mark else self._colours[self._in_value]
            if colour != self._live:
                written.append(f"{RESET if self._live else ''}{colour}")
                self._live = colour
            written.append(part)
            if mark:
                self._in_value = part == "="
        yield "".join(written)

    def pause(self) -> Iterator[str]:
        """Give nothing: nothing is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """End the colour."""
        live, self._live = self._live, ""
        if live:
            yield RESET
