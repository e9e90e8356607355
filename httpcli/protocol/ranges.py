"""Range requests (RFC 9110, 14): requests parts of a file, and checks the responses.

Handles Range (14.2), Content-Range (14.4), If-Range (13.1.5), and the validators that
prove that two parts belong to the same version of the file (8.8).
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
_RANGE_FIELDS = ("Range", "If-Range")


class ContentRange(NamedTuple):
    """The value of a Content-Range header."""

    start: int | None
    """The offset of the first byte; None if the file has no byte in the requested range."""
    end: int
    """The offset after the last byte."""
    size: int | None
    """The size of the complete file; None if the server does not state it."""


def content_range(value: str | None) -> ContentRange | None:
    """Parse a Content-Range; None if it is missing, invalid or contradictory."""
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
    """Return the validator for If-Range; empty without a strong one.

    Last-Modified is strong if it is earlier than the response's Date: a file may change
    twice in one second (8.8.2.2).
    """
    if _STRONG.fullmatch(known.etag):
        return known.etag
    modified, sent = parse_date(known.last_modified), parse_date(known.date)
    strong = modified is not None and sent is not None and modified < sent
    return known.last_modified if strong else ""


def range_fields(
    start: int, end: int | None = None, known: PartialState | None = None
) -> list[Field]:
    """Return the headers that request the bytes from ``start`` up to, and without, ``end``.

    ``end`` is None for all remaining bytes. With a strong validator in ``known``, the
    server sends the complete file if it has changed.
    """
    last = "" if end is None else str(end - 1)
    fields = [Field("Range", f"bytes={start}-{last}")]
    validator = if_range_validator(known) if known is not None else ""
    return [*fields, Field("If-Range", validator)] if validator else fields


def without_ranges(fields: Fields) -> Fields:
    """Return the headers without typed range headers, which the download sets itself."""
    return fields.without(*_RANGE_FIELDS)


class RangeResult(Enum):
    """How a response to a range request can be used."""

    PART = "part"
    """Its body is the requested part."""
    WHOLE = "whole"
    """Its body is the complete file."""
    COMPLETE = "complete"
    """The partial file is already complete."""
    UNUSABLE = "useless"
    """It does not match the partial file: the complete file must be requested."""
    REFUSED = "refused"
    """It is an error or a redirect."""


class RangeCheck(NamedTuple):
    """The result of ``check_range_response``."""

    result: RangeResult
    reason: str = ""
    """Why the partial file cannot be resumed; empty if it can."""
    end: int | None = None
    """The offset after the last byte of the part that the body has; else None."""


def check_range_response(
    status: int, fields: Fields, known: PartialState | None, start: int | None
) -> RangeCheck:
    """Return how a response can be used.

    ``known`` is the state of the partial file. ``start`` is the offset of the first
    requested byte; None if the complete file was requested.
    """
    if status == 206:
        return _check_part(fields, known, 0 if start is None else start)
    if status == 416 and start is not None:
        return _check_unsatisfied(fields, known, start)
    if not 200 <= status <= 299:
        return RangeCheck(RangeResult.REFUSED)
    if start is None:
        return RangeCheck(RangeResult.WHOLE)
    if known is not None and has_changed(known, fields):
        return RangeCheck(RangeResult.WHOLE, "it has changed on the server")
    return RangeCheck(RangeResult.WHOLE, "the server does not send parts")


def _check_part(fields: Fields, known: PartialState | None, start: int) -> RangeCheck:
    received = content_range(fields.first("Content-Range"))
    if received is None or received.start is None:
        return RangeCheck(RangeResult.UNUSABLE, "the server does not say which part it sends")
    if received.start != start:
        return RangeCheck(
            RangeResult.UNUSABLE, f"the server sends it from byte {received.start} on, not {start}"
        )
    if _contradicts_length(fields, received):
        return RangeCheck(RangeResult.UNUSABLE, "the server says two lengths of the part it sends")
    if known is not None:
        if None not in (known.size, received.size) and known.size != received.size:
            return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
        if has_changed(known, fields):
            return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    return RangeCheck(RangeResult.PART, end=received.end)


def _contradicts_length(fields: Fields, received: ContentRange) -> bool:
    start = received.start or 0
    return fields.content_length not in (None, received.end - start)


def _check_unsatisfied(fields: Fields, known: PartialState | None, start: int) -> RangeCheck:
    received = content_range(fields.first("Content-Range"))
    if received is None or received.start is not None or received.size != start:
        return RangeCheck(RangeResult.UNUSABLE, "the server has no such part of it")
    if known is not None and known.size not in (None, received.size):
        return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    if known is not None and has_changed(known, fields):
        return RangeCheck(RangeResult.UNUSABLE, "it has changed on the server")
    return RangeCheck(RangeResult.COMPLETE)


def has_changed(known: PartialState, fields: Fields) -> bool:
    """Return whether a response's validators differ from those of the partial file.

    Entity tags are compared weakly (8.8.3.2).
    """
    etag = fields.first("ETag")
    if etag is not None and known.etag:
        return _opaque_tag(etag) != _opaque_tag(known.etag)
    modified = fields.first("Last-Modified")
    return modified is not None and bool(known.last_modified) and modified != known.last_modified


def is_other_representation(known: PartialState, status: int, fields: Fields) -> bool:
    """Return whether size or validators of a response prove another version of the file."""
    received = content_range(fields.first("Content-Range"))
    size = None if received is None else received.size
    if status == 200 and fields.content_length is not None:
        size = fields.content_length
    return size not in (None, known.size) or has_changed(known, fields)


def supports_ranges(status: int, fields: Fields) -> bool:
    """Return whether the server supports ranges of this resource (14.3)."""
    offered = (fields.first("Accept-Ranges") or "").strip().lower()
    return status == 206 or (status == 200 and offered == "bytes")


def partial_state_of(
    url: str, fields: Fields, size: int | None, checksum: str = ""
) -> PartialState:
    """Return the state of a partial file that begins with this response."""
    return PartialState(
        url=url,
        size=size,
        etag=fields.first("ETag") or "",
        last_modified=fields.first("Last-Modified") or "",
        date=fields.first("Date") or "",
        checksum=checksum,
    )


def _opaque_tag(etag: str) -> str:
    return etag.removeprefix("W/")
