"""Colours forms (``a=b&c=d``) as they arrive.

Pygments' lexer for forms takes quadratic time for a long name, and marks a name without a
value as an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from httpcli.core.interfaces import Notify
from httpcli.core.plan import Display
from httpcli.output.theme import RESET, palette
from httpcli.protocol.media_types import MediaType

_SEPARATORS = re.compile(r"([&\r\n]+|=)")


class FormFormat:
    """Colours a form (a ``Format``). Holds nothing."""

    def __init__(self, display: Display, _media: MediaType, _notify: Notify) -> None:
        colours = palette(display.style, display.colours, light=display.light_background)
        self._colours = colours["key"], colours["string"]
        self._in_value = False
        self._current = ""

    def feed(self, text: str) -> Iterator[str]:
        """Yield the coloured text."""
        written: list[str] = []
        for part in filter(None, _SEPARATORS.split(text)):
            is_separator = part[0] in "&\r\n" or (part == "=" and not self._in_value)
            colour = "" if is_separator else self._colours[self._in_value]
            if colour != self._current:
                written.append(f"{RESET if self._current else ''}{colour}")
                self._current = colour
            written.append(part)
            if is_separator:
                self._in_value = part == "="
        yield "".join(written)

    def pause(self) -> Iterator[str]:
        """Yield nothing: nothing is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """End the colour."""
        current, self._current = self._current, ""
        if current:
            yield RESET
