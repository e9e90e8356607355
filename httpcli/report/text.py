"""Texts as reports write them: any of them can be read by anybody's parser."""

from __future__ import annotations

from httpcli.core.headers import Fields


def readable(text: str) -> str:
    """Return the text with U+FFFD for bytes that are none (see ``model.fields.Field``)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def told_fields(fields: Fields) -> list[dict[str, str]]:
    """Return header fields as a list of names and values, order and duplicates kept."""
    return [{"name": readable(each.name), "value": readable(each.value)} for each in fields]


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, to the microsecond."""
    return round(seconds * 1000, 3)
