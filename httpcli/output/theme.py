"""The colours of a style as terminal sequences (SGR), and the function that applies them.

The style ``auto`` uses the terminal's own sixteen colours, which the user has
chosen. Every other style is in ``output.styles``, which is imported only when
such a style is used: a plain GET does not need it.
"""

from __future__ import annotations

from collections.abc import Mapping

from httpcli.core.plan import AUTO_STYLE, Colours

RESET = "\x1b[0m"
"""The sequence that ends every colour."""

Palette = Mapping[str, str]
"""A sequence for each name below; empty where the text keeps the default colour."""

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
# Most terminals show green, yellow, cyan and the bright colours too pale on a light
# background. Blue, magenta and red are readable there.
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
# Terminals with eight colours have no bright ones: keys are bold blue to differ from
# numbers, and grey text gets no colour.
_EIGHT = {"key": "\x1b[1;34m", "comment": "", "meta name": ""}
_NONE = dict.fromkeys(_AUTO, "")


def palette(style: str, colours: Colours, *, light: bool = False) -> Palette:
    """Return the palette of a style for a terminal with this colour depth and background.

    Below 256 colours every style is ``auto``. Raises UsageError for an unknown style.
    """
    if colours is Colours.NONE:
        return _NONE
    if style == AUTO_STYLE or colours < Colours.MANY:
        basic = _LIGHT if light else _AUTO
        return {**basic, **_EIGHT} if colours is Colours.EIGHT else basic
    from httpcli.output.styles import palette_of_style

    return palette_of_style(style, colours, light=light)


def paint(text: str, sequence: str) -> str:
    """Return the text in the colour that ``sequence`` begins."""
    return f"{sequence}{text}{RESET}" if sequence else text
