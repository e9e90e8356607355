"""Pygments' styles: their names, and their colours as terminal sequences.

Apart from ``formats.highlight``, so that headers and JSON in such a style load no lexers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pygments.formatters.terminal256 import Terminal256Formatter, TerminalTrueColorFormatter
from pygments.styles import get_all_styles, get_style_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, String, _TokenType
from pygments.util import ClassNotFound

from httpcli.core.plan import Colours

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
"""The token type whose colour each name of a palette gets."""


def pygments_style_names() -> list[str]:
    """Return the names of all of Pygments' styles."""
    return sorted(get_all_styles())


def pygments_palette(style: str, colours: Colours) -> dict[str, str]:
    """Return the palette of one of Pygments' styles. Raises LookupError for an unknown style."""
    sequence = token_sequences(style, colours)
    return {name: sequence(token) for name, token in _TOKENS.items()}


def token_sequences(style: str, colours: Colours) -> Callable[[_TokenType], str]:
    """Return a function that gives the sequence for a token type, "" for no colour.

    Raises LookupError for an unknown style.
    """
    formatter = Terminal256Formatter if colours < Colours.TRUE else TerminalTrueColorFormatter
    try:
        sequences = formatter(style=get_style_by_name(style)).style_string
    except ClassNotFound:
        raise LookupError(style) from None

    def sequence(token: _TokenType) -> str:
        names = map(str, with_ancestors(token))
        return next((sequences[name][0] for name in names if name in sequences), "")

    return sequence


def with_ancestors(token: _TokenType) -> Iterator[_TokenType]:
    """Give a token type, then its parents up to the most general one."""
    current: _TokenType | None = token
    while current is not None:
        yield current
        current = current.parent
