"""Parsing of times, counts and sizes."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.core.websocket import WaitLimit
from httpcli.syntax.units import parse_byte_count, parse_seconds, parse_wait, parse_whole_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10", 10.0),
        ("0", 0.0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("2.", 2.0),
        ("10s", 10.0),
        ("500ms", 0.5),
        ("2m", 120.0),
        ("1.5h", 5400.0),
    ],
)
def test_a_time_is_a_number_with_or_without_a_unit(text: str, expected: float) -> None:
    assert parse_seconds(text, "--timeout") == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "nan", "inf", "1e3", "ten", "1 s", "1S", "5d", "s", ".", "1,5", "1_0",
     "\u0661", "9" * 400, "1\n"],
)  # fmt: skip
def test_invalid_time_is_rejected(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_seconds(text, "--timeout")
    assert caught.value.message == f"--timeout: invalid time {text!r}"
    assert caught.value.hint


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("30", 30), ("007", 7)])
def test_a_count_is_decimal_digits(text: str, expected: int) -> None:
    assert parse_whole_number(text, "--max-redirects") == expected


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", "1_0", " 1", "x", "\u0661", "²", "9" * 5000]
)
def test_invalid_count_is_rejected(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_whole_number(text, "--max-redirects")
    assert caught.value.message == f"--max-redirects: invalid number {text!r}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1000", 1000),
        ("1000B", 1000),
        ("1k", 1000),
        ("1kB", 1000),
        ("1KB", 1000),
        ("1KiB", 1024),
        ("64kib", 65536),
        ("1.5MB", 1_500_000),
        (".5m", 500_000),
        ("2G", 2_000_000_000),
        ("1.1TiB", 1_209_462_790_553),
        ("1P", 10**15),
    ],
)
def test_a_size_is_bytes_or_has_a_unit_in_any_case(text: str, expected: int) -> None:
    assert parse_byte_count(text, "--max-size") == expected


@pytest.mark.parametrize(
    "text", ["", "k", "1 k", "-1", "1e3", "1i", "1iB", "1XB", "1kk", "\u0661", "1\u212a", "9" * 19]
)
def test_invalid_size_is_rejected(text: str) -> None:
    with pytest.raises(UsageError, match=": invalid size"):
        parse_byte_count(text, "--max-size")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", WaitLimit(messages=3)),
        ("0", WaitLimit(messages=0)),
        ("2s", WaitLimit(seconds=2.0)),
        ("500ms", WaitLimit(seconds=0.5)),
        ("0.5", WaitLimit(seconds=0.5)),
    ],
)
def test_wait_is_a_time_or_a_number_of_messages(text: str, expected: WaitLimit) -> None:
    assert parse_wait(text, "--ws-wait") == expected


@pytest.mark.parametrize("text", ["", "soon", "-1", "\u0661"])
def test_invalid_wait_is_rejected_with_examples_of_both(text: str) -> None:
    with pytest.raises(UsageError, match="invalid time") as caught:
        parse_wait(text, "--ws-wait")
    assert "2s" in caught.value.hint
    assert "number of messages" in caught.value.hint
