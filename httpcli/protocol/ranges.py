"""Parts of a representation: how they are asked for, and whether an answer may be joined to one.

RFC 9110: Range (14.2), Content-Range (14.4), If-Range (13.1.5), and which
validators are strong enough to join bytes by (8.8).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from httpcli.core.download import PartialState
from httpcli.core.headers import Field, Fields
from httpcli.protocol.dates import parse_date

_CONTENT_RANGE = re.compile(
    r"bytes[ \t]+(?:([0-9]{1,19})-([0-9]{1,19})|\*)/(?:([0-9]{1,19})|\*)", re.IGNORECASE
)
_STRONG = re.compile(r'"[^"\x00-\x20\x7f]*"')
_OF_RANGES = ("Range", "If-Range")


class ContentRange(NamedTuple):
    """What a Content-Range field says; ``end`` is behind the last byte.

    ``start`` is None where none of the range that was asked for exists, ``size``
    where the server does not tell it.
    """

    start: int | None
    end: int
    size: int | None


def content_range(value: str | None) -> ContentRange | None:
    """Return what the field says, None where it is missing, broken or contradicts itself."""
    match = _CONTENT_RANGE.fullmatch((value or "").strip())
    if match is None:
        return None
    size = None if match[3] is None else int(match[3])
    if match[1] is None:
        return None if size is None else ContentRange(None, 0, size)
    start, end = int(match[1]), int(match[2]) + 1
    if start >= end or (size is not None and end > size):
        return None
    return ContentRange(start, end, size)


def if_range_validator(known: PartialState) -> str:
    """Return the validator for If-Range, empty where none is strong.

    A date is strong where the response was sent later than it says: within one
    second a file may have changed twice (8.8.2.2).
    """
    if _STRONG.fullmatch(known.etag):
        return known.etag
    modified, sent = parse_date(known.last_modified), parse_date(known.date)
    strong = modified is not None and sent is not None and modified < sent
    return known.last_modified if strong else ""


def range_fields(
    start: int, end: int | None = None, known: PartialState | None = None
) -> list[Field]:
    """Return the fields that ask for the bytes from ``start`` on, up to ``end`` or the last.

    ``known``: only where they are still of that representation, if that can be said.
    """
    last = "" if end is None else str(end - 1)
    fields = [Field("Range", f"bytes={start}-{last}")]
    validator = if_range_validator(known) if known is not None else ""
    return [*fields, Field("If-Range", validator)] if validator else fields


def without_ranges(fields: Fields) -> Fields:
    """Return the fields without those that ask for a part: which one, is settled here."""
    return fields.without(*_OF_RANGES)


class RangeResult(Enum):
    """What an answer to a request for the rest of something is good for."""

    PART = "part"
    """Its content goes where it was asked for."""
    WHOLE = "whole"
    """It is all of it, from the first byte on."""
    COMPLETE = "complete"
    """There was nothing left to ask for."""
    UNUSABLE = "useless"
    """It cannot be joined to what is there: ask again, for all of it."""
    REFUSED = "refused"
    """It is no representation of what was asked for, but an error or a redirect."""


class RangeCheck(NamedTuple):
    """The verdict, and why what is there cannot be gone on with (empty where it can)."""

    result: RangeResult
    reason: str = ""
    end: int | None = None
    """Where the part ends that came, behind its last byte."""


def check_range_response(
    status: int, fields: Fields, known: PartialState | None, start: int | None
) -> RangeCheck:
    """Say what an answer is good for.

    ``known`` is what was there when it was asked for, ``start`` the first byte
    of the range; None where all was asked for.
    """
    if status == 206:
        return _part(fields, known, 0 if start is None else start)
    if status == 416 and start is not None:
        return _nothing_left(fields, known, start)
    if not 200 <= status <= 299:
        return RangeCheck(RangeResult.REFUSED)
    if start is None:
        return RangeCheck(RangeResult.WHOLE)
    if known is not None and has_changed(known, fields):
        return RangeCheck(RangeResult.WHOLE, "it has changed on the server")
    return RangeCheck(RangeResult.WHOLE, "the server does not send parts")


def _part(fields: Fields, known: PartialState | None, start: int) -> RangeCheck:
    came = content_range(fields.first("Content-Range"))
    if came is None or came.start is None:
        return RangeCheck(RangeResult.UNUSABLE, "the server does not say which part it sends")
    if came.start != start:
        return RangeCheck(
            RangeResult.UNUSABLE, f"the server sends it from byte {came.start} on, not {start}"
        )
    if _says_other_length(fields, came):
        return RangeCheck(RangeResult.UNUSABLE, "the server says two lengths of the part it sends")
    if known is not None:
        if None not in (known.size, came.size) and known.size != came.size:
            return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
        if has_changed(known, fields):
            return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    return RangeCheck(RangeResult.PART, end=came.end)


def _says_other_length(fields: Fields, came: ContentRange) -> bool:
    start = came.start or 0
    return fields.content_length not in (None, came.end - start)


def _nothing_left(fields: Fields, known: PartialState | None, start: int) -> RangeCheck:
    came = content_range(fields.first("Content-Range"))
    if came is None or came.start is not None or came.size != start:
        return RangeCheck(RangeResult.UNUSABLE, "the server has no such part of it")
    if known is not None and known.size not in (None, came.size):
        return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    if known is not None and has_changed(known, fields):
        return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    return RangeCheck(RangeResult.COMPLETE)


def has_changed(known: PartialState, fields: Fields) -> bool:
    """Tell whether a response is of another representation, as far as its fields say.

    Weakly compared: an entity tag that is another one is another one, weak or not.
    """
    etag = fields.first("ETag")
    if etag is not None and known.etag:
        return _opaque(etag) != _opaque(known.etag)
    modified = fields.first("Last-Modified")
    return modified is not None and bool(known.last_modified) and modified != known.last_modified


def is_other_representation(known: PartialState, status: int, fields: Fields) -> bool:
    """Tell whether an answer about a part is of another representation, by size or validator."""
    came = content_range(fields.first("Content-Range"))
    size = None if came is None else came.size
    if status == 200 and fields.content_length is not None:
        size = fields.content_length
    return size not in (None, known.size) or has_changed(known, fields)


def supports_ranges(status: int, fields: Fields) -> bool:
    """Tell whether the server offers parts of what it answered with (14.3)."""
    offered = (fields.first("Accept-Ranges") or "").strip().lower()
    return status == 206 or (status == 200 and offered == "bytes")


def partial_state_of(
    url: str, fields: Fields, size: int | None, checksum: str = ""
) -> PartialState:
    """Return what a response with these fields begins."""
    return PartialState(
        url=url,
        size=size,
        etag=fields.first("ETag") or "",
        last_modified=fields.first("Last-Modified") or "",
        date=fields.first("Date") or "",
        checksum=checksum,
    )


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")
