"""The styles that --style accepts: the built-in ones, and Pygments', which are loaded on demand.

A built-in style has eight hues for a dark background and eight for a light one.
Each hue is readable on its background (WCAG contrast of at least 4.5 to 1).
``_HUES`` assigns the hues to the names of a palette, for all styles alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from httpcli.core.errors import UsageError
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import AUTO_STYLE, Colours
from httpcli.core.terminal_guard import rgb_of

if TYPE_CHECKING:
    from pygments.token import _TokenType


class Hues(NamedTuple):
    """Eight colours and the background that they are chosen for, as ``#rrggbb``."""

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
    """A built-in style."""

    dark: Hues
    """Hues for a dark background."""
    light: Hues
    """Hues for a light background."""


# fmt: off
_PIE_DARK = Hues(
    "#282c34", red="#ff8075", orange="#f5a45c", yellow="#e6c454", green="#84d26c",
    cyan="#58cbc4", blue="#78b7ff", violet="#c9a2f9", grey="#a3a9b3",
)
_PIE_LIGHT = Hues(
    "#f5f5f5", red="#b3261e", orange="#8f4a00", yellow="#665d00", green="#23691f",
    cyan="#0b6566", blue="#1c56b0", violet="#7338b5", grey="#5a6069",
)
# Solarized's hues with more contrast: the original is hard to read.
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
"""The hue for each name of a palette."""

_PYGMENTS_TOKENS: Final[Mapping[str, str]] = {
    "method": "Name.Function",
    "target": "Name.Namespace",
    "protocol": "Keyword.Reserved",
    "number": "Literal.Number",
    "reason": "Name.Exception",
    "field name": "Name.Attribute",
    "field value": "Literal",
    "key": "Name.Tag",
    "string": "Literal.String",
    "literal": "Keyword.Constant",
    "comment": "Comment",
    "meta name": "Name.Decorator",
    "meta unit": "Name.Builtin",
    "fast": "Literal.Number",
    "fair": "Literal.Number",
    "slow": "Literal.Number",
    "slowest": "Literal.Number",
}
"""The token type whose colour in Pygments' styles each name of a palette gets."""


def style_names() -> list[str]:
    """Return the names of all styles: ``auto``, the built-in ones, Pygments' styles."""
    from pygments.styles import get_all_styles

    return [AUTO_STYLE, *STYLES, *sorted(get_all_styles())]


def check_style(name: str) -> None:
    """Raise UsageError for an unknown style. Loads Pygments only if no built-in style fits."""
    if name not in STYLES and name not in style_names():
        raise unknown_style(name)


def unknown_style(name: str) -> UsageError:
    """Return the error for an unknown style, with the most similar name as a hint."""
    close = get_close_matches(name.lower(), style_names(), 1)
    hint = f"did you mean {close[0]}?" if close else f"choose from: {', '.join(style_names())}"
    return UsageError(f"--style={name}: unknown style", hint=hint)


def palette_of_style(name: str, colours: Colours, *, light: bool) -> Mapping[str, str]:
    """Return the palette of a style for a terminal with 256 colours or more.

    Raises UsageError for an unknown style.
    """
    if name in STYLES:
        sequences = sequences_of(name, colours, light=light)
        return {key: sequences[hue] for key, hue in _HUES.items()}
    from pygments.token import string_to_tokentype

    sequence = pygments_sequences(name, colours)
    return {key: sequence(string_to_tokentype(token)) for key, token in _PYGMENTS_TOKENS.items()}


def sequences_of(name: str, colours: Colours, *, light: bool) -> Mapping[str, str]:
    """Return the sequence for each hue of a built-in style, and "" for no hue."""
    style = STYLES[name]
    hues = style.light if light else style.dark
    pairs = zip(hues._fields[1:], hues[1:], strict=True)
    return {"": "", **{hue: _sequence(colour, colours) for hue, colour in pairs}}


def pygments_sequences(name: str, colours: Colours) -> Callable[[_TokenType], str]:
    """Return a function that returns the sequence for a token type in a style of Pygments.

    The sequence is "" for no colour. Raises UsageError for an unknown style.
    """
    from pygments.formatters.terminal256 import Terminal256Formatter, TerminalTrueColorFormatter
    from pygments.styles import get_style_by_name
    from pygments.util import ClassNotFound

    formatter = Terminal256Formatter if colours < Colours.TRUE else TerminalTrueColorFormatter
    try:
        sequences = formatter(style=get_style_by_name(name)).style_string
    except ClassNotFound:
        raise unknown_style(name) from None

    def sequence(token: _TokenType) -> str:
        types = map(str, with_ancestors(token))
        return next((sequences[type_][0] for type_ in types if type_ in sequences), "")

    return sequence


def with_ancestors(token: _TokenType) -> Iterator[_TokenType]:
    """Yield a token type, then its parents up to the most general one."""
    current: _TokenType | None = token
    while current is not None:
        yield current
        current = current.parent


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``."""
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def nearest(colour: str) -> int:
    """Return the number of the most similar of 256 colours.

    The first sixteen are not used: the user may have changed them.

    >>> nearest("#ff0000")
    196
    """
    target = rgb(colour)

    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(target, rgb_of(number), strict=True))

    return min(range(16, 256), key=distance)


def _sequence(colour: str, colours: Colours) -> str:
    if colours < Colours.TRUE:
        return f"\x1b[38;5;{nearest(colour)}m"
    return "\x1b[38;2;{};{};{}m".format(*rgb(colour))
