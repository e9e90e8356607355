"""Range requests (RFC 9110, 14): requests parts of a file, and checks the responses.

Handles Range (14.2), Content-Range (14.4), If-Range (13.1.5), and the validators that
prove that two parts belong to the same version of the file (8.8).
"""

from __future__ import annotations

import re
from enum import Enum

from httpcli.core.download import PartialState
from httpcli.core.headers import Field, Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.dates import parse_date

_CONTENT_RANGE = re.compile(
    r"bytes[ \t]+(?:([0-9]{1,19})-([0-9]{1,19})|\*)/(?:([0-9]{1,19})|\*)", re.IGNORECASE
)
_STRONG = re.compile(r'"[^"\x00-\x20\x7f]*"')
_RANGE_FIELDS = ("Range", "If-Range")
_TYPED_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})", re.IGNORECASE)


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
    """How a response to a request for a file, or a range of it, can be used."""

    PART = "part"
    """Its body is the requested part."""
    WHOLE = "whole"
    """Its body is the complete file."""
    COMPLETE = "complete"
    """The partial file is already complete."""
    UNUSABLE = "unusable"
    """It does not match the partial file: the complete file must be requested."""
    NO_FILE = "no file"
    """It is a success without the file, such as 204 (No Content)."""
    REFUSED = "refused"
    """It is an error or a redirect."""


class RangeCheck(NamedTuple):
    """The result of ``check_range_response``."""

    result: RangeResult
    reason: str = ""
    """Why the partial file cannot be resumed; empty if it can."""
    end: int | None = None
    """The offset after the last byte of the part that the body has; else None."""


class RangeRequirements(NamedTuple):
    """What a request requires of the response that it gets."""

    known: PartialState | None = None
    """The state of the partial file; None without one."""
    start: int | None = None
    """The offset of the first requested byte; None if the complete file was requested."""
    method: str = "GET"
    is_proven_otherwise: bool = False
    """Whether a checksum, or the user's word, proves what the validators do not."""


_NOT_THE_FILE = frozenset({202, 207, 208, 226})
"""Successful responses to GET whose body is about the file, or a difference to another version."""
_NO_CONTENT = frozenset({204, 205})
_SINGLE_FIELDS = ("Content-Range", "Content-Length", "ETag", "Last-Modified")
_CHANGED = RangeCheck(RangeResult.UNUSABLE, "the file has changed on the server")


def check_range_response(
    status: int, fields: Fields, required: RangeRequirements, *, is_decoded: bool = False
) -> RangeCheck:
    """Return how a response can be used.

    ``is_decoded``: a content coding is decoded, so other bytes are saved than were sent.
    """
    if status == 206:
        return _check_part(fields, required, is_decoded=is_decoded)
    if status == 416 and required.start is not None:
        return _check_unsatisfied(fields, required, required.start)
    if not 200 <= status <= 299:
        return RangeCheck(RangeResult.REFUSED)
    if status in _NO_CONTENT or (status in _NOT_THE_FILE and required.method == "GET"):
        return RangeCheck(RangeResult.NO_FILE)
    if _says_that_it_is_a_part(fields):
        return RangeCheck(RangeResult.UNUSABLE, "the server sends a part of it as if it were all")
    if required.start is None:
        return RangeCheck(RangeResult.WHOLE)
    if required.known is not None and has_changed(required.known, fields):
        return RangeCheck(RangeResult.WHOLE, "the file has changed on the server")
    if required.known is not None and _is_page_instead(required.known, fields):
        return RangeCheck(RangeResult.NO_FILE, "an HTML page without its validator")
    return RangeCheck(RangeResult.WHOLE, "the server does not support ranges")


def has_whole_file(status: int, fields: Fields, method: str = "GET") -> bool:
    """Return whether the response to a request without Range has the complete file."""
    check = check_range_response(status, fields, RangeRequirements(method=method))
    received = content_range(fields.single("Content-Range"))
    is_all = received is not None and received.size == check.end
    return check.result is RangeResult.WHOLE or (check.result is RangeResult.PART and is_all)


def check_typed_range(typed: str, fields: Fields) -> str:
    """Return why a 206 does not have the range in a typed Range header; empty if it may.

    Only one range of bytes is compared: other requests get whatever the server makes of them.
    """
    contradiction = _contradiction(fields)
    match = _TYPED_RANGE.fullmatch(typed.strip())
    if contradiction or match is None:
        return contradiction
    if _is_multipart(fields):
        return "the server sends several parts"
    received = content_range(fields.single("Content-Range"))
    if received is None or received.start is None:
        return ""
    first, last = match.groups()
    if first:
        fits = received.start == int(first) and not (last and received.end > int(last) + 1)
    else:
        fits = received.size is None or received.start == max(0, received.size - int(last or 0))
    return "" if fits else f"the server sends the bytes {received.start}-{received.end - 1}"


def _says_that_it_is_a_part(fields: Fields) -> bool:
    """Return whether a Content-Range says that the body of a 200 is not the complete file."""
    received = content_range(fields.single("Content-Range"))
    if received is None or received.start is None:
        return fields.contradicts("Content-Range") or _is_multipart(fields)
    return (received.start, received.end) != (0, received.size or received.end)


def _is_page_instead(known: PartialState, fields: Fields) -> bool:
    """Return whether a 200 is an HTML page with neither a validator nor the file's length.

    So a server demands a login, or limits downloads: that is no evidence of a changed file.
    """
    if not (fields.first("Content-Type") or "").strip().lower().startswith("text/html"):
        return False
    length = None if fields.has("Transfer-Encoding") else fields.content_length
    has_validator = fields.has("ETag") or fields.has("Last-Modified")
    return bool(if_range_validator(known)) and not has_validator and length != known.size


def _check_part(fields: Fields, required: RangeRequirements, *, is_decoded: bool) -> RangeCheck:
    start, known = required.start or 0, required.known
    received = content_range(fields.single("Content-Range"))
    reason = _contradiction(fields)
    if reason:
        pass
    elif received is None or received.start is None or _is_multipart(fields):
        reason = "the server does not specify which range it sends"
    elif received.start != start:
        reason = f"the server sends from byte {received.start}, not from byte {start}"
    elif fields.content_length not in (None, received.end - received.start):
        reason = "the server sends two different lengths of the part"
    elif is_decoded:
        reason = "the server sends ranges of a compressed body"
    elif known is not None:
        reason = _reason_not_to_join(known, fields, received, required)
    if reason or received is None:
        return RangeCheck(RangeResult.UNUSABLE, reason)
    return RangeCheck(RangeResult.PART, end=received.end)


def _reason_not_to_join(
    known: PartialState, fields: Fields, received: ContentRange, required: RangeRequirements
) -> str:
    """Return why a part may be of another version than the partial file; empty if it is not.

    A part is joined only if it has the same strong validator (RFC 9110, 15.3.7.3).
    """
    sizes_differ = None not in (known.size, received.size) and known.size != received.size
    is_beyond_end = known.size is not None and received.end > known.size
    if sizes_differ or is_beyond_end or has_changed(known, fields):
        return _CHANGED.reason
    if known.coding is not None and known.coding != content_coding(fields):
        return "the server sends it in another content coding"
    if required.is_proven_otherwise or _has_strong_validator_of(known, fields):
        return ""
    name = "ETag" if _STRONG.fullmatch(known.etag) else "Last-Modified"
    return f"the server sends a part without the file's {name}"


def _has_strong_validator_of(known: PartialState, fields: Fields) -> bool:
    """Return whether a response repeats the strong validator of the partial file."""
    validator = if_range_validator(known)
    name = "ETag" if validator == known.etag else "Last-Modified"
    return bool(validator) and fields.single(name) == validator


def _contradiction(fields: Fields) -> str:
    """Return which header a response has twice, with different values; empty for none."""
    wrong = [name for name in _SINGLE_FIELDS if fields.contradicts(name)]
    return f"the server sends two different {wrong[0]} headers" if wrong else ""


def _is_multipart(fields: Fields) -> bool:
    """Return whether a body is a multipart message of several ranges (14.6)."""
    types = fields.all_values("Content-Type")
    return any(value.strip().lower().startswith("multipart/byteranges") for value in types)


def _check_unsatisfied(fields: Fields, required: RangeRequirements, start: int) -> RangeCheck:
    known = required.known
    received = content_range(fields.single("Content-Range"))
    if received is None or received.start is not None or received.size != start:
        return RangeCheck(RangeResult.UNUSABLE, "the server does not have this range")
    if known is not None and known.size not in (None, received.size):
        return _CHANGED
    if known is not None and has_changed(known, fields):
        return _CHANGED
    if known is None or known.size is not None or required.is_proven_otherwise:
        return RangeCheck(RangeResult.COMPLETE)
    # The size was unknown: nothing but this response says that the last byte is there.
    if not _has_strong_validator_of(known, fields):
        return RangeCheck(RangeResult.UNUSABLE, "the server does not prove that it is complete")
    return RangeCheck(RangeResult.COMPLETE)


def has_changed(known: PartialState, fields: Fields) -> bool:
    """Return whether a response's validators differ from those of the partial file.

    Entity tags are compared weakly (8.8.3.2). That nothing differs proves nothing.
    """
    etag = fields.single("ETag")
    if etag is not None and known.etag:
        return _opaque_tag(etag) != _opaque_tag(known.etag)
    modified = fields.single("Last-Modified")
    return modified is not None and bool(known.last_modified) and modified != known.last_modified


def supports_ranges(status: int, fields: Fields) -> bool:
    """Return whether the server supports ranges of this resource (14.3)."""
    offered = ",".join(fields.all_values("Accept-Ranges")).lower().split(",")
    return status == 206 or (status == 200 and {word.strip() for word in offered} == {"bytes"})


def refuses_ranges(fields: Fields) -> bool:
    """Return whether the server says that it supports no ranges of this resource (14.3)."""
    return ",".join(fields.all_values("Accept-Ranges")).strip().lower() == "none"


def content_coding(fields: Fields) -> str:
    """Return the content codings of a response in lower case, joined; empty for none."""
    codings = ",".join(fields.all_values("Content-Encoding")).lower().split(",")
    return ",".join(word for word in map(str.strip, codings) if word not in ("", "identity"))


def partial_state_of(
    url: str, fields: Fields, size: int | None, checksum: str = ""
) -> PartialState:
    """Return the state of a partial file that begins with this response."""
    return PartialState(
        url=url,
        size=size,
        etag=fields.single("ETag") or "",
        last_modified=fields.single("Last-Modified") or "",
        date=fields.single("Date") or "",
        checksum=checksum,
        coding=content_coding(fields),
    )


def _opaque_tag(etag: str) -> str:
    return etag[2:] if etag.startswith(("W/", "w/")) else etag
