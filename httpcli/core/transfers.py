"""How fast content has to flow, and what is made of it on its way."""

from enum import Enum
from typing import NamedTuple


class MinimumRate(NamedTuple):
    """What brings fewer bytes a second than ``rate``, over ``window`` seconds, is given up."""

    rate: int
    window: float


class ContentCopies(NamedTuple):
    """``tee``: the file for a copy of a response; ``hash``: an algorithm; empty for none."""

    tee: str = ""
    hash: str = ""


# How far transfers are, and in which way the user is told; settled in the plan.


class ProgressStyle(Enum):
    """How the user is told how far transfers are."""

    NONE = "none"
    BARS = "drawn"
    """Lines at the bottom of a terminal, drawn again and again."""
    ENDS = "ends"
    """A line where a file begins, and one where it ends."""
    PLAIN = "plain"
    """That, and a line every 30 seconds."""
    JSON = "json"
    """One JSON object a line: begins, how far it is every second, ends."""


# How far a transfer is, in numbers as people read them, the same in every locale.


_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DAY = 86_400
_HOUR = 3600
_MINUTE = 60


class ProgressSnapshot(NamedTuple):
    """How far one transfer is at a moment.

    ``total`` is in bytes, None where nobody knows; ``rate`` in bytes a second, of
    late; ``elapsed`` in seconds; ``kept``: bytes that were there before this run.
    """

    name: str
    done: int
    total: int | None
    rate: float
    elapsed: float
    already_done: int = 0

    @property
    def came(self) -> int:
        """Bytes that came in this run."""
        return max(0, self.done - self.already_done)

    @property
    def seconds_left(self) -> float | None:
        """Seconds that are left at this rate; None where nobody can tell."""
        if self.total is None or (self.rate <= 0 and self.done < self.total):
            return None
        return max(0, self.total - self.done) / self.rate if self.done < self.total else 0.0

    @property
    def percent(self) -> int | None:
        """How much is done of a hundred; 100 only where it is all."""
        if self.total is None:
            return None
        return 100 if self.done >= self.total else 100 * self.done // self.total


def format_bytes(count: float) -> str:
    """Return bytes in eight characters at most: ``512 B``, ``1.5 KiB``, ``123 MiB``."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count /= 1024
        unit += 1
    digits = f"{count:.1f}" if unit and count < 99.95 else f"{count:.0f}"
    return f"{digits} {_UNITS[unit]}"


def format_duration(seconds: float) -> str:
    """Return a time in seven characters at most: ``0:05``, ``12:34``, ``1:02:03``, ``3d 04h``."""
    whole = int(seconds + 0.5)
    days, hours = whole // _DAY, whole % _DAY // _HOUR
    if days:
        return f"{days}d {hours:02}h" if days < 100 else "ages"
    minutes, rest = whole % _HOUR // _MINUTE, whole % _MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
