"""Texts as reports write them: any of them can be read by anybody's parser."""

from __future__ import annotations

from datetime import UTC, datetime


def readable(text: str) -> str:
    """Return the text with U+FFFD for bytes that are none (see ``model.fields.Field``)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def instant(seconds: float) -> str:
    """Return a time as RFC 3339 has it, in UTC.

    >>> instant(0)
    '1970-01-01T00:00:00.000Z'
    """
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, to the microsecond."""
    return round(seconds * 1000, 3)
