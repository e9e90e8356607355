"""Which responses can continue a partial file, as tables."""

from __future__ import annotations

import pytest

from httpcli.core.download import PartialState
from httpcli.core.headers import Field, Fields
from httpcli.protocol.ranges import (
    ContentRange,
    RangeResult,
    check_range_response,
    content_range,
    if_range_validator,
    is_other_representation,
    range_fields,
    supports_ranges,
)

MONDAY = "Mon, 02 Mar 2026 10:00:00 GMT"
A_SECOND_LATER = "Mon, 02 Mar 2026 10:00:01 GMT"
TUESDAY = "Tue, 03 Mar 2026 10:00:00 GMT"

KNOWN = PartialState("http://example.org/f", 100, '"v1"', MONDAY, TUESDAY)


def fields(*lines: str) -> Fields:
    pairs = (line.partition(": ") for line in lines)
    return Fields(Field(name, value) for name, _, value in pairs)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-99/100", ContentRange(0, 100, 100)),
        ("bytes 50-99/100", ContentRange(50, 100, 100)),
        ("bytes 50-50/100", ContentRange(50, 51, 100)),
        ("Bytes  5-9/*", ContentRange(5, 10, None)),
        (" bytes 0-0/1 ", ContentRange(0, 1, 1)),
        ("bytes */100", ContentRange(None, 0, 100)),
        ("bytes */0", ContentRange(None, 0, 0)),
        (None, None),
        ("", None),
        ("bytes */*", None),
        ("bytes 5-4/100", None),
        ("bytes 0-100/100", None),
        ("bytes 0-/100", None),
        ("bytes -5/100", None),
        ("bytes=0-99/100", None),
        ("items 0-99/100", None),
        ("bytes 0-99", None),
        ("bytes 0-99/100, bytes 0-9/100", None),
        ("bytes 0-٩٩/100", None),
        ("bytes +1-9/100", None),
        ("bytes 0x1-9/100", None),
        ("bytes 0-99999999999999999999/100", None),
    ],
)
def test_content_range_is_parsed_or_rejected(
    value: str | None, expected: ContentRange | None
) -> None:
    assert content_range(value) == expected


@pytest.mark.parametrize(
    ("etag", "modified", "date", "sent"),
    [
        ('"v1"', "", "", '"v1"'),
        ('"v1"', MONDAY, TUESDAY, '"v1"'),
        ('""', "", "", '""'),
        ('W/"v1"', "", "", ""),
        ('W/"v1"', MONDAY, TUESDAY, MONDAY),
        ('w/"v1"', "", "", ""),
        ("v1", "", "", ""),
        ('"a" "b"', "", "", ""),
        ('"a\r\nX: y"', "", "", ""),
        ("", MONDAY, TUESDAY, MONDAY),
        ("", MONDAY, A_SECOND_LATER, MONDAY),
        ("", MONDAY, MONDAY, ""),
        ("", TUESDAY, MONDAY, ""),
        ("", MONDAY, "", ""),
        ("", "yesterday", TUESDAY, ""),
        ("", "", TUESDAY, ""),
    ],
)
def test_only_a_strong_validator_is_a_condition(
    etag: str, modified: str, date: str, sent: str
) -> None:
    assert if_range_validator(PartialState("u", None, etag, modified, date)) == sent


@pytest.mark.parametrize(
    ("start", "end", "known", "expected"),
    [
        (5, None, None, ["Range: bytes=5-"]),
        (5, 10, None, ["Range: bytes=5-9"]),
        (5, None, KNOWN, ["Range: bytes=5-", 'If-Range: "v1"']),
        (0, 1, KNOWN, ["Range: bytes=0-0", 'If-Range: "v1"']),
        (5, None, KNOWN._replace(etag=""), ["Range: bytes=5-", f"If-Range: {MONDAY}"]),
        (5, None, PartialState("u"), ["Range: bytes=5-"]),
    ],
)
def test_range_is_requested_with_its_condition(
    start: int, end: int | None, known: PartialState | None, expected: list[str]
) -> None:
    assert [f"{name}: {value}" for name, value, _ in range_fields(start, end, known)] == expected


FITS = "Content-Range: bytes 40-99/100"
CHANGED = "it has changed on the server"
NO_RANGE = "the server does not say which part it sends"


@pytest.mark.parametrize(
    ("status", "lines", "result", "reason"),
    [
        (206, [FITS], RangeResult.PART, ""),
        (206, [FITS, 'ETag: "v1"', f"Last-Modified: {MONDAY}"], RangeResult.PART, ""),
        (206, [FITS, 'ETag: W/"v1"'], RangeResult.PART, ""),
        (206, [FITS, "Content-Length: 60"], RangeResult.PART, ""),
        (206, ["Content-Range: bytes 40-49/100"], RangeResult.PART, ""),
        (206, ["Content-Range: bytes 40-99/*"], RangeResult.PART, ""),
        (206, [FITS, 'ETag: "v2"'], RangeResult.UNUSABLE, CHANGED),
        (206, [FITS, 'ETag: W/"v2"'], RangeResult.UNUSABLE, CHANGED),
        (206, [FITS, f"Last-Modified: {TUESDAY}"], RangeResult.UNUSABLE, CHANGED),
        (206, ["Content-Range: bytes 40-98/99"], RangeResult.UNUSABLE, CHANGED),
        (206, [], RangeResult.UNUSABLE, NO_RANGE),
        (206, ["Content-Range: bytes 40-99"], RangeResult.UNUSABLE, NO_RANGE),
        (206, ["Content-Range: bytes */100"], RangeResult.UNUSABLE, NO_RANGE),
        (
            206,
            ["Content-Range: bytes 0-99/100"],
            RangeResult.UNUSABLE,
            "the server sends it from byte 0 on, not 40",
        ),
        (
            206,
            ["Content-Range: bytes 41-99/100"],
            RangeResult.UNUSABLE,
            "the server sends it from byte 41 on, not 40",
        ),
        (
            206,
            [FITS, "Content-Length: 59"],
            RangeResult.UNUSABLE,
            "the server says two lengths of the part it sends",
        ),
        (200, ['ETag: "v1"'], RangeResult.WHOLE, "the server does not send parts"),
        (200, [], RangeResult.WHOLE, "the server does not send parts"),
        (200, ['ETag: "v2"'], RangeResult.WHOLE, CHANGED),
        (200, [f"Last-Modified: {TUESDAY}"], RangeResult.WHOLE, CHANGED),
        (416, ["Content-Range: bytes */40"], RangeResult.UNUSABLE, CHANGED),
        (
            416,
            ["Content-Range: bytes */30"],
            RangeResult.UNUSABLE,
            "the server has no such part of it",
        ),
        (416, [], RangeResult.UNUSABLE, "the server has no such part of it"),
        (404, [], RangeResult.REFUSED, ""),
        (500, [], RangeResult.REFUSED, ""),
        (302, [], RangeResult.REFUSED, ""),
    ],
)
def test_response_is_appended_only_if_it_fits(
    status: int, lines: list[str], result: RangeResult, reason: str
) -> None:
    check = check_range_response(status, fields(*lines), KNOWN, 40)
    assert (check.result, check.reason) == (result, reason)


@pytest.mark.parametrize("known", [None, KNOWN._replace(size=None), KNOWN])
def test_416_with_the_size_of_the_partial_file_is_complete(known: PartialState | None) -> None:
    response = fields("Content-Range: bytes */100")
    assert check_range_response(416, response, known, 100).result is RangeResult.COMPLETE


def test_416_for_another_file_of_that_size_is_not_complete() -> None:
    response = fields("Content-Range: bytes */100", 'ETag: "v2"')
    assert check_range_response(416, response, KNOWN, 100).result is RangeResult.UNUSABLE


@pytest.mark.parametrize(
    ("status", "lines", "result"),
    [
        (200, [], RangeResult.WHOLE),
        (203, [], RangeResult.WHOLE),
        (206, ["Content-Range: bytes 0-99/100"], RangeResult.PART),
        (206, ["Content-Range: bytes 10-99/100"], RangeResult.UNUSABLE),
        (206, [], RangeResult.UNUSABLE),
        (416, ["Content-Range: bytes */0"], RangeResult.REFUSED),
        (304, [], RangeResult.REFUSED),
    ],
)
def test_full_request_accepts_only_a_response_from_byte_zero(
    status: int, lines: list[str], result: RangeResult
) -> None:
    assert check_range_response(status, fields(*lines), None, None).result is result


@pytest.mark.parametrize(
    ("status", "lines", "another"),
    [
        (206, ['ETag: "v1"', "Content-Range: bytes 0-9/100"], False),
        (206, ['ETag: "v1"', "Content-Range: bytes 0-9/*"], False),
        (206, ['ETag: "v1"', "Content-Range: bytes 0-9/101"], True),
        (206, ['ETag: "v2"', "Content-Range: bytes 0-9/100"], True),
        (200, ['ETag: "v1"', "Content-Length: 100"], False),
        (200, ['ETag: "v1"', "Content-Length: 99"], True),
        (200, ['ETag: "v2"', "Content-Length: 100"], True),
        (416, ["Content-Range: bytes */5"], True),
        (503, ["Content-Length: 3"], False),
    ],
)
def test_response_of_another_file_is_detected_by_size_or_validator(
    status: int, lines: list[str], another: bool
) -> None:
    assert is_other_representation(KNOWN, status, fields(*lines)) == another


@pytest.mark.parametrize(
    ("status", "lines", "offered"),
    [
        (200, ["Accept-Ranges: bytes"], True),
        (200, ["Accept-Ranges: Bytes "], True),
        (200, ["Accept-Ranges: none"], False),
        (200, [], False),
        (206, [], True),
        (404, ["Accept-Ranges: bytes"], False),
    ],
)
def test_range_support_is_read_from_the_response(
    status: int, lines: list[str], offered: bool
) -> None:
    assert supports_ranges(status, fields(*lines)) == offered
