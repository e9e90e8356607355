"""How one file is fetched by several connections: who takes which bytes, and how many may.

It is told what came and what time it is, and answers what to do. Connections
are added while they make the whole faster, and soon: a server that gives each of them
a little is the one where several pay, and every second with one of eight is most of
a second lost. For the same reason a range is split by time and not by size: towards the
end few megabytes are left to each, which on slow connections are seconds that others
could shorten, and on fast ones are not worth a request.
"""

from collections.abc import Iterable
from typing import NamedTuple

SMALLEST_FILE = 16 << 20
"""Bytes: what is not larger comes by one connection."""
SMALLEST = 1 << 20
"""Bytes that a connection is worth: none is made for less."""
SHORTEST = 0.5
"""Seconds that it shall have to do, at the speed of the connection that it helps."""
LOOKS = (0.25, 0.125, 0.125, 0.5, 1.0)
"""Seconds between looks at what they bring together: a server may send in bursts (nginx's
``limit_rate``: one every half second). So a step is made after a quarter of a second at the
earliest, and growth ends after two."""
_GAIN = 1.10
_BLOCK = 1 << 16
"""A range begins at a multiple of this: a page of the file is one writer's."""


class Segment:
    """A range that one connection fetches: the next byte, and the one behind the last.

    ``end`` comes nearer when another connection takes over the rest. ``limit`` is how
    far the connection could go on; ``begun``: it has brought a byte. ``since``: the time
    when it was taken, in seconds of the clock that ``SegmentScheduler.take`` is told.
    """

    __slots__ = ("_start", "at", "begun", "end", "limit", "since")

    def __init__(self, at: int, end: int) -> None:
        self._start = self.at = at
        self.end = self.limit = end
        self.begun = False
        self.since = 0.0

    @property
    def left(self) -> int:
        """Bytes that are still to come."""
        return self.end - self.at

    def speed(self, now: float) -> float:
        """Return the bytes a second that it brought so far; 0 where nobody can tell."""
        return (self.at - self._start) / (now - self.since) if now > self.since else 0.0


class SegmentScheduler:
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

    def take(self, now: float = 0.0) -> Segment | None:
        """Return what one more connection shall fetch; None where it is not worth one.

        A gap goes before the later half of the largest segment.
        """
        segment = self._gaps.pop(0) if self._gaps else self._half(now)
        if segment is not None:
            segment.since = now
            self.active.append(segment)
        return segment

    def _half(self, now: float) -> Segment | None:
        largest = max(self.active, key=lambda each: each.left, default=None)
        if largest is None:
            return None
        # One that has just begun will be as fast as the others.
        speed = largest.speed(now) or max(each.speed(now) for each in self.active)
        least = max(SMALLEST, int(speed * SHORTEST))
        if largest.left < 2 * least:
            return None
        middle = largest.at + (largest.left + 1) // 2
        middle = min(-(-middle // _BLOCK) * _BLOCK, largest.end - least)
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
        # Twice as many are at most twice as fast; what is more came in bursts, and is not
        # what the next ones have to surpass.
        lasting = min(rate, 2 * self.rate) if self.rate else rate
        return Growth(self.most, min(2 * self.connections, self.most), lasting)

    def stopped(self) -> "Growth":
        """Return the state of who adds no connection any more."""
        return self._replace(most=self.connections)
