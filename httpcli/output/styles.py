"""Styles of our own, a row each, and the names of all there are.

A row is eight hues for a dark background and eight for a light one, each with
the background that it is readable on (WCAG's contrast, 4.5 to 1 at least). What
has which hue is said once for all of them.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from httpcli.core.errors import UsageError
from httpcli.core.plan import Colours
from httpcli.output.theme import AUTO


class Hues(NamedTuple):
    """Colours as ``#rrggbb``, and the background that they are for."""

    background: str
    red: str
    orange: str
    yellow: str
    green: str
    cyan: str
    blue: str
    violet: str
    grey: str


class Style(NamedTuple):
    """What a style looks like on a dark and on a light background."""

    dark: Hues
    light: Hues


# fmt: off
_PIE_DARK = Hues(
    "#282c34", red="#ff8075", orange="#f5a45c", yellow="#e6c454", green="#84d26c",
    cyan="#58cbc4", blue="#78b7ff", violet="#c9a2f9", grey="#a3a9b3",
)
_PIE_LIGHT = Hues(
    "#f5f5f5", red="#b3261e", orange="#8f4a00", yellow="#665d00", green="#23691f",
    cyan="#0b6566", blue="#1c56b0", violet="#7338b5", grey="#5a6069",
)
# Solarized's hues; its own lightness is below what people need to read.
_SOLARIZED = Style(
    dark=Hues(
        "#002b36", red="#f5706c", orange="#e8804c", yellow="#c99a10", green="#9db31a",
        cyan="#3fb8ae", blue="#4ea5e8", violet="#9a9ee8", grey="#8fa1a3",
    ),
    light=Hues(
        "#fdf6e3", red="#b8221f", orange="#932f00", yellow="#7d5f00", green="#596800",
        cyan="#0f6f69", blue="#1a649c", violet="#5055ad", grey="#5a6b72",
    ),
)
# fmt: on

STYLES: Mapping[str, Style] = {
    "pie": Style(_PIE_DARK, _PIE_LIGHT),
    "pie-dark": Style(_PIE_DARK, _PIE_DARK),
    "pie-light": Style(_PIE_LIGHT, _PIE_LIGHT),
    "solarized": _SOLARIZED,
}

_HUES: Mapping[str, str] = {
    "method": "green",
    "target": "cyan",
    "protocol": "grey",
    "number": "orange",
    "reason": "yellow",
    "field name": "blue",
    "field value": "",
    "key": "blue",
    "string": "green",
    "literal": "violet",
    "comment": "grey",
    "meta name": "grey",
    "meta unit": "grey",
    "fast": "green",
    "fair": "yellow",
    "slow": "orange",
    "slowest": "red",
}
"""What has which hue, by the names of ``theme``."""


_LEVELS = (0, 95, 135, 175, 215, 255)
"""Of red, green and blue in the colours 16 to 231 of a terminal that has 256."""


def names() -> list[str]:
    """Return the name of every style there is, ``auto`` first, then ours."""
    from httpcli.output.formats.highlight import styles

    return [AUTO, *STYLES, *styles()]


def check(name: str) -> None:
    """Raise UsageError for a style that nobody knows. Pygments is asked only for its own."""
    if name not in STYLES and name not in names():
        raise unknown(name)


def unknown(name: str) -> UsageError:
    """Return what to say of a style that nobody knows."""
    close = get_close_matches(name.lower(), names(), 1)
    hint = f"did you mean {close[0]}?" if close else f"choose from: {', '.join(names())}"
    return UsageError(f"--style={name}: unknown style", hint=hint)


def palette_of(name: str, colours: Colours, *, light: bool) -> Mapping[str, str]:
    """Return a style's colours by the names of ``theme``, for a terminal with 256 or more.

    Raises UsageError for a style that nobody knows.
    """
    if name in STYLES:
        sequences = sequences_of(name, colours, light=light)
        return {each: sequences[hue] for each, hue in _HUES.items()}
    from httpcli.output.formats.highlight import palette_of

    return palette_of(name, colours)


def sequences_of(name: str, colours: Colours, *, light: bool) -> Mapping[str, str]:
    """Return what begins each hue of a style of ours; nothing for no hue."""
    style = STYLES[name]
    hues = style.light if light else style.dark
    pairs = zip(hues._fields[1:], hues[1:], strict=True)
    return {"": "", **{hue: _sequence(colour, colours) for hue, colour in pairs}}


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``."""
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def nearest(colour: str) -> int:
    """Return the number of the most similar of 256 colours (the sixteen first are the user's).

    >>> nearest("#ff0000")
    196
    """
    wanted = rgb(colour)

    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(wanted, rgb_of(number), strict=True))

    return min(range(16, 256), key=distance)


def rgb_of(number: int) -> tuple[int, int, int]:
    """Return red, green and blue of one of the colours 16 to 255."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    number -= 16
    return _LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]


def _sequence(colour: str, colours: Colours) -> str:
    if colours < Colours.TRUE:
        return f"\x1b[38;5;{nearest(colour)}m"
    return "\x1b[38;2;{};{};{}m".format(*rgb(colour))
