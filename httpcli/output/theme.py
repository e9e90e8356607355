"""Names of what is coloured -> the sequence (SGR) that begins it; ``RESET`` ends it.

``auto`` keeps to the terminal's own sixteen colours, whose look its owner
chose. Every other style is in ``output.styles``, and only then is that loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

from httpcli.core.plan import Colours

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
    "comment": "\x1b[90m",
    "meta name": "\x1b[90m",
    "meta unit": "\x1b[36m",
    "fast": "\x1b[32m",
    "fair": "\x1b[33m",
    "slow": "\x1b[31m",
    "slowest": "\x1b[1;31m",
}
# On a light background green, yellow, cyan and the bright ones fade in the
# colours that most terminals come with; blue, magenta and red do not.
_LIGHT = {
    **_AUTO,
    "method": "\x1b[35m",
    "target": "\x1b[4;34m",
    "number": "\x1b[35m",
    "reason": "\x1b[34m",
    "field name": "\x1b[34m",
    "key": "\x1b[34m",
    "string": "\x1b[31m",
    "literal": "\x1b[35m",
    "meta unit": "\x1b[34m",
    "fast": "\x1b[34m",
    "fair": "\x1b[35m",
}
# Eight colours have no bright ones: bold blue tells keys from numbers, and what
# would be grey stays plain.
_EIGHT = {"key": "\x1b[1;34m", "comment": "", "meta name": ""}
_NONE = dict.fromkeys(_AUTO, "")

"""Raises UsageError for a style that nobody knows; a row, since it may load Pygments."""


def palette(style: str, colours: Colours, *, light: bool = False) -> Palette:
    """Return the colours of a style on a terminal with so many and that background.

    Below 256 colours every style is ``auto``. Raises UsageError for a style
    that nobody knows.
    """
    if colours is Colours.NONE:
        return _NONE
    if style == AUTO or colours < Colours.MANY:
        basic = _LIGHT if light else _AUTO
        return {**basic, **_EIGHT} if colours is Colours.EIGHT else basic
    from httpcli.output.styles import palette_of

    return palette_of(style, colours, light=light)


def paint(text: str, sequence: str) -> str:
    """Return the text in the colour that the sequence begins."""
    return f"{sequence}{text}{RESET}" if sequence else text
