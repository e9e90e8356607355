"""Names of what is coloured -> the sequence (SGR) that begins it; ``RESET`` ends it.

``auto`` keeps to the terminal's own sixteen colours, whose look its owner
chose. Every other style is Pygments', and only then is that loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

from httpcli.model.plan import Colours
from httpcli.model.registry import load

AUTO = "auto"
RESET = "\x1b[0m"

Palette = Mapping[str, str]
"""Each name below -> a sequence, empty where nothing is to be coloured."""

_AUTO = {
    "method": "\x1b[32m",
    "target": "\x1b[4;36m",
    "protocol": "\x1b[34m",
    "number": "\x1b[34m",
    "reason": "\x1b[36m",
    "field name": "\x1b[36m",
    "field value": "",
    "key": "\x1b[94m",
    "string": "\x1b[33m",
    "literal": "\x1b[34m",
    "meta name": "\x1b[90m",
    "meta unit": "\x1b[36m",
}
# Eight colours have no bright ones: bold blue tells keys from numbers, and what
# would be grey stays plain.
_EIGHT = {**_AUTO, "key": "\x1b[1;34m", "meta name": ""}
_NONE = dict.fromkeys(_AUTO, "")

STYLES = "httpcli.output.formats.highlight:styles"
"""Names every style that ``--style`` takes; a row, since it loads Pygments."""

_OF_A_STYLE = "httpcli.output.formats.highlight:palette_of"


def palette(style: str, colours: Colours) -> Palette:
    """Return the colours of a style on a terminal with so many.

    Below 256 colours every style is ``auto``. Raises UsageError for a style
    that nobody knows.
    """
    if colours is Colours.NONE:
        return _NONE
    if style == AUTO or colours < Colours.MANY:
        return _EIGHT if colours is Colours.EIGHT else _AUTO
    found: Palette = load(_OF_A_STYLE)(style, colours)
    return found


def paint(text: str, sequence: str) -> str:
    """Return the text in the colour that the sequence begins."""
    return f"{sequence}{text}{RESET}" if sequence else text
