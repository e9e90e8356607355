"""Headers that have one value, and Content-Length as a number."""

from __future__ import annotations

import pytest

from httpcli.core.headers import Field, Fields


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("0", 0),
        ("12", 12),
        ("007", 7),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("5, 5", 5),
        ("5, 6", None),
        ("9" * 5000, None),
        (str((1 << 63) - 1), (1 << 63) - 1),
        (str(1 << 63), None),
        ("²", None),
        ("٣", None),
    ],
)
def test_content_length_accepts_only_ascii_digits(value: str, length: int | None) -> None:
    assert Fields([Field("content-length", value)]).content_length == length


@pytest.mark.parametrize(
    ("codings", "length"),
    [("chunked", None), ("gzip, Chunked", None), ("identity", 5), ("", 5), ("Identity,", 5)],
)
def test_transfer_coding_overrules_content_length(codings: str, length: int | None) -> None:
    fields = Fields([Field("Content-Length", "5"), Field("Transfer-Encoding", codings)])
    assert fields.content_length == length


def test_missing_content_length_is_none() -> None:
    assert Fields().content_length is None


@pytest.mark.parametrize(
    ("values", "single", "contradicts"),
    [
        ([], None, False),
        (["1"], "1", False),
        (["1", "1"], "1", False),
        (["1", "2"], None, True),
        (["1", "1", "2"], None, True),
        ([""], "", False),
    ],
)
def test_header_with_different_values_has_no_single_one(
    values: list[str], single: str | None, *, contradicts: bool
) -> None:
    fields = Fields(Field("ETag", value) for value in values)
    assert fields.single("etag") == single
    assert fields.contradicts("etag") == contradicts


@pytest.mark.parametrize(
    ("values", "length"), [(["5"], 5), (["5", "5"], 5), (["5", "6"], None), (["x"], None)]
)
def test_content_length_is_a_single_value(values: list[str], length: int | None) -> None:
    fields = Fields(Field("Content-Length", value) for value in values)
    assert fields.content_length == length
