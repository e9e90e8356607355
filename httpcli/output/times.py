"""When something came, as people and as machines read it."""

from __future__ import annotations

from datetime import UTC, datetime
from time import localtime, strftime


def by_the_clock(seconds: float) -> str:
    """Return the local time of day, to the millisecond. ``seconds`` are since 1970."""
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{int(seconds * 1000) % 1000:03d}"


def on_the_calendar(seconds: float) -> str:
    """Return the time as RFC 3339 writes it, in UTC."""
    told = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")
