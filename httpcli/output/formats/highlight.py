"""Colours for every text but JSON, and the colours of every style but ours: by Pygments.

The one door to that library. A lexer needs the whole text, so up to a million
characters are held; what comes after them stays plain. Text that no lexer
knows is not held at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from pygments.console import codes
from pygments.formatters.terminal import TerminalFormatter
from pygments.formatters.terminal256 import Terminal256Formatter, TerminalTrueColorFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_mimetype
from pygments.lexers.special import TextLexer
from pygments.style import Style
from pygments.styles import get_all_styles, get_style_by_name
from pygments.token import Keyword, Literal, Name, Number, String, Token, _TokenType
from pygments.util import ClassNotFound

from httpcli.model.errors import UsageError
from httpcli.model.plan import Colours, Show
from httpcli.model.ports import Tell
from httpcli.output.theme import AUTO, RESET
from httpcli.protocol.mediatypes import MediaType

MOST_COLOURED: Final = 1 << 20
"""Characters."""

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
    "meta name": Name.Decorator,
    "meta unit": Name.Builtin,
}
_BASIC: Final[dict[_TokenType, tuple[str, str]]] = TerminalFormatter().colorscheme
"""Colours on a light and on a dark background."""

_ANOTHER_NAME: Final = {"ecmascript": "javascript", "x-c": "x-csrc", "xsl": "xml"}
"""Subtypes that no lexer goes by, or (of C) a lexer for something else."""

_LINE = re.compile(r"[^\r\n]+|[\r\n]+")


def styles() -> list[str]:
    """Return the name of every style there is, ``auto`` first."""
    return [AUTO, *sorted(get_all_styles())]


def palette_of(style: str, colours: Colours) -> dict[str, str]:
    """Return a style's colours by the names of ``theme``. Raises UsageError: no such style."""
    sequences = _Sequences(style, colours)
    return {name: sequences.of(token) for name, token in _TOKENS.items()}


def highlighter(show: Show, media: MediaType, _tell: Tell) -> Highlight | None:
    """Return what colours text of that media type, or None where no lexer knows it."""
    lexer = _lexer(media)
    return Highlight(lexer, _Sequences(show.style, show.colours)) if lexer else None


class Highlight:
    """Colours a text once it is there (a ``Format``); not a character of it is changed."""

    def __init__(self, lexer: Lexer, sequences: _Sequences) -> None:
        self._lexer = lexer
        self._sequences = sequences
        self._held: list[str] = []
        self._room = MOST_COLOURED

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; give it once there is too much."""
        if self._room:
            taken = text[: self._room]
            self._held.append(taken)
            self._room -= len(taken)
            if self._room:
                return
            yield from self.flush()
            text = text[len(taken) :]
        if text:
            yield text

    def pause(self) -> Iterator[str]:
        """Give nothing yet."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give what was held, in colour."""
        text = "".join(self._held)
        self._held.clear()
        # Pygments' own driver would change line ends and strip blank lines.
        for _, token, value in self._lexer.get_tokens_unprocessed(text):
            yield from _painted(value, self._sequences.of(token))


class _Sequences:
    """The sequence that begins a token's colour, in one style on one kind of terminal."""

    def __init__(self, style: str, colours: Colours) -> None:
        self._eight = colours is Colours.EIGHT
        self._known: dict[_TokenType, str] = {}
        self._styled: dict[str, tuple[str, str]] = {}
        self._auto = style == AUTO or colours < Colours.MANY
        if not self._auto:
            many = colours < Colours.TRUE
            formatter = Terminal256Formatter if many else TerminalTrueColorFormatter
            self._styled = formatter(style=_style(style)).style_string

    def of(self, token: _TokenType) -> str:
        """Return it; empty for no colour."""
        found = self._known.get(token)
        if found is None:
            found = self._known[token] = self._basic(token) if self._auto else self._rich(token)
        return found

    def _rich(self, token: _TokenType) -> str:
        """Look a style's colour up."""
        while (found := self._styled.get(str(token))) is None:
            if token is Token or token.parent is None:
                return ""
            token = token.parent
        return found[0]

    def _basic(self, token: _TokenType) -> str:
        """Look the colour up in the sixteen of the terminal."""
        while (found := _BASIC.get(token)) is None:
            if token.parent is None:
                return ""
            token = token.parent
        colour = found[0]
        bold, underlined = colour.startswith("*"), colour.startswith("_")
        name = colour.strip("*_")
        if self._eight:
            # Eight colours have no bright ones, and bright black would be black.
            name = "" if name == "brightblack" else name.removeprefix("bright")
        marks = (codes["bold"] if bold else "") + (codes["underline"] if underlined else "")
        return marks + (codes[name] if name else "")


def _painted(text: str, sequence: str) -> Iterator[str]:
    """Give a text with its colour; no colour goes over the end of a line."""
    if not sequence or text.isspace():
        yield text
        return
    for piece in _LINE.findall(text):
        yield piece if piece[0] in "\r\n" else f"{sequence}{piece}{RESET}"


def _style(name: str) -> type[Style]:
    try:
        return get_style_by_name(name)
    except ClassNotFound:
        close = get_close_matches(name, styles(), 1)
        hint = (
            f"did you mean {close[0]}?" if close else "auto, default, monokai, or any of Pygments"
        )
        raise UsageError(f"--style: there is no style {name!r}", hint=hint) from None


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
