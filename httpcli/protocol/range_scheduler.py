"""Divides a file among several connections, and decides how many there are.

The caller reports progress and the time. Connections are added as long as they increase
the total rate: that helps if a server limits the rate of each connection. A range is
split if its download would take long, not if it is large: a few megabytes are worth
another request on a slow connection, but not on a fast one.
"""

from collections.abc import Iterable

from httpcli.core.named_tuple import NamedTuple

MIN_FILE_SIZE = 16 << 20
"""The smallest file in bytes that is downloaded over several connections."""
MIN_SEGMENT_SIZE = 1 << 20
"""The smallest range in bytes for which a connection is made."""
MIN_SEGMENT_TIME = 0.5
"""The shortest download in seconds for which a connection is made, at the rate of the
connection whose range is split."""
MEASUREMENT_INTERVALS = (0.25, 0.125, 0.125, 0.5, 1.0)
"""Seconds between the measurements of the total rate.

The intervals differ because a server may send in bursts, such as nginx with
``limit_rate``: one every half second.
"""
_MIN_GAIN = 1.10
"""The factor by which added connections must increase the rate."""
_BLOCK = 1 << 16
"""Ranges begin at multiples of this, so that each page of the file has one writer."""


class Segment:
    """A range that one connection downloads."""

    __slots__ = ("_start", "end", "has_data", "position", "requested_end", "started_at")

    def __init__(self, start: int, end: int) -> None:
        self._start = start
        self.position = start
        """The offset of the next byte."""
        self.end = end
        """The offset after the last byte; smaller once another connection has the rest."""
        self.requested_end = end
        """The offset after the last byte that was requested."""
        self.has_data = False
        """Whether a byte was received."""
        self.started_at = 0.0
        """The time in seconds when the connection got the range."""

    @property
    def bytes_left(self) -> int:
        """The number of bytes to download."""
        return self.end - self.position

    def speed(self, now: float) -> float:
        """Return the average rate until now in bytes a second; 0 if it is unknown."""
        elapsed = now - self.started_at
        return (self.position - self._start) / elapsed if elapsed > 0 else 0.0


class SegmentScheduler:
    """Divides the missing bytes of a file among connections.

    Each missing byte is in one active segment or in one gap. Gaps have no connection.
    """

    def __init__(self, gaps: Iterable[tuple[int, int]]) -> None:
        self._gaps = [Segment(start, end) for start, end in gaps if start < end]
        self.active: list[Segment] = []

    @property
    def bytes_left(self) -> int:
        """The number of bytes to download, in gaps and active segments."""
        return sum(segment.bytes_left for segment in (*self._gaps, *self.active))

    def next_segment(self, now: float = 0.0) -> Segment | None:
        """Return a segment for another connection; None if the rest is too small for one.

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
        """Remove a segment whose connection ended.

        The rest of it goes to a connection that requested these bytes, too, or becomes a
        gap.
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
    """Decides the number of connections; each measurement returns a new value."""

    max_connections: int
    """The highest number of connections."""
    connections: int = 1
    """The current number of connections."""
    rate: float = 0.0
    """The total rate in bytes a second before connections were last added."""

    @property
    def is_final(self) -> bool:
        """Whether no more connections are added."""
        return self.connections >= self.max_connections

    def is_faster(self, rate: float) -> bool:
        """Return whether the connections added last have increased the total rate."""
        return rate > self.rate * _MIN_GAIN

    def after_measurement(self, rate: float) -> "Growth":
        """Return the value after a measurement: twice as many connections, or no more."""
        if self.is_final or not self.is_faster(rate):
            return self.stopped()
        # Twice as many connections can be at most twice as fast. A higher rate is a burst,
        # which the next measurement need not exceed.
        steady = min(rate, 2 * self.rate) if self.rate else rate
        return Growth(
            self.max_connections, min(2 * self.connections, self.max_connections), steady
        )

    def stopped(self) -> "Growth":
        """Return the value that adds no more connections."""
        return self._replace(max_connections=self.connections)
