"""Places in a JSON document: which containers are open, and what came last.

Spots are made once and shared, and each remembers the runs of punctuation that
were met there and where they led. Deep in a document there are too many to
share: there a place is made anew at every step, and remembers nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

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


class Frame:
    """A container that is open, or the top level (kind ``""``). ``flat``: on one line."""

    __slots__ = ("children", "depth", "kind", "parent", "spots")
    flat = False

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

    def outer(self) -> Frame | None:
        """Return the container around this one."""
        return self.parent


class DeepFrame(Frame):
    """A container in so many others that they are but bits.

    ``parent`` is the innermost of those that are not; ``kinds`` are between it
    and this one.
    """

    __slots__ = ("kinds",)
    flat = True

    def __init__(self, kind: str, parent: Frame, depth: int, kinds: Kinds = _NO_KINDS) -> None:
        # Without what a frame remembers: these are many, and would be in cycles.
        self.kind = kind
        self.parent: Frame = parent
        self.depth = depth
        self.kinds = kinds

    def spot(self, phase: int) -> Spot:
        """Return the spot in this container after ``phase``."""
        return Spot(self, phase)

    def child(self, kind: str) -> Frame:
        """Return a container of that kind in this one."""
        bits, farther = self.kinds
        if bits >= _FULL:
            bits, farther = 1, self.kinds
        kinds = (bits << 1 | (self.kind == "{"), farther)
        return DeepFrame(kind, self.parent, self.depth + 1, kinds)

    def outer(self) -> Frame | None:
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

    def __init__(self, frame: Frame, phase: int) -> None:
        self.frame = frame
        self.phase = phase
        self.runs: dict[str, Run] = _NO_RUNS if frame.flat else {}


_NO_RUNS: Final[dict[str, Run]] = {}
