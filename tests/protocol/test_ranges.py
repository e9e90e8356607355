"""Which responses can continue a partial file, as tables."""

from __future__ import annotations

import pytest

from httpcli.core.download import PartialState
from httpcli.core.headers import Field, Fields
from httpcli.protocol.ranges import (
    ContentRange,
    RangeRequirements,
    RangeResult,
    check_range_response,
    check_typed_range,
    content_coding,
    content_range,
    has_whole_file,
    if_range_validator,
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
TAG = 'ETag: "v1"'
CHANGED = "the file has changed on the server"
NO_PARTS = "the server does not support ranges"
PAGE = "an HTML page without its validator"
UNPROVEN = "the server sends a part without the file's ETag"
TWO = "the server sends two different {} headers"
NO_RANGE = "the server does not specify which range it sends"


@pytest.mark.parametrize(
    ("status", "lines", "result", "reason"),
    [
        (206, [FITS, TAG], RangeResult.PART, ""),
        (206, [FITS, TAG, TAG], RangeResult.PART, ""),
        (206, [FITS, FITS, TAG], RangeResult.PART, ""),
        (206, [FITS, TAG, f"Last-Modified: {MONDAY}"], RangeResult.PART, ""),
        (206, [FITS, TAG, f"Last-Modified: {TUESDAY}"], RangeResult.PART, ""),
        (206, [FITS, TAG, "Content-Length: 60"], RangeResult.PART, ""),
        (206, [FITS, TAG, "Content-Encoding: identity"], RangeResult.PART, ""),
        (206, [TAG, "Content-Range: bytes 40-49/100"], RangeResult.PART, ""),
        (206, [TAG, "Content-Range: bytes 40-99/*"], RangeResult.PART, ""),
        (206, [FITS], RangeResult.UNUSABLE, UNPROVEN),
        (206, [FITS, 'ETag: W/"v1"'], RangeResult.UNUSABLE, UNPROVEN),
        (206, [FITS, 'ETag: w/"v1"'], RangeResult.UNUSABLE, UNPROVEN),
        (206, [FITS, f"Last-Modified: {MONDAY}"], RangeResult.UNUSABLE, UNPROVEN),
        (206, [FITS, "ETag: v1"], RangeResult.UNUSABLE, CHANGED),
        (206, [FITS, 'ETag: "v1""v2"'], RangeResult.UNUSABLE, CHANGED),
        (206, [FITS, TAG, 'ETag: "v2"'], RangeResult.UNUSABLE, TWO.format("ETag")),
        (
            206,
            [FITS, TAG, f"Last-Modified: {MONDAY}", f"Last-Modified: {TUESDAY}"],
            RangeResult.UNUSABLE,
            TWO.format("Last-Modified"),
        ),
        (
            206,
            [FITS, TAG, "Content-Range: bytes 0-59/100"],
            RangeResult.UNUSABLE,
            TWO.format("Content-Range"),
        ),
        (
            206,
            [FITS, TAG, "Content-Length: 60", "Content-Length: 61"],
            RangeResult.UNUSABLE,
            TWO.format("Content-Length"),
        ),
        (206, [TAG, "Content-Range: bytes 40-100/*"], RangeResult.UNUSABLE, CHANGED),
        (
            206,
            [FITS, TAG, "Content-Type: multipart/byteranges; boundary=x"],
            RangeResult.UNUSABLE,
            NO_RANGE,
        ),
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
            "the server sends from byte 0, not from byte 40",
        ),
        (
            206,
            ["Content-Range: bytes 41-99/100"],
            RangeResult.UNUSABLE,
            "the server sends from byte 41, not from byte 40",
        ),
        (
            206,
            [FITS, "Content-Length: 59"],
            RangeResult.UNUSABLE,
            "the server sends two different lengths of the part",
        ),
        (200, ['ETag: "v1"'], RangeResult.WHOLE, "the server does not support ranges"),
        (200, [], RangeResult.WHOLE, "the server does not support ranges"),
        (200, ["Content-Type: text/html; x"], RangeResult.NO_FILE, PAGE),
        (200, ["Content-Type: text/html", 'ETag: "v1"'], RangeResult.WHOLE, NO_PARTS),
        (200, ["Content-Type: text/html", 'ETag: "v2"'], RangeResult.WHOLE, CHANGED),
        (200, ['ETag: "v2"'], RangeResult.WHOLE, CHANGED),
        (200, [f"Last-Modified: {TUESDAY}"], RangeResult.WHOLE, CHANGED),
        (416, ["Content-Range: bytes */40"], RangeResult.UNUSABLE, CHANGED),
        (
            416,
            ["Content-Range: bytes */30"],
            RangeResult.UNUSABLE,
            "the server does not have this range",
        ),
        (416, [], RangeResult.UNUSABLE, "the server does not have this range"),
        (
            416,
            ["Content-Range: bytes */40", "Content-Range: bytes */100"],
            RangeResult.UNUSABLE,
            "the server does not have this range",
        ),
        (204, [], RangeResult.NO_FILE, ""),
        (205, [], RangeResult.NO_FILE, ""),
        (202, [], RangeResult.NO_FILE, ""),
        (207, [], RangeResult.NO_FILE, ""),
        (208, [], RangeResult.NO_FILE, ""),
        (226, [], RangeResult.NO_FILE, ""),
        (404, [], RangeResult.REFUSED, ""),
        (500, [], RangeResult.REFUSED, ""),
        (302, [], RangeResult.REFUSED, ""),
    ],
)
def test_response_is_appended_only_if_it_fits(
    status: int, lines: list[str], result: RangeResult, reason: str
) -> None:
    check = check_range_response(status, fields(*lines), RangeRequirements(KNOWN, 40))
    assert (check.result, check.reason) == (result, reason)


UNTAGGED = KNOWN._replace(etag="")
WEAK = KNOWN._replace(etag='W/"v1"')


@pytest.mark.parametrize(
    ("known", "lines", "is_joined"),
    [
        (UNTAGGED, [FITS, f"Last-Modified: {MONDAY}"], True),
        (UNTAGGED, [FITS, TAG, f"Last-Modified: {MONDAY}"], True),
        (UNTAGGED, [FITS], False),
        (UNTAGGED, [FITS, TAG], False),
        (UNTAGGED, [FITS, f"Last-Modified: {TUESDAY}"], False),
        (UNTAGGED._replace(date=MONDAY), [FITS, f"Last-Modified: {MONDAY}"], False),
        (UNTAGGED._replace(date=""), [FITS, f"Last-Modified: {MONDAY}"], False),
        (WEAK, [FITS, f"Last-Modified: {MONDAY}"], True),
        (WEAK, [FITS, 'ETag: W/"v1"', f"Last-Modified: {MONDAY}"], True),
        (WEAK, [FITS, 'ETag: W/"v1"'], False),
        (WEAK, [FITS, 'ETag: W/"v2"', f"Last-Modified: {MONDAY}"], False),
        (KNOWN._replace(coding="gzip"), [FITS, TAG], False),
        (KNOWN._replace(coding="gzip"), [FITS, TAG, "Content-Encoding: GZIP"], True),
        (KNOWN._replace(coding=None), [FITS, TAG, "Content-Encoding: gzip"], True),
        (KNOWN._replace(coding=""), [FITS, TAG, "Content-Encoding: gzip"], False),
        (PartialState("http://example.org/f"), [FITS], False),
    ],
)
def test_part_is_joined_only_by_a_strong_validator(
    known: PartialState, lines: list[str], is_joined: bool
) -> None:
    check = check_range_response(206, fields(*lines), RangeRequirements(known, 40))
    assert (check.result is RangeResult.PART) == is_joined
    assert bool(check.reason) != is_joined


@pytest.mark.parametrize(
    ("known", "lines", "is_joined"),
    [
        (KNOWN, [FITS], True),
        (KNOWN, [FITS, 'ETag: W/"v1"'], True),
        (KNOWN, [FITS, 'ETag: "v2"'], False),
        (KNOWN, [FITS, TAG, 'ETag: "v2"'], False),
        (KNOWN, [FITS, f"Last-Modified: {TUESDAY}"], False),
        (KNOWN, ["Content-Range: bytes 40-98/99"], False),
        (PartialState("http://example.org/f"), [FITS], True),
        (PartialState("http://example.org/f"), [FITS, TAG], True),
    ],
)
def test_checksum_replaces_a_missing_validator_but_not_a_contradiction(
    known: PartialState, lines: list[str], is_joined: bool
) -> None:
    required = RangeRequirements(known, 40, is_proven_otherwise=True)
    check = check_range_response(206, fields(*lines), required)
    assert (check.result is RangeResult.PART) == is_joined


def test_part_of_decoded_content_is_not_joined() -> None:
    known = KNOWN._replace(coding="gzip")
    lines = fields(FITS, TAG, "Content-Encoding: gzip")
    check = check_range_response(206, lines, RangeRequirements(known, 40), is_decoded=True)
    assert (check.result, check.reason) == (
        RangeResult.UNUSABLE,
        "the server sends ranges of a compressed body",
    )


@pytest.mark.parametrize("method", ["POST", "PROPFIND", "DELETE"])
@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, RangeResult.WHOLE),
        (201, RangeResult.WHOLE),
        (202, RangeResult.WHOLE),
        (207, RangeResult.WHOLE),
        (204, RangeResult.NO_FILE),
        (205, RangeResult.NO_FILE),
        (404, RangeResult.REFUSED),
    ],
)
def test_body_of_another_method_than_get_is_the_file(
    method: str, status: int, result: RangeResult
) -> None:
    required = RangeRequirements(method=method)
    assert check_range_response(status, fields(), required).result is result


@pytest.mark.parametrize(
    ("typed", "lines", "reason"),
    [
        ("bytes=40-99", [FITS], ""),
        ("bytes=40-", [FITS], ""),
        ("bytes=40-200", [FITS], ""),
        ("bytes=-60", [FITS], ""),
        ("bytes=-60", ["Content-Range: bytes 40-99/*"], ""),
        ("bytes=-200", ["Content-Range: bytes 0-99/100"], ""),
        ("bytes=40-99", [], ""),
        ("bytes=0-1,5-6", ["Content-Type: multipart/byteranges; boundary=x"], ""),
        ("items=0-1", [FITS], ""),
        ("bytes=40-99", ["Content-Type: multipart/byteranges"], "the server sends several parts"),
        ("bytes=40-49", [FITS], "the server sends the bytes 40-99"),
        ("bytes=41-99", [FITS], "the server sends the bytes 40-99"),
        ("bytes=-59", [FITS], "the server sends the bytes 40-99"),
        ("bytes=40-99", [FITS, "Content-Range: bytes 0-9/100"], TWO.format("Content-Range")),
        ("bytes=0-1,5-6", [FITS, "Content-Range: bytes 0-9/100"], TWO.format("Content-Range")),
    ],
)
def test_response_to_a_typed_range_has_that_range(
    typed: str, lines: list[str], reason: str
) -> None:
    assert check_typed_range(typed, fields(*lines)) == reason


@pytest.mark.parametrize(
    ("status", "lines", "is_whole"),
    [
        (200, [], True),
        (203, [], True),
        (204, [], False),
        (202, [], False),
        (206, ["Content-Range: bytes 0-99/100"], True),
        (206, ["Content-Range: bytes 0-98/100"], False),
        (206, ["Content-Range: bytes 0-99/*"], False),
        (206, ["Content-Range: bytes 1-99/100"], False),
        (206, [], False),
        (404, [], False),
    ],
)
def test_whole_file_is_recognized(status: int, lines: list[str], *, is_whole: bool) -> None:
    assert has_whole_file(status, fields(*lines)) == is_whole


@pytest.mark.parametrize(
    ("lines", "coding"),
    [
        ([], ""),
        (["Content-Encoding: identity"], ""),
        (["Content-Encoding: GZip"], "gzip"),
        (["Content-Encoding: gzip", "Content-Encoding: br"], "gzip,br"),
        (["Content-Encoding: gzip, identity"], "gzip"),
    ],
)
def test_content_codings_are_joined(lines: list[str], coding: str) -> None:
    assert content_coding(fields(*lines)) == coding


@pytest.mark.parametrize("known", [None, KNOWN])
def test_416_with_the_size_of_the_partial_file_is_complete(known: PartialState | None) -> None:
    response = fields("Content-Range: bytes */100")
    required = RangeRequirements(known, 100)
    assert check_range_response(416, response, required).result is RangeResult.COMPLETE


@pytest.mark.parametrize(
    ("lines", "proven", "result"),
    [
        ([], False, RangeResult.UNUSABLE),
        (['ETag: W/"v1"'], False, RangeResult.UNUSABLE),
        ([TAG], False, RangeResult.COMPLETE),
        ([], True, RangeResult.COMPLETE),
        (['ETag: "v2"'], True, RangeResult.UNUSABLE),
    ],
)
def test_416_for_a_file_of_unknown_size_needs_proof(
    lines: list[str], proven: bool, result: RangeResult
) -> None:
    known = KNOWN._replace(size=None)
    required = RangeRequirements(known, 100, is_proven_otherwise=proven)
    response = fields("Content-Range: bytes */100", *lines)
    assert check_range_response(416, response, required).result is result


def test_416_for_another_file_of_that_size_is_not_complete() -> None:
    response = fields("Content-Range: bytes */100", 'ETag: "v2"')
    required = RangeRequirements(KNOWN, 100)
    assert check_range_response(416, response, required).result is RangeResult.UNUSABLE


@pytest.mark.parametrize(
    ("status", "lines", "result"),
    [
        (200, [], RangeResult.WHOLE),
        (203, [], RangeResult.WHOLE),
        (200, ["Content-Length: 0"], RangeResult.WHOLE),
        (200, ["Content-Range: bytes 0-99/100"], RangeResult.WHOLE),
        (200, ["Content-Range: nonsense"], RangeResult.WHOLE),
        (200, ["Content-Range: bytes 40-99/100"], RangeResult.UNUSABLE),
        (200, ["Content-Range: bytes 0-39/100"], RangeResult.UNUSABLE),
        (200, ["Content-Range: bytes 0-9/10", "Content-Range: bytes 0-8/9"], RangeResult.UNUSABLE),
        (200, ["Content-Type: multipart/byteranges; boundary=x"], RangeResult.UNUSABLE),
        (299, [], RangeResult.WHOLE),
        (204, [], RangeResult.NO_FILE),
        (
            206,
            ["Content-Range: bytes 0-9/100", "Content-Range: bytes 0-99/100"],
            RangeResult.UNUSABLE,
        ),
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
    assert check_range_response(status, fields(*lines), RangeRequirements()).result is result


@pytest.mark.parametrize(
    ("status", "lines", "offered"),
    [
        (200, ["Accept-Ranges: bytes"], True),
        (200, ["Accept-Ranges: Bytes "], True),
        (200, ["Accept-Ranges: bytes", "Accept-Ranges: bytes"], True),
        (200, ["Accept-Ranges: bytes", "Accept-Ranges: none"], False),
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
