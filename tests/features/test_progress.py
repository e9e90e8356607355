"""How far files are, on a person's terminal; each test lasts until something is drawn."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import Connection, close, response

pytestmark = pytest.mark.slow
HALF = b"x" * 500_000
WHOLE = response(HALF + HALF)
BEGINNING = WHOLE[: -len(HALF)]
CONTROL_OF_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(rb"\x1b\[[0-9;]*[1-9][0-9;]*m")


class Held:
    """An answer whose second half is held back until it is let go."""

    def __init__(self, server: RawServer) -> None:
        self.let_go = threading.Event()
        server.always(BEGINNING, self.wait, HALF)

    def wait(self, connection: Connection) -> None:
        while not self.let_go.is_set() and not connection.stopping.is_set():
            self.let_go.wait(0.05)


def _until(event: threading.Event) -> Callable[[Connection], None]:
    """Return a step that waits for an event."""

    def wait(_connection: Connection) -> None:
        event.wait(30)

    return wait


def _pause(connection: Connection) -> None:
    """Be slow enough to be worth being drawn."""
    connection.stopping.wait(1.5)


@pytest.fixture
def held(server: RawServer) -> Held:
    return Held(server)


def test_a_file_is_a_line_that_goes_away_and_leaves_one_behind(
    server: RawServer, held: Held, tmp_path: Path
) -> None:
    with Terminal("download", f"{server.url}/file.bin", cwd=tmp_path) as screen:
        screen.read_until("50%")
        held.let_go.set()
        assert screen.wait() == 0
    drawn = re.search(r"file\.bin +━+[╸╺]?━* +50% +977 KiB +.*/s +\S+", screen.text)
    assert drawn is not None
    assert len(drawn[0]) <= 77
    after = screen.raw[screen.raw.rindex(b"\x1b[J") :]
    assert b"%" not in after
    assert re.search(r"file\.bin: 977 KiB in \d\.\d s, .*/s\n\Z", screen.text)


def test_several_files_have_a_line_for_all(server: RawServer, held: Held, tmp_path: Path) -> None:
    urls = (f"{server.url}/a", f"{server.url}/b")
    with Terminal("download", *urls, cwd=tmp_path) as screen:
        screen.read_until("0 of 2 files")
        held.let_go.set()
        assert screen.wait() == 0
    assert "saved" in screen.text[screen.text.rindex("file ") :]
    assert not {"a", "b"} & set(_seen(screen.raw)), "names are for a pipe's reader"


def test_what_has_no_length_tells_how_much_and_how_long(server: RawServer, tmp_path: Path) -> None:
    more = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    server.answer(head + HALF, _until(more), close)
    with Terminal("download", f"{server.url}/f", cwd=tmp_path) as screen:
        screen.read_until("488 KiB")
        more.set()
        assert screen.wait() == 0
    assert re.search(r"f +━+ +488 KiB +.*/s +0:0\d", screen.text)
    assert "%" not in screen.text


@pytest.mark.parametrize("words", [("download",), ("-d",), ("-d", "-v")])
@pytest.mark.parametrize("columns", [80, 40])
def test_ctrl_c_erases_the_lines_and_says_what_is_left(
    server: RawServer, held: Held, tmp_path: Path, words: tuple[str, ...], columns: int
) -> None:
    server.always(response(HALF + HALF, 'ETag: "v1"')[: -len(HALF)], held.wait, HALF)
    with Terminal(*words, f"{server.url}/f", cwd=tmp_path, columns=columns) as screen:
        screen.read_until("50%")
        screen.interrupt()
        assert screen.wait() == 130
    held.let_go.set()
    stays = _seen(screen.raw)
    assert not [line for line in stays if "%" in line or "^C" in line]
    assert any(line.startswith("f: interrupted after ") for line in stays)
    assert any(line.endswith("--download --continue goes on") for line in stays)


def _seen(raw: bytes) -> list[str]:
    """Return the lines that are on a long screen at the end; each is written from its start."""
    lines, at = [""], 0
    plain = CONTROL_OF_COLOURS.sub("", raw.decode())
    for word in re.split(r"(\x1b\[\d*[A-Za-z]|\r?\n|\r)", plain):
        if word in ("\n", "\r\n"):
            at += 1
            lines += [""] * (at == len(lines))
        elif word == "\x1b[J":
            del lines[at + 1 :]
            lines[at] = ""
        elif up := re.fullmatch(r"\x1b\[(\d+)A", word):
            at -= int(up[1])
        else:
            lines[at] += word.strip("\r")
    return lines


def test_a_line_that_a_resize_broke_is_taken_away_whole(
    server: RawServer, held: Held, tmp_path: Path
) -> None:
    with Terminal("download", f"{server.url}/f", cwd=tmp_path) as screen:
        screen.read_until("50%")
        screen.resize(40, 24)
        screen.read_until("\r\x1b[1A\x1b[J")
        screen.read_until("50%")
        held.let_go.set()
        assert screen.wait() == 0


def test_without_colours_nothing_is_coloured(
    server: RawServer, held: Held, tmp_path: Path
) -> None:
    environment = {"NO_COLOR": "1"}
    with Terminal("download", f"{server.url}/f", cwd=tmp_path, env=environment) as screen:
        screen.read_until("50%")
        held.let_go.set()
        assert screen.wait() == 0
    assert COLOUR.search(screen.raw) is None


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}], ids=str)
def test_what_cannot_be_drawn_is_two_lines(
    server: RawServer, tmp_path: Path, environment: dict[str, str]
) -> None:
    # Not drawn, however long it takes: there is nothing to wait for.
    server.answer(BEGINNING, _pause, HALF)
    with Terminal("download", f"{server.url}/f", cwd=tmp_path, env=environment) as screen:
        assert screen.wait() == 0
    assert b"\x1b[J" not in screen.raw
    assert re.fullmatch(r"f: 977 KiB\nf: 977 KiB in .*/s\n", screen.text)
