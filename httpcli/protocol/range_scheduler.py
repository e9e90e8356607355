"""Divides a file among several connections, and decides how many there are.

Pure: the caller reports progress and the time. Connections are added quickly, while
they increase the total rate: several connections help where a server limits the rate
of each connection. Ranges are split by time and not by size: on a slow connection the last
megabytes are worth splitting, on a fast one they are not worth a request.
"""

from collections.abc import Iterable
from typing import NamedTuple

MIN_FILE_SIZE = 16 << 20
"""Bytes; a smaller file is downloaded over one connection."""
MIN_SEGMENT_SIZE = 1 << 20
"""The smallest range in bytes for which a connection is made."""
MIN_SEGMENT_TIME = 0.5
"""The shortest time in seconds for which a connection is made, at the rate of the
connection whose range it splits."""
MEASUREMENT_INTERVALS = (0.25, 0.125, 0.125, 0.5, 1.0)
"""Seconds between measurements of the total rate. A server may send in bursts (nginx's
``limit_rate``: one every half second), so the first one is after a quarter of a second,
and the last one after two."""
_GAIN = 1.10
_BLOCK = 1 << 16
"""Ranges begin at multiples of this, so that each page of the file has one writer."""


class Segment:
    """A range that one connection downloads.

    ``position`` is the offset of the next byte and ``end`` the one after the last byte;
    ``end`` decreases when another connection takes over the rest. ``requested_end`` is the end
    of the range that was requested. ``has_data``: a byte was received. ``started_at`` is the
    time when the connection got the range, in seconds.
    """

    __slots__ = ("_start", "end", "has_data", "position", "requested_end", "started_at")

    def __init__(self, start: int, end: int) -> None:
        self._start = self.position = start
        self.end = self.requested_end = end
        self.has_data = False
        self.started_at = 0.0

    @property
    def bytes_left(self) -> int:
        """Bytes still to download."""
        return self.end - self.position

    def speed(self, now: float) -> float:
        """Return the rate so far in bytes a second; 0 if it is unknown."""
        elapsed = now - self.started_at
        return (self.position - self._start) / elapsed if elapsed > 0 else 0.0


class SegmentScheduler:
    """Divides the missing bytes of a file among connections.

    Each missing byte belongs to one active segment, or to a gap without a connection.
    """

    def __init__(self, gaps: Iterable[tuple[int, int]]) -> None:
        self._gaps = [Segment(start, end) for start, end in gaps if start < end]
        self.active: list[Segment] = []

    @property
    def bytes_left(self) -> int:
        """Bytes still to download."""
        return sum(segment.bytes_left for segment in (*self._gaps, *self.active))

    def next_segment(self, now: float = 0.0) -> Segment | None:
        """Return the segment for one more connection; None if none is worth a request.

        It is a gap, else the second half of the largest segment.
        """
        segment = self._gaps.pop(0) if self._gaps else self._split_largest(now)
        if segment is not None:
            segment.started_at = now
            self.active.append(segment)
        return segment

    def _split_largest(self, now: float) -> Segment | None:
        largest = max(self.active, key=lambda segment: segment.bytes_left, default=None)
        if largest is None:
            return None
        # A new connection is assumed to be as fast as the others.
        speed = largest.speed(now) or max(segment.speed(now) for segment in self.active)
        min_size = max(MIN_SEGMENT_SIZE, int(speed * MIN_SEGMENT_TIME))
        if largest.bytes_left < 2 * min_size:
            return None
        middle = largest.position + (largest.bytes_left + 1) // 2
        middle = min(-(-middle // _BLOCK) * _BLOCK, largest.end - min_size)
        second_half = Segment(middle, largest.end)
        largest.end = middle
        return second_half

    def release(self, segment: Segment) -> None:
        """Remove a segment whose connection ended; the rest of it becomes a gap.

        If the request of another connection includes the rest, that one gets it.
        """
        self.active.remove(segment)
        if segment.bytes_left <= 0:
            return
        for other in self.active:
            if (
                other.end == segment.position
                and other.requested_end >= segment.end
                and other.bytes_left > 0
            ):
                other.end = segment.end
                return
        self._gaps.append(Segment(segment.position, segment.end))
        self._gaps.sort(key=lambda segment: segment.position)


class Growth(NamedTuple):
    """The number of connections; each measurement returns a new value."""

    max_connections: int
    """The highest number of connections."""
    connections: int = 1
    """The current number of connections."""
    rate: float = 0.0
    """The total rate before the last ones were added, in bytes a second."""

    @property
    def is_final(self) -> bool:
        """Whether no connection is added any more."""
        return self.connections >= self.max_connections

    def is_faster(self, rate: float) -> bool:
        """Tell whether the last connections increased the rate."""
        return rate > self.rate * _GAIN

    def after_measurement(self, rate: float) -> "Growth":
        """Return the next value after a measurement: twice as many connections, or the end."""
        if self.is_final or not self.is_faster(rate):
            return self.stopped()
        # Twice as many connections are at most twice as fast: a higher rate is a burst, and
        # the next ones need not exceed it.
        steady = min(rate, 2 * self.rate) if self.rate else rate
        return Growth(
            self.max_connections, min(2 * self.connections, self.max_connections), steady
        )

    def stopped(self) -> "Growth":
        """Return the value that adds no more connections."""
        return self._replace(max_connections=self.connections)
