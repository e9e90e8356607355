"""Syntax highlighting with Pygments, for every text but JSON, forms and events.

A lexer needs the whole text, but ``incremental_highlight`` writes output without waiting for it.
Text without a lexer is not held at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from pygments.console import codes
from pygments.formatters.terminal import TerminalFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_mimetype
from pygments.lexers.special import TextLexer
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

from httpcli.core.interfaces import Notify
from httpcli.core.plan import AUTO_STYLE, Colours, Display
from httpcli.output.formats.incremental_highlight import LineHighlighter, WindowHighlighter
from httpcli.output.styles import STYLES, pygments_sequences, sequences_of, with_ancestors
from httpcli.protocol.media_types import MediaType

_Value = TypeVar("_Value")

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
"""The hue of each token type in the built-in styles."""

_LEXER_NAMES: Final = {"ecmascript": "javascript", "x-c": "x-csrc", "xsl": "xml"}
"""Other names for subtypes that have no lexer, or (x-c) a lexer for another language."""

_BASIC: Final[dict[_TokenType, tuple[str, str]]] = TerminalFormatter().colorscheme
"""Colour names for a light and a dark background. HTTPie uses the first on both."""
_ON_LIGHT: Final = {"gray": "brightblack", "green": "blue", "yellow": "red", "cyan": "magenta"}
"""Replacements for colours that are too pale on a light background, as in ``theme``."""


def highlighter(
    display: Display, media: MediaType, _notify: Notify
) -> WindowHighlighter | LineHighlighter | None:
    """Return the highlighter for text of a media type, or None if there is no lexer for it.

    Raises UsageError for an unknown style.
    """
    lexer = _lexer(media)
    if lexer is None:
        return None
    tokenize = _LexerTokens(lexer, _sequences(display))
    return LineHighlighter(tokenize) if display.stream else WindowHighlighter(tokenize)


class _LexerTokens:
    """Splits a text with a lexer (a ``Tokenize``). Looks up the colour of each token type once."""

    def __init__(self, lexer: Lexer, sequence: Callable[[_TokenType], str]) -> None:
        self._lexer = lexer
        self._sequence = sequence
        self._cache: dict[_TokenType, str] = {}

    def __call__(self, text: str) -> Iterator[tuple[str, str]]:
        # Lexer.get_tokens() would change line ends and strip blank lines. Some lexers
        # need a line end at the end, or they rescan the last line for each character.
        ended = text if text.endswith("\n") else f"{text}\n"
        for _, token, value in self._lexer.get_tokens_unprocessed(ended):
            sequence = self._cache.get(token)
            if sequence is None:
                sequence = self._cache[token] = self._sequence(token)
            yield sequence, value


def _sequences(display: Display) -> Callable[[_TokenType], str]:
    """Return a function that returns the sequence for a token type, "" for no colour."""
    style, colours = display.style, display.colours
    if style == AUTO_STYLE or colours < Colours.MANY:
        return lambda token: _basic(
            token, eight=colours is Colours.EIGHT, light=display.light_background
        )
    if style in STYLES:
        sequences = sequences_of(style, colours, light=display.light_background)
        return lambda token: sequences[_nearest(token, TOKEN_HUES)]
    return pygments_sequences(style, colours)


def _basic(token: _TokenType, *, eight: bool, light: bool) -> str:
    """Return the sequence for a token type in the terminal's sixteen colours, or eight."""
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
    """Return the value for a token type, or for its nearest ancestor in the table."""
    return next(table[kind] for kind in with_ancestors(token) if kind in table)


def _lexer(media: MediaType) -> Lexer | None:
    """Return the lexer for a media type: by type, by structured suffix, then by its names."""
    subtype = _LEXER_NAMES.get(media.subtype, media.subtype)
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
