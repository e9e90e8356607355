"""Content-Length as read from the header fields."""

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
        ("5, 5", None),
        ("²", None),
        ("٣", None),
    ],
)
def test_content_length_accepts_only_ascii_digits(value: str, length: int | None) -> None:
    assert Fields([Field("content-length", value)]).content_length == length


def test_missing_content_length_is_none() -> None:
    assert Fields().content_length is None
