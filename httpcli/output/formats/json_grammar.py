"""JSON's grammar between the values: what may follow, and the white space and colour for it.

A ``Spot`` is a place in a document: which containers are open, and what came
last. Spots are made once and shared, and each remembers the runs of punctuation
that were met there and where they led, so that a document of millions of
values asks the grammar a few dozen times. Nothing here recurs, and what is
remembered is bounded: a hostile document costs time, not memory.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from httpcli.output.theme import Palette

SEPARATOR: Final = "\x1e"
"""The record separator of JSON text sequences (RFC 7464): as white space here."""

WHITE: Final = " \t\n\r" + SEPARATOR
DEEPEST: Final = 1000

INDENT: Final = "    "

# What came last. The value that is to follow, or has just ended, is in colour.
START, OPENED, COMMA, COLON, KEY, NAMED, VALUE, CLOSED, SPACED = range(9)

_AFTER_WHITE = {KEY: NAMED, VALUE: SPACED, CLOSED: SPACED}
_DONE = (VALUE, CLOSED, SPACED)
_CLOSES = {"]": "[", "}": "{"}
_REMEMBERED = 4096
_LONGEST_RUN = 256
_LONGEST_LEAD = 1024


class Run(NamedTuple):
    """What a run of punctuation before a value comes to.

    ``lead`` is the text to write, ``starts`` the colour by the first character
    of the value (absent: it cannot stand here), ``after`` the spot behind it.
    """

    lead: str
    starts: dict[str, str]
    after: Spot


class Frame:
    """A container that is open, or the top level (kind ``""``)."""

    __slots__ = ("children", "depth", "kind", "parent", "spots")

    def __init__(self, kind: str, parent: Frame | None) -> None:
        self.kind = kind
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.spots: dict[int, Spot] = {}
        self.children: dict[str, Frame] = {}

    def spot(self, phase: int) -> Spot:
        """Return the spot in this container after ``phase``."""
        found = self.spots.get(phase)
        if found is None:
            found = self.spots[phase] = Spot(self, phase)
        return found

    def child(self, kind: str) -> Frame:
        """Return the container of that kind in this one."""
        found = self.children.get(kind)
        if found is None:
            found = self.children[kind] = Frame(kind, self)
        return found


class Spot:
    """A place in a document."""

    __slots__ = ("frame", "phase", "runs")

    def __init__(self, frame: Frame, phase: int) -> None:
        self.frame = frame
        self.phase = phase
        self.runs: dict[str, Run] = {}


class Grammar:
    """Knows what may come, and writes the punctuation: indented or not, coloured or not."""

    def __init__(self, *, indented: bool, palette: Palette, reset: str) -> None:
        self._indented = indented
        self._colon = ": " if indented else ":"
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
        if len(text) <= _LONGEST_RUN and len(found.lead) <= _LONGEST_LEAD:
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
        if character in WHITE:
            white = "" if self._indented else character
            return reset + white, frame.spot(_AFTER_WHITE.get(phase, phase))
        if character in "[{":
            return self._open(spot, character)
        if character in "]}":
            return self._close(spot, character)
        if character == "," and frame.kind and phase in _DONE:
            return f"{reset},", frame.spot(COMMA)
        if character == ":" and phase in (KEY, NAMED):
            return reset + self._colon, frame.spot(COLON)
        return None

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
        if character not in frame.children:
            self._remember(spot)
        return self._before_value(spot) + character, frame.child(character).spot(OPENED)

    def _close(self, spot: Spot, character: str) -> tuple[str, Spot] | None:
        frame, phase = spot.frame, spot.phase
        if frame.parent is None or frame.kind != _CLOSES[character]:
            return None
        after = frame.parent.spot(CLOSED)
        if phase == OPENED:
            return character, after
        if phase not in _DONE:
            return None
        line = f"\n{INDENT * (frame.depth - 1)}" if self._indented else ""
        return f"{self.reset(spot)}{line}{character}", after

    def _before_value(self, spot: Spot) -> str:
        """Return the white space before a value at this spot."""
        if not self._indented or spot.phase in (START, COLON):
            return ""
        return f"\n{INDENT * spot.frame.depth}"

    def _remember(self, spot: Spot) -> None:
        """Make room for one thing more: drop all but the containers that are open."""
        self._remembered += 1
        if self._remembered <= _REMEMBERED:
            return
        self._remembered = 0
        frame: Frame | None = spot.frame
        while frame is not None:
            frame.children.clear()
            for each in frame.spots.values():
                each.runs.clear()
            frame = frame.parent
