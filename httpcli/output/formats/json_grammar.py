"""JSON's tokens as they stand in text that comes in pieces, and what may stand before them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from httpcli.output.theme import Palette

SEPARATOR: Final = "\x1e"
"""The record separator of JSON text sequences (RFC 7464): as white space here."""

WHITE: Final = " \t\n\r" + SEPARATOR

CONTENT: Final = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
"""What stands between the quotes of a string: a pattern, for ``re.DOTALL``."""

UNQUOTED: Final = (
    r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null|NaN|-?Infinity"
)
"""A number or a word: a pattern."""

_CONTENT = re.compile(CONTENT, re.DOTALL)

# What keeps a response from being run as a script: it is no JSON, and stays.
_PREFIX = re.compile(r"\ufeff?(?:\)\]\}',?|while\(1\);|for\(;;\);)?")
_PREFIX_BEGINS = ("\ufeff", ")", "w", "f")
LONGEST_PREFIX: Final = 10


def prefix_of(text: str, *, last: bool) -> str | None:
    """Return what stands before the JSON, often nothing; None: more text has to come first."""
    if not last and len(text) < LONGEST_PREFIX and text.startswith(_PREFIX_BEGINS):
        return None
    match = _PREFIX.match(text)
    return match[0] if match else ""


def string_end(text: str, start: int) -> tuple[int, bool]:
    """Look from ``start``, inside a string, for its end.

    Returns where the text after it begins, 0 where it goes on in the next
    piece, and whether that piece then begins with an escaped character.
    """
    inside = _CONTENT.match(text, start)
    end = inside.end() if inside else start
    if text.startswith('"', end):
        return end + 1, False
    return 0, end < len(text)


# Places in a JSON document: which containers are open, and what came last.
#
# Spots are made once and shared, and each remembers the runs of punctuation that were met there
# and where they led. Deep in a document there are too many to share: there a place is made anew
# at every step, and remembers nothing.


# What came last. The value that is to follow, or has just ended, is in colour.
START, OPENED, COMMA, COLON, KEY, NAMED, VALUE, CLOSED, SPACED = range(9)

_FULL: Final = 1 << 512

Kinds = tuple[int, "Kinds | None"]
"""Kinds of containers, the innermost in the lowest bit (1: an object), below a bit that
ends them; then those farther out. A third of a byte for each."""

_NO_KINDS: Final[Kinds] = (1, None)


class Run(NamedTuple):
    """What a run of punctuation before a value comes to.

    ``lead`` is the text to write, ``starts`` the colour by the first character
    of the value (absent: it cannot stand here), ``after`` the spot behind it.
    """

    lead: str
    starts: dict[str, str]
    after: Spot


class OpenContainer:
    """A container that is open, or the top level (kind ``""``). ``flat``: on one line."""

    __slots__ = ("children", "depth", "kind", "parent", "spots")
    flat = False

    def __init__(self, kind: str, parent: OpenContainer | None) -> None:
        self.kind = kind
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.spots: dict[int, Spot] = {}
        self.children: dict[str, OpenContainer] = {}

    def spot(self, phase: int) -> Spot:
        """Return the spot in this container after ``phase``."""
        found = self.spots.get(phase)
        if found is None:
            found = self.spots[phase] = Spot(self, phase)
        return found

    def child(self, kind: str) -> OpenContainer:
        """Return the container of that kind in this one."""
        found = self.children.get(kind)
        if found is None:
            found = self.children[kind] = OpenContainer(kind, self)
        return found

    def outer(self) -> OpenContainer | None:
        """Return the container around this one."""
        return self.parent


class DeepFrame(OpenContainer):
    """A container in so many others that they are but bits.

    ``parent`` is the innermost of those that are not; ``kinds`` are between it
    and this one.
    """

    __slots__ = ("kinds",)
    flat = True

    def __init__(
        self, kind: str, parent: OpenContainer, depth: int, kinds: Kinds = _NO_KINDS
    ) -> None:
        # Without what a frame remembers: these are many, and would be in cycles.
        self.kind = kind
        self.parent: OpenContainer = parent
        self.depth = depth
        self.kinds = kinds

    def spot(self, phase: int) -> Spot:
        """Return the spot in this container after ``phase``."""
        return Spot(self, phase)

    def child(self, kind: str) -> OpenContainer:
        """Return a container of that kind in this one."""
        bits, farther = self.kinds
        if bits >= _FULL:
            bits, farther = 1, self.kinds
        kinds = (bits << 1 | (self.kind == "{"), farther)
        return DeepFrame(kind, self.parent, self.depth + 1, kinds)

    def outer(self) -> OpenContainer | None:
        """Return the container around this one."""
        bits, farther = self.kinds
        if bits == 1:
            if farther is None:
                return self.parent
            bits, farther = farther
        kind = "{" if bits & 1 else "["
        return DeepFrame(kind, self.parent, self.depth - 1, (bits >> 1, farther))


class Spot:
    """A place in a document."""

    __slots__ = ("frame", "phase", "runs")

    def __init__(self, frame: OpenContainer, phase: int) -> None:
        self.frame = frame
        self.phase = phase
        self.runs: dict[str, Run] = _NO_RUNS if frame.flat else {}


_NO_RUNS: Final[dict[str, Run]] = {}


# JSON's grammar between the values: what may follow, and the white space and colour for it.
#
# What was met at a spot is remembered there, so that a document of millions of values asks the
# grammar a few dozen times. Nothing here recurs, and what is remembered is bounded: a hostile
# document costs time, not memory.


DEEPEST: Final = 10_000_000
"""Containers in one another; what has more of them is no JSON to us."""

_DEEPEST_LINE: Final = 200
_WIDEST_INDENT: Final = 1600
"""Containers deeper than either are on one line, or indentation would be most of the output."""

_AFTER_WHITE = {KEY: NAMED, VALUE: SPACED, CLOSED: SPACED}
_DONE = (VALUE, CLOSED, SPACED)
_CLOSES = {"]": "[", "}": "{"}
_REMEMBERED = 4096
_LONGEST_RUN = 256
_LONGEST_LEAD = 1024


class Grammar:
    """Knows what may come, and writes the punctuation: indented or not, coloured or not.

    ``indent`` is what a line begins with for each container around it; None
    leaves white space as it is. ``separates``: the separators of a sequence
    stay, each at the beginning of its text's line. ``by_lines``: a text ends
    with its line, not where the next one begins.
    """

    def __init__(
        self,
        *,
        indent: str | None,
        palette: Palette,
        reset: str,
        separates: bool = False,
        by_lines: bool = False,
    ) -> None:
        self._by_lines = by_lines and indent is not None
        self._separates = separates
        self._indented = indent is not None
        self._indent = indent or ""
        self._deepest_line = min(_DEEPEST_LINE, _WIDEST_INDENT // max(len(self._indent), 1))
        self._colon = ": " if self._indented else ":"
        self._reset = reset
        string, number, literal = palette["string"], palette["number"], palette["literal"]
        self._keys = {'"': palette["key"]}
        self._values = {
            '"': string,
            **dict.fromkeys("-0123456789", number),
            **dict.fromkeys("tfnNI", literal),
        }
        self._nothing: dict[str, str] = {}
        self._remembered = 0

    def reset(self, spot: Spot) -> str:
        """Return what ends the colour of the value that has just ended."""
        return self._reset if spot.phase in (KEY, VALUE) else ""

    def run(self, spot: Spot, text: str) -> Run | None:
        """Return what this punctuation, with a value behind it, comes to; None: invalid."""
        lead, done, end = self.walk(spot, text)
        if done < len(text):
            return None
        found = self.value(lead, end)
        short = len(text) <= _LONGEST_RUN and len(found.lead) <= _LONGEST_LEAD
        if short and not spot.frame.flat:
            self._remember(spot)
            spot.runs[text] = found
        return found

    def value(self, lead: str, spot: Spot) -> Run:
        """Return what it takes to write a value (or a key) at this spot."""
        frame, phase = spot.frame, spot.phase
        starts = self._values
        if frame.kind == "{" and phase != COLON:
            starts = self._keys if phase in (OPENED, COMMA) else self._nothing
        elif phase not in (START, OPENED, COMMA, COLON) and (frame.kind or phase != SPACED):
            starts = self._nothing
        after = KEY if starts is self._keys else VALUE
        return Run(lead + self._before_value(spot), starts, frame.spot(after))

    def walk(self, spot: Spot, text: str) -> tuple[str, int, Spot]:
        """Go through punctuation as far as it is valid: what to write, how far, and where."""
        written: list[str] = []
        for done, character in enumerate(text):
            step = self._step(spot, character)
            if step is None:
                return "".join(written), done, spot
            written.append(step[0])
            spot = step[1]
        return "".join(written), len(text), spot

    def before_rest(self, spot: Spot) -> str:
        """Return the white space for what is no JSON, in place of what was left out."""
        if spot.phase in (NAMED, SPACED):
            return " " if self._indented else ""
        return self._before_value(spot) if spot.phase in (OPENED, COMMA) else ""

    def _step(self, spot: Spot, character: str) -> tuple[str, Spot] | None:
        """Take one character: what to write, and the spot behind it; None: invalid."""
        frame, phase = spot.frame, spot.phase
        reset = self.reset(spot)
        if character == SEPARATOR and self._separates and not frame.kind:
            line = "\n" if self._indented and phase != START else ""
            return f"{reset}{line}{SEPARATOR}", frame.spot(START)
        if character in WHITE:
            return self._white(spot, character)
        if character in "[{":
            return self._open(spot, character)
        if character in "]}":
            return self._close(spot, character)
        if character == "," and frame.kind and phase in _DONE:
            return f"{reset},", frame.spot(COMMA)
        if character == ":" and phase in (KEY, NAMED):
            return reset + self._colon, frame.spot(COLON)
        return None

    def _white(self, spot: Spot, character: str) -> tuple[str, Spot]:
        frame, phase = spot.frame, spot.phase
        reset = self.reset(spot)
        if self._by_lines and character == "\n" and not frame.kind and phase in _DONE:
            return f"{reset}\n", frame.spot(START)
        white = "" if self._indented else character
        return reset + white, frame.spot(_AFTER_WHITE.get(phase, phase))

    def _open(self, spot: Spot, character: str) -> tuple[str, Spot] | None:
        frame, phase = spot.frame, spot.phase
        if frame.kind == "{":
            fits = phase == COLON
        elif frame.kind == "[":
            fits = phase in (OPENED, COMMA)
        else:
            fits = phase in (START, CLOSED, SPACED)
        if not fits or frame.depth >= DEEPEST:
            return None
        return self._before_value(spot) + character, self._inner(spot, character).spot(OPENED)

    def _inner(self, spot: Spot, kind: str) -> OpenContainer:
        """Return the container of that kind that opens at this spot."""
        frame = spot.frame
        if frame.depth == self._deepest_line:
            return DeepFrame(kind, frame, frame.depth + 1)
        if not frame.flat and kind not in frame.children:
            self._remember(spot)
        return frame.child(kind)

    def _close(self, spot: Spot, character: str) -> tuple[str, Spot] | None:
        frame, phase = spot.frame, spot.phase
        if frame.kind != _CLOSES[character] or (phase != OPENED and phase not in _DONE):
            return None
        outer = frame.outer()
        if outer is None:
            return None
        line = ""
        if self._indented and phase != OPENED and not frame.flat:
            line = f"\n{self._indent * outer.depth}"
        return f"{self.reset(spot)}{line}{character}", outer.spot(CLOSED)

    def _before_value(self, spot: Spot) -> str:
        """Return the white space before a value at this spot."""
        if not self._indented or spot.phase in (START, COLON):
            return ""
        if spot.frame.flat:
            return " " if spot.phase == COMMA else ""
        return f"\n{self._indent * spot.frame.depth}"

    def _remember(self, spot: Spot) -> None:
        """Make room for one thing more: drop all but the containers that are open."""
        self._remembered += 1
        if self._remembered <= _REMEMBERED:
            return
        self._remembered = 0
        frame: OpenContainer | None = spot.frame
        while frame is not None:
            frame.children.clear()
            for each in frame.spots.values():
                each.runs.clear()
            frame = frame.parent
