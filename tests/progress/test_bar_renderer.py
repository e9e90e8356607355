"""Progress bars at the bottom of a terminal: their content, and how they are erased."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator

import pytest

from httpcli.output.transfer_lines import ProgressSnapshot
from httpcli.progress.bar_renderer import BarRenderer
from httpcli.terminal.terminal_output import redraw_with

_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
COLOURS = {"TERM": "xterm-256color"}


class Screen:
    """Progress bars on a pty, and the bytes written to it."""

    def __init__(self, env: dict[str, str]) -> None:
        self.controller, self.fd = pty.openpty()
        self.written: list[bytes] = []
        self.renderer = BarRenderer(redraw_with(self.written.append), self.fd, env)

    def resize(self, columns: int, rows: int = 24) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def draw(self, *snapshots: ProgressSnapshot, now: float = 0.0) -> list[str]:
        """Draw and return the lines, without control sequences."""
        self.written.clear()
        self.renderer.draw(snapshots, now)
        return _CONTROL.sub("", self.text).removeprefix("\r").split("\n")

    @property
    def text(self) -> str:
        return b"".join(self.written).decode()


@pytest.fixture
def screen() -> Iterator[Screen]:
    made = Screen(COLOURS)
    made.resize(80)
    yield made
    os.close(made.controller)
    os.close(made.fd)


HALF = ProgressSnapshot("image.iso", 50 << 20, 100 << 20, 10 << 20, 5.0)
UNKNOWN = ProgressSnapshot("stream.bin", 50 << 20, None, 10 << 20, 65.0)


def test_line_has_name_bar_percent_size_speed_and_time_left(screen: Screen) -> None:
    (line,) = screen.draw(HALF)
    assert re.fullmatch(r"image\.iso  ━+[╸╺]?━+   50%   100 MiB  10\.0 MiB/s     0:05", line)


def test_line_without_known_length_has_size_speed_elapsed_and_a_pulse(screen: Screen) -> None:
    (line,) = screen.draw(UNKNOWN)
    assert re.fullmatch(r"stream\.bin  ━+ {8}50\.0 MiB  10\.0 MiB/s     1:05", line)
    first = screen.text
    screen.draw(UNKNOWN, now=0.3)
    assert screen.text.split("stream")[1] != first.split("stream")[1]


@pytest.mark.parametrize("columns", [300, 80, 60, 45, 40, 30, 20, 12, 5, 1])
def test_lines_are_narrower_than_the_terminal(screen: Screen, columns: int) -> None:
    screen.resize(columns)
    for line in screen.draw(HALF, UNKNOWN, HALF._replace(name="日本語" * 20)):
        assert sum(2 if each > "\u2e80" else 1 for each in line) <= max(1, columns - 3) + (
            4 if columns < 8 else 0
        )


def test_narrow_terminal_shows_name_percent_and_speed(screen: Screen) -> None:
    screen.resize(40)
    (line,) = screen.draw(HALF)
    assert re.fullmatch(r"image.iso +50% +10\.0 MiB/s +0:05", line)


def test_long_name_is_shortened_in_its_middle(screen: Screen) -> None:
    (line,) = screen.draw(HALF._replace(name="a-very-long-name-" * 4 + "of-a-file.tar.gz"))
    assert line.startswith("a-very-l")
    assert ".tar.gz  ━" in line
    assert "…" in line


def test_columns_are_aligned(screen: Screen) -> None:
    lines = screen.draw(HALF, HALF._replace(name="b"), HALF._replace(name="longer-name.txt"))
    assert len({line.index("50%") for line in lines}) == 1


def test_similar_names_stay_distinct_on_a_narrow_terminal(screen: Screen) -> None:
    screen.resize(40)
    names = [f"archive-{number}-linux-x86_64.tar.gz" for number in range(1, 10)]
    lines = screen.draw(*(HALF._replace(name=name) for name in [*names, "0 of 10 files"]))
    shown = [re.split(r" {2,}", line) for line in lines]
    assert len({name for name, *_ in shown}) == 10
    assert all(rest == ["50%", "10.0 MiB/s"] for _, *rest in shown)
    assert len({line.index("50%") for line in lines}) == 1


def test_redraw_erases_the_lines_drawn_before(screen: Screen) -> None:
    screen.draw(HALF, UNKNOWN, HALF)
    screen.draw(HALF)
    assert screen.text.startswith("\r\x1b[2A\x1b[J")
    screen.draw(HALF)
    assert screen.text.startswith("\r\x1b[J")


def test_redraw_erases_lines_wrapped_by_a_narrower_window(screen: Screen) -> None:
    screen.draw(HALF, UNKNOWN)
    screen.resize(40)
    screen.draw(HALF)
    assert screen.text.startswith("\r\x1b[3A\x1b[J")  # two lines of 77 cells are four rows


def test_lines_are_erased_only_once(screen: Screen) -> None:
    screen.draw(HALF)
    screen.written.clear()
    screen.renderer.erase()
    screen.renderer.erase()
    assert screen.text == "\r\x1b[J"


def test_messages_are_printed_above_the_lines(screen: Screen) -> None:
    screen.draw(HALF)
    frame = screen.text
    screen.written.clear()
    screen.renderer.write_above(b"said\n")
    assert screen.text == "\r\x1b[Jsaid\n" + frame
    screen.written.clear()
    screen.renderer.erase()
    screen.renderer.write_above(b"last\n")
    assert screen.text == "\r\x1b[Jlast\n"


def test_excess_lines_are_hidden_except_the_last(screen: Screen) -> None:
    screen.resize(80, 5)
    lines = screen.draw(*[HALF._replace(name=f"f{n}") for n in range(10)], HALF)
    assert [line.split()[0] for line in lines] == ["f0", "f1", "f2", "image.iso"]


def test_no_color_draws_without_colours() -> None:
    made = Screen({**COLOURS, "NO_COLOR": "1"})
    made.resize(80)
    (line,) = made.draw(HALF)
    assert not re.search("\x1b\\[[0-9;]*m", made.text.replace("\x1b[0m", ""))
    assert len(line) == 77
