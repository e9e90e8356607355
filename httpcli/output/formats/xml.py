"""XML, indented: of a whole document the white space between tags, and nothing else.

Where an element holds text, a reference or a CDATA section, it stays as it was
sent with all that is in it; so do elements that hold no element (their white
space may be what they say), that ask for it (``xml:space``), and those of HTML.
What is not well-formed, or was cut short, stays as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from httpcli.core.formatting import Formatting
from httpcli.core.interfaces import Tell
from httpcli.core.plan import Show
from httpcli.output.formats.xml_whitespace import gaps
from httpcli.protocol.media_types import MediaType

MOST_INDENTED: Final = 32 << 20
"""Characters."""

DEEPEST: Final = 100
"""Elements; those that are deeper stay on that indentation."""


def indenter(show: Show, _media: MediaType, tell: Tell) -> XmlIndent | None:
    """Return what indents XML, or None where that is not wanted or would hold it back."""
    formatting = show.formatting or Formatting()
    if show.stream or not formatting.xml_format:
        return None
    return XmlIndent(formatting.xml_indent, tell)


class XmlIndent:
    """Indents a document once it is there (a ``Format``); holds 32 Mi characters at most."""

    def __init__(self, indent: int, tell: Tell) -> None:
        self._breaks = ["\n" + " " * (indent * depth) for depth in range(DEEPEST + 1)]
        self._tell = tell
        self._held: list[str] = []
        self._room = MOST_INDENTED
        self._passes = False

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; give it once there is too much."""
        if not self._passes:
            self._held.append(text)
            self._room -= len(text)
            if self._room >= 0:
                return
            self._passes = True
            self._tell("the XML is longer than 32 MiB: it is not indented")
            text = self._release()
        yield text

    def pause(self) -> Iterator[str]:
        """Give nothing: how a document begins depends on how it ends (``--stream`` does not)."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give what was held, indented where it is XML."""
        text = self._release()
        places = gaps(text)
        done = 0
        if places is not None:
            breaks = self._breaks
            numbers = iter(places)
            for start, end, depth in zip(numbers, numbers, numbers, strict=True):
                yield f"{text[done:start]}{breaks[min(depth, DEEPEST)]}"
                done = end
        if done < len(text):
            yield text[done:]

    def _release(self) -> str:
        """Give back what was held."""
        text = "".join(self._held)
        self._held.clear()
        return text
