"""Colours for every text but JSON and events, and Pygments' styles: the one door to Pygments.

A lexer needs the whole text: ``pace`` sees to it that nobody waits for that.
Text that no lexer knows is not held at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from pygments.console import codes
from pygments.formatters.terminal import TerminalFormatter
from pygments.formatters.terminal256 import Terminal256Formatter, TerminalTrueColorFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_mimetype
from pygments.lexers.special import TextLexer
from pygments.styles import get_all_styles, get_style_by_name
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    String,
    Token,
    _TokenType,
)
from pygments.util import ClassNotFound

from httpcli.core.interfaces import Tell
from httpcli.core.plan import Colours, Display
from httpcli.output import styles as own
from httpcli.output.formats.incremental_highlight import Lines, Window
from httpcli.output.theme import AUTO
from httpcli.protocol.media_types import MediaType

_Value = TypeVar("_Value")

_TOKENS: Final = {
    "method": Name.Function,
    "target": Name.Namespace,
    "protocol": Keyword.Reserved,
    "number": Number,
    "reason": Name.Exception,
    "field name": Name.Attribute,
    "field value": Literal,
    "key": Name.Tag,
    "string": String,
    "literal": Keyword.Constant,
    "comment": Comment,
    "meta name": Name.Decorator,
    "meta unit": Name.Builtin,
    "fast": Number,
    "fair": Number,
    "slow": Number,
    "slowest": Number,
}
TOKEN_HUES: Final[dict[_TokenType, str]] = {
    Token: "",
    Comment: "grey",
    Comment.Preproc: "violet",
    Error: "red",
    Generic.Deleted: "red",
    Generic.Error: "red",
    Generic.Heading: "blue",
    Generic.Inserted: "green",
    Generic.Prompt: "grey",
    Generic.Subheading: "violet",
    Keyword: "violet",
    Keyword.Type: "yellow",
    Literal: "green",
    Name.Attribute: "cyan",
    Name.Builtin: "yellow",
    Name.Class: "yellow",
    Name.Constant: "orange",
    Name.Decorator: "orange",
    Name.Entity: "orange",
    Name.Exception: "yellow",
    Name.Function: "cyan",
    Name.Namespace: "yellow",
    Name.Tag: "blue",
    Name.Variable: "red",
    Number: "orange",
    String.Escape: "orange",
    String.Regex: "cyan",
}
"""The hues of our own styles."""

_ANOTHER_NAME: Final = {"ecmascript": "javascript", "x-c": "x-csrc", "xsl": "xml"}
"""Subtypes that no lexer goes by, or (of C) a lexer for something else."""

_BASIC: Final[dict[_TokenType, tuple[str, str]]] = TerminalFormatter().colorscheme
"""Colours on a light and on a dark background; the light ones are those that HTTPie has."""
_ON_LIGHT: Final = {"gray": "brightblack", "green": "blue", "yellow": "red", "cyan": "magenta"}
"""What takes the place of those of them that fade on white, as in ``theme``."""


def styles() -> list[str]:
    """Return the name of every style of Pygments'."""
    return sorted(get_all_styles())


def palette_of(style: str, colours: Colours) -> dict[str, str]:
    """Return a style's colours by the names of ``theme``. Raises UsageError: no such style."""
    sequence = _styled(style, colours)
    return {name: sequence(token) for name, token in _TOKENS.items()}


def highlighter(display: Display, media: MediaType, _tell: Tell) -> Window | Lines | None:
    """Return what colours text of that media type, or None where no lexer knows it."""
    lexer = _lexer(media)
    if lexer is None:
        return None
    paint = _Paint(lexer, _sequences(display))
    return Lines(paint) if display.stream else Window(paint)


class _Paint:
    """Cuts a text as a lexer does (a ``Paint``), and looks the colours up once each."""

    def __init__(self, lexer: Lexer, sequence: Callable[[_TokenType], str]) -> None:
        self._lexer = lexer
        self._sequence = sequence
        self._known: dict[_TokenType, str] = {}

    def __call__(self, text: str) -> Iterator[tuple[str, str]]:
        # Pygments' own driver would change line ends and strip blank lines. Lexers may rely
        # on the end of the last line, though: some go back to its start for each character.
        ended = text if text.endswith("\n") else f"{text}\n"
        for _, token, value in self._lexer.get_tokens_unprocessed(ended):
            sequence = self._known.get(token)
            if sequence is None:
                sequence = self._known[token] = self._sequence(token)
            yield sequence, value


def _sequences(display: Display) -> Callable[[_TokenType], str]:
    """Return what tells the sequence that begins a token's colour, "" for none."""
    style, colours = display.style, display.colours
    if style == AUTO or colours < Colours.MANY:
        return lambda token: _basic(token, eight=colours is Colours.EIGHT, light=display.light)
    if style in own.STYLES:
        sequences = own.sequences_of(style, colours, light=display.light)
        return lambda token: sequences[_nearest(token, TOKEN_HUES)]
    return _styled(style, colours)


def _styled(style: str, colours: Colours) -> Callable[[_TokenType], str]:
    """Return what tells the colours of one of Pygments' styles. Raises UsageError."""
    formatter = Terminal256Formatter if colours < Colours.TRUE else TerminalTrueColorFormatter
    try:
        found = formatter(style=get_style_by_name(style)).style_string
    except ClassNotFound:
        raise own.unknown(style) from None
    return lambda token: next((found[str(t)][0] for t in _upwards(token) if str(t) in found), "")


def _basic(token: _TokenType, *, eight: bool, light: bool) -> str:
    """Return a token's colour among the sixteen of the terminal."""
    colour = _nearest(token, _BASIC)[0]
    bold, underlined = colour.startswith("*"), colour.startswith("_")
    name = colour.strip("*_")
    if light and name != "brightblack":
        name = _ON_LIGHT.get(name.removeprefix("bright"), name.removeprefix("bright"))
    if eight:
        # Eight colours have no bright ones, and bright black would be black.
        name = "" if name == "brightblack" else name.removeprefix("bright")
    marks = (codes["bold"] if bold else "") + (codes["underline"] if underlined else "")
    return marks + (codes[name] if name else "")


def _nearest(token: _TokenType, table: dict[_TokenType, _Value]) -> _Value:
    """Return what a table has for a token, or for the next kind above that it has."""
    return next(table[each] for each in _upwards(token) if each in table)


def _upwards(token: _TokenType) -> Iterator[_TokenType]:
    """Give a kind of token, then the wider ones up to all."""
    each: _TokenType | None = token
    while each is not None:
        yield each
        each = each.parent


def _lexer(media: MediaType) -> Lexer | None:
    """Find a lexer: by the type, by what the subtype is made of, then by its names."""
    subtype = _ANOTHER_NAME.get(media.subtype, media.subtype)
    parts = subtype.split("+")
    types = [f"{media.type}/{name}" for name in (subtype, *parts)]
    if media.suffix:
        types.append(f"application/{media.suffix}")
    aliases = [*parts, *(part.removeprefix("x-") for part in parts)]
    for find, names in ((get_lexer_for_mimetype, types), (get_lexer_by_name, aliases)):
        for name in names:
            try:
                lexer = find(name)
            except ClassNotFound:
                continue
            return None if isinstance(lexer, TextLexer) else lexer
    return None
