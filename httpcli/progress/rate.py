"""Measures how fast bytes come, of late: steady enough to read, quick enough to believe."""

from collections import deque

_WINDOW = 5.0
"""Seconds that are looked back."""
_GRAIN = 0.1
"""Seconds between two moments that are kept."""


class Meter:
    """The rate of one transfer, from moments and what was done by then.

    ``now`` is in seconds by any steady clock.
    """

    def __init__(self, now: float, done: int = 0) -> None:
        self._moments: deque[tuple[float, int]] = deque([(now, done)])

    def rate(self, now: float, done: int) -> float:
        """Return bytes a second in the last seconds; 0 where no time has passed."""
        moments = self._moments
        if done < moments[-1][1]:  # it began again
            moments.clear()
            moments.append((now, done))
        while len(moments) > 1 and now - moments[1][0] >= _WINDOW:
            moments.popleft()
        began, before = moments[0]
        if now - moments[-1][0] >= _GRAIN:
            moments.append((now, done))
        return (done - before) / (now - began) if now > began else 0.0
