"""JSON's grammar for text that arrives in pieces: tokens, positions and transitions.

A position is a container and the kind of the last token in it. Positions are created once
and shared. Each caches the transitions that were needed there, so that the grammar is
evaluated a few dozen times for a document of millions of values. There is no recursion, and
the caches and the depth are limited: a hostile document costs time, not memory.
"""

from __future__ import annotations

import re
from typing import Final

from httpcli.core.format_options import JSON_DEPTH
from httpcli.core.named_tuple import NamedTuple
from httpcli.output.theme import Palette

SEPARATOR: Final = "\x1e"
"""The record separator of JSON text sequences (RFC 7464). Treated as white space."""

WHITE_SPACE: Final = " \t\n\r" + SEPARATOR

CONTENT: Final = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
"""Pattern for a string between its quotes, for ``re.DOTALL``."""

UNQUOTED: Final = (
    r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null|NaN|-?Infinity"
)
"""Pattern for a number or a word."""

_CONTENT = re.compile(CONTENT, re.DOTALL)

START, OPENED, COMMA, COLON, KEY, AFTER_KEY, VALUE, CLOSED, AFTER_VALUE = range(9)
"""The kind of the last token in a container.

``KEY`` and ``VALUE``: a string, number or word whose colour has not been ended.
``AFTER_KEY`` and ``AFTER_VALUE``: white space after one, or after a container.
"""

_MAX_INDENTED_LEVELS: Final = 200
_MAX_INDENTATION: Final = 1600
"""Containers deeper than either limit are on one line: indentation would dominate the output."""

_AFTER_WHITE_SPACE = {KEY: AFTER_KEY, VALUE: AFTER_VALUE, CLOSED: AFTER_VALUE}
_COMPLETE = (VALUE, CLOSED, AFTER_VALUE)
_OPENING = {"]": "[", "}": "{"}
_MAX_CACHED = 4096
_MAX_CACHED_TEXT = 256
_MAX_CACHED_OUTPUT = 1024


def string_end(text: str, start: int) -> tuple[int, bool]:
    """Search for the end of a string, beginning at ``start`` inside of it.

    Returns the index after the closing quote, or 0 if the string continues in the
    next piece; and whether that piece begins with an escaped character.
    """
    inside = _CONTENT.match(text, start)
    end = inside.end() if inside else start
    if text.startswith('"', end):
        return end + 1, False
    return 0, end < len(text)


class Transition(NamedTuple):
    """The effect of the punctuation before a value."""

    output: str
    """The text to write."""
    colours: dict[str, str]
    """The value's colour by its first character. Absent: no such value is allowed here."""
    position: Position
    """The position after the value."""


class Container:
    """An open array or object, or the top level (kind ``""``)."""

    __slots__ = ("children", "depth", "kind", "on_one_line", "parent", "positions")

    def __init__(self, kind: str, parent: Container | None, *, on_one_line: bool = False) -> None:
        self.kind = kind
        self.parent = parent
        self.on_one_line = on_one_line
        self.depth: int = parent.depth + 1 if parent else 0
        self.positions: dict[int, Position] = {}
        self.children: dict[str, Container] = {}

    def position(self, last: int) -> Position:
        """Return the position in this container after ``last``."""
        position = self.positions.get(last)
        if position is None:
            position = self.positions[last] = Position(self, last)
        return position


class Position:
    """A position in a document."""

    __slots__ = ("container", "last", "transitions")

    def __init__(self, container: Container, last: int) -> None:
        self.container = container
        self.last = last
        """The kind of the last token: ``START`` to ``AFTER_VALUE``."""
        self.transitions: dict[str, Transition] = {}
        """Transitions by the punctuation that causes them."""


class Grammar:
    """Checks the punctuation between values, and formats it: indented or not, coloured or not.

    ``indent`` begins a line, once for each open container; None keeps white space
    unchanged. ``separates``: the separators of a sequence are kept, each at the beginning of
    the line of its document. ``by_lines``: a document ends at a line end, not where the next
    one begins.
    """

    def __init__(
        self,
        *,
        indent: str | None,
        palette: Palette,
        colour_end: str,
        separates: bool = False,
        by_lines: bool = False,
    ) -> None:
        self._by_lines = by_lines and indent is not None
        self._separates = separates
        self._indented = indent is not None
        self._indent = indent or ""
        self._indented_levels = min(
            _MAX_INDENTED_LEVELS, _MAX_INDENTATION // max(len(self._indent), 1)
        )
        self._colon = ": " if self._indented else ":"
        self._colour_end = colour_end
        string, number, literal = palette["string"], palette["number"], palette["literal"]
        self._keys = {'"': palette["key"]}
        self._values = {
            '"': string,
            **dict.fromkeys("-0123456789", number),
            **dict.fromkeys("tfnNI", literal),
        }
        self._no_values: dict[str, str] = {}
        self._cached = 0

    def colour_end(self, position: Position) -> str:
        """Return the text that ends the colour of the value before this position; may be empty."""
        return self._colour_end if position.last in (KEY, VALUE) else ""

    def transition(self, position: Position, text: str) -> Transition | None:
        """Return the effect of punctuation before a value; None if it is invalid."""
        output, done, end = self.walk(position, text)
        if done < len(text):
            return None
        transition = self._before_value(output, end)
        if len(text) <= _MAX_CACHED_TEXT and len(transition.output) <= _MAX_CACHED_OUTPUT:
            self._count_cached(position)
            position.transitions[text] = transition
        return transition

    def walk(self, position: Position, text: str) -> tuple[str, int, Position]:
        """Format punctuation as far as it is valid.

        Returns the text to write, how many characters are valid, and the position there.
        """
        written: list[str] = []
        for done, character in enumerate(text):
            step = self._step(position, character)
            if step is None:
                return "".join(written), done, position
            written.append(step[0])
            position = step[1]
        return "".join(written), len(text), position

    def is_too_deep(self, position: Position, text: str) -> bool:
        """Return whether ``text`` is only invalid because it opens too many containers."""
        at_limit = position.container.depth >= JSON_DEPTH
        return at_limit and text.startswith(("[", "{")) and _may_open(position)

    def space_before_plain_text(self, position: Position) -> str:
        """Return the white space before text that is not JSON, in place of removed white space."""
        if position.last in (AFTER_KEY, AFTER_VALUE):
            return " " if self._indented else ""
        return self._space_before_value(position) if position.last in (OPENED, COMMA) else ""

    def _before_value(self, output: str, position: Position) -> Transition:
        """Return the transition to a value or key at this position, after ``output``."""
        container, last = position.container, position.last
        colours = self._values
        if container.kind == "{" and last != COLON:
            colours = self._keys if last in (OPENED, COMMA) else self._no_values
        elif last not in (START, OPENED, COMMA, COLON) and (container.kind or last != AFTER_VALUE):
            colours = self._no_values
        after = KEY if colours is self._keys else VALUE
        output += self._space_before_value(position)
        return Transition(output, colours, container.position(after))

    def _step(self, position: Position, character: str) -> tuple[str, Position] | None:
        """Return the output for a character, and the next position; None if it is invalid."""
        container, last = position.container, position.last
        colour_end = self.colour_end(position)
        if character == SEPARATOR and self._separates and not container.kind:
            line_end = "\n" if self._indented and last != START else ""
            return f"{colour_end}{line_end}{SEPARATOR}", container.position(START)
        if character in WHITE_SPACE:
            return self._white_space(position, character)
        if character in "[{":
            return self._open(position, character)
        if character in "]}":
            return self._close(position, character)
        if character == "," and container.kind and last in _COMPLETE:
            return f"{colour_end},", container.position(COMMA)
        if character == ":" and last in (KEY, AFTER_KEY):
            return colour_end + self._colon, container.position(COLON)
        return None

    def _white_space(self, position: Position, character: str) -> tuple[str, Position]:
        container, last = position.container, position.last
        colour_end = self.colour_end(position)
        if self._by_lines and character == "\n" and not container.kind and last in _COMPLETE:
            return f"{colour_end}\n", container.position(START)
        output = "" if self._indented else character
        return colour_end + output, container.position(_AFTER_WHITE_SPACE.get(last, last))

    def _open(self, position: Position, character: str) -> tuple[str, Position] | None:
        if position.container.depth >= JSON_DEPTH or not _may_open(position):
            return None
        output = self._space_before_value(position) + character
        return output, self._child(position, character).position(OPENED)

    def _child(self, position: Position, kind: str) -> Container:
        """Return the container of that kind that opens at this position."""
        container = position.container
        child = container.children.get(kind)
        if child is None:
            self._count_cached(position)
            on_one_line = container.depth >= self._indented_levels
            child = container.children[kind] = Container(kind, container, on_one_line=on_one_line)
        return child

    def _close(self, position: Position, character: str) -> tuple[str, Position] | None:
        container, last = position.container, position.last
        if container.kind != _OPENING[character] or (last != OPENED and last not in _COMPLETE):
            return None
        outer = container.parent
        if outer is None:
            return None
        space = ""
        if self._indented and last != OPENED and not container.on_one_line:
            space = f"\n{self._indent * outer.depth}"
        return f"{self.colour_end(position)}{space}{character}", outer.position(CLOSED)

    def _space_before_value(self, position: Position) -> str:
        """Return the white space before a value at this position."""
        if not self._indented or position.last in (START, COLON):
            return ""
        if position.container.on_one_line:
            return " " if position.last == COMMA else ""
        return f"\n{self._indent * position.container.depth}"

    def _count_cached(self, position: Position) -> None:
        """Count one more cached object. At the limit, drop all but the open containers."""
        self._cached += 1
        if self._cached <= _MAX_CACHED:
            return
        self._cached = 0
        container: Container | None = position.container
        while container is not None:
            container.children.clear()
            for known in container.positions.values():
                known.transitions.clear()
            container = container.parent


def _may_open(position: Position) -> bool:
    """Return whether the grammar allows a container at this position."""
    if position.container.kind == "{":
        return position.last == COLON
    if position.container.kind == "[":
        return position.last in (OPENED, COMMA)
    return position.last in (START, CLOSED, AFTER_VALUE)
