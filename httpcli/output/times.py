"""When something came, as people read it."""

from __future__ import annotations

from time import localtime, strftime


def by_the_clock(seconds: float) -> str:
    """Return the local time of day, to the millisecond. ``seconds`` are since 1970."""
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{int(seconds * 1000) % 1000:03d}"
