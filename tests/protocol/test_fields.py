"""What the fields of a message tell."""

from __future__ import annotations

import pytest

from httpcli.core.headers import Field, Fields


@pytest.mark.parametrize(
    ("told", "length"),
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
def test_a_length_is_made_of_ascii_digits(told: str, length: int | None) -> None:
    assert Fields([Field("content-length", told)]).length == length


def test_without_a_content_length_there_is_none() -> None:
    assert Fields().length is None
