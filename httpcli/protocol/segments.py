"""How one file is fetched by several connections: who takes which bytes, and how many may.

It is told what came, and answers what to do. A file is split only as far as
that pays: connections are added while they make the whole faster.
"""

from collections.abc import Iterable
from typing import NamedTuple

SMALLEST_FILE = 16 << 20
"""Bytes: what is not larger comes by one connection."""
SMALLEST = 4 << 20
"""Bytes that a connection is worth: none is made for less."""
SETTLING = 0.25
"""Seconds until a new number of connections is measured: a server may begin with a burst."""
LOOKS = (0.25, 0.75, 1.0)
"""Seconds between looks at what they bring together: a server may send in bursts later, too.
So a step is made after half a second at the earliest, and growth ends after two."""
_GAIN = 1.10
_BLOCK = 1 << 16
"""A range begins at a multiple of this: a page of the file is one writer's."""


class Segment:
    """A range that one connection fetches: the next byte, and the one behind the last.

    ``end`` comes nearer when another connection takes over the rest. ``limit`` is how
    far the connection could go on; ``begun``: it has brought a byte.
    """

    __slots__ = ("at", "begun", "end", "limit")

    def __init__(self, at: int, end: int) -> None:
        self.at = at
        self.end = self.limit = end
        self.begun = False

    @property
    def left(self) -> int:
        """Bytes that are still to come."""
        return self.end - self.at


class Division:
    """What is missing of a file, divided among connections.

    Every missing byte belongs to one segment, or to a gap that waits for one.
    """

    def __init__(self, gaps: Iterable[tuple[int, int]]) -> None:
        self._gaps = [Segment(start, end) for start, end in gaps if start < end]
        self.active: list[Segment] = []

    @property
    def left(self) -> int:
        """Bytes that are still to come."""
        return sum(each.left for each in (*self._gaps, *self.active))

    def take(self) -> Segment | None:
        """Return what one more connection shall fetch; None where it is not worth one.

        A gap goes before the later half of the largest segment.
        """
        segment = self._gaps.pop(0) if self._gaps else self._half()
        if segment is not None:
            self.active.append(segment)
        return segment

    def _half(self) -> Segment | None:
        largest = max(self.active, key=lambda each: each.left, default=None)
        if largest is None or largest.left < 2 * SMALLEST:
            return None
        middle = largest.at + (largest.left + 1) // 2
        middle = min(-(-middle // _BLOCK) * _BLOCK, largest.end - SMALLEST)
        rest = Segment(middle, largest.end)
        largest.end = middle
        return rest

    def drop(self, segment: Segment) -> None:
        """Say that nobody fetches a segment any more: what is left of it is a gap again.

        A connection that can go on to its end takes it over.
        """
        self.active.remove(segment)
        if segment.left <= 0:
            return
        for other in self.active:
            if other.end == segment.at and other.limit >= segment.end and other.left > 0:
                other.end = segment.end
                return
        self._gaps.append(Segment(segment.at, segment.end))
        self._gaps.sort(key=lambda each: each.at)


class Growth(NamedTuple):
    """How many connections there may be now, of at most ``most``; ``rate`` was without the last.

    Immutable: each measurement gives the next. Rates are in bytes a second.
    """

    most: int
    connections: int = 1
    rate: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more is measured."""
        return self.connections >= self.most

    def pays(self, rate: float) -> bool:
        """Tell whether the last connections made it faster."""
        return rate > self.rate * _GAIN

    def measured(self, rate: float) -> "Growth":
        """Return the next state after ``rate`` was reached: twice as many, or no more."""
        if self.over or not self.pays(rate):
            return self.stopped()
        return Growth(self.most, min(2 * self.connections, self.most), rate)

    def stopped(self) -> "Growth":
        """Return the state of who adds no connection any more."""
        return self._replace(most=self.connections)
