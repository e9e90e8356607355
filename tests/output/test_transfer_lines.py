"""Transfer progress as text lines, as JSON events and as a table."""

from __future__ import annotations

import json

import pytest

from httpcli.output.text_layouts import columns
from httpcli.output.transfer_lines import (
    ProgressSnapshot,
    end_line,
    event_line,
    format_bytes,
    format_duration,
    start_line,
    update_line,
)

HALF = ProgressSnapshot("a.zip", 50 << 20, 100 << 20, 10 << 20, 5.0)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1023, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (99.9 * 1024, "99.9 KiB"),
        (100 * 1024, "100 KiB"),
        (999 * 1024, "999 KiB"),
        (1000 * 1024, "1.0 MiB"),
        (8 << 30, "8.0 GiB"),
        (1 << 70, "1048576 PiB"),
    ],
)
def test_amount_is_formatted_with_few_digits(count: float, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (5.4, "0:05"),
        (59.6, "1:00"),
        (754, "12:34"),
        (3723, "1:02:03"),
        (90_000, "1d 01h"),
        (1e9, "ages"),
    ],
)
def test_time_is_formatted_briefly(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("standing", "left", "percent"),
    [
        (HALF, 5.0, 50),
        (HALF._replace(done=(100 << 20) - 1), 1 / (10 << 20), 99),
        (HALF._replace(done=100 << 20), 0.0, 100),
        (HALF._replace(rate=0.0), None, 50),
        (HALF._replace(total=None), None, None),
        (HALF._replace(done=0, total=0), 0.0, 100),
        (HALF._replace(done=200 << 20), 0.0, 100),
    ],
)
def test_time_left_and_percent_are_known_where_possible(
    standing: ProgressSnapshot, left: float | None, percent: int | None
) -> None:
    assert standing.seconds_left == left
    assert standing.percent == percent


def test_transfer_is_described_in_lines() -> None:
    assert start_line(HALF._replace(done=0)) == "a.zip: 100 MiB"
    assert start_line(HALF) == "a.zip: 100 MiB, resuming at 50.0 MiB"
    assert start_line(HALF._replace(done=0, total=None)) == "a.zip: size unknown"
    assert update_line(HALF) == "a.zip: 50% of 100 MiB, 10.0 MiB/s, 0:05 left"
    assert update_line(HALF._replace(total=None)) == "a.zip: 50.0 MiB, 10.0 MiB/s, 0:05 so far"
    assert end_line(HALF) == "a.zip: 50.0 MiB in 5.0 s, 10.0 MiB/s"
    assert end_line(HALF, "cut short") == "a.zip: cut short after 50.0 MiB in 5.0 s"
    resumed = HALF._replace(already_done=40 << 20)
    assert end_line(resumed) == "a.zip: 50.0 MiB, of which 10.0 MiB in 5.0 s, 10.0 MiB/s"
    assert end_line(resumed, "cut short") == "a.zip: cut short after 10.0 MiB in 5.0 s"


def test_file_name_cannot_contain_control_sequences() -> None:
    for line in (start_line, update_line, end_line):
        assert "\x1b" not in line(HALF._replace(name="\x1b[2J"))


def test_event_is_one_line_of_json_with_numbers() -> None:
    line = event_line("end", HALF._replace(name="a\nb"), "ok")
    assert "\n" not in line
    assert json.loads(line) == {
        "event": "end",
        "name": "a\nb",
        "done": 50 << 20,
        "total": 100 << 20,
        "rate": 10 << 20,
        "elapsed": 5.0,
        "outcome": "ok",
    }


def test_table_aligns_numbers_to_the_right() -> None:
    rows = [("a.zip", "1 MiB", "ok"), ("longer.zip", "100 MiB", "\x1b[2J")]
    assert (
        columns(rows, right_aligned=[1])
        == "a.zip         1 MiB  ok\nlonger.zip  100 MiB  \\x1b[2J\n"
    )
