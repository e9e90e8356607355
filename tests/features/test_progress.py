"""Progress bars on a terminal. Each test continues when the expected text is drawn."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, close, response
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

pytestmark = pytest.mark.slow
HALF = b"x" * 500_000
WHOLE = response(HALF + HALF)
FIRST_HALF = WHOLE[: -len(HALF)]
COLOUR_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(rb"\x1b\[[0-9;]*[1-9][0-9;]*m")


class HeldResponse:
    """A response whose second half is sent after ``released`` is set."""

    def __init__(self, server: RawServer) -> None:
        self.released = threading.Event()
        server.answer_always(FIRST_HALF, self.wait, HALF)

    def wait(self, connection: ClientConnection) -> None:
        while not self.released.is_set() and not connection.stopping.is_set():
            self.released.wait(0.05)


def _until(event: threading.Event) -> Callable[[ClientConnection], None]:
    """Return a step that waits for an event."""

    def wait(_connection: ClientConnection) -> None:
        event.wait(30)

    return wait


def _pause(connection: ClientConnection) -> None:
    """Wait long enough for a progress bar to be drawn."""
    connection.stopping.wait(1.5)


@pytest.fixture
def held_response(server: RawServer) -> HeldResponse:
    return HeldResponse(server)


def test_bar_of_one_file_is_replaced_by_a_summary_line(
    server: RawServer, held_response: HeldResponse, tmp_path: Path
) -> None:
    with Terminal("download", f"{server.url}/file.bin", cwd=tmp_path) as screen:
        screen.read_until("50%")
        held_response.released.set()
        assert screen.wait() == 0
    drawn = re.search(r"file\.bin +━+[╸╺]?━* +50% +977 KiB +.*/s +\S+", screen.text)
    assert drawn is not None
    assert len(drawn[0]) <= 77
    after = screen.raw[screen.raw.rindex(b"\x1b[J") :]
    assert b"%" not in after
    assert re.search(r"file\.bin: 977 KiB in \d\.\d s, .*/s\n\Z", screen.text)


def test_several_files_have_a_line_for_the_total(
    server: RawServer, held_response: HeldResponse, tmp_path: Path
) -> None:
    urls = (f"{server.url}/a", f"{server.url}/b")
    with Terminal("download", *urls, cwd=tmp_path) as screen:
        screen.read_until("0 of 2 files")
        held_response.released.set()
        assert screen.wait() == 0
    assert "saved" in screen.text[screen.text.rindex("file ") :]
    assert not {"a", "b"} & set(_screen_lines(screen.raw)), (
        "file names are printed only into a pipe"
    )


def test_unknown_length_shows_bytes_and_elapsed_time(server: RawServer, tmp_path: Path) -> None:
    more = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    server.answer(head + HALF, _until(more), close)
    with Terminal("download", f"{server.url}/f", cwd=tmp_path) as screen:
        screen.read_until("488 KiB")
        more.set()
        assert screen.wait() == 0
    assert re.search(r"f +━+ +488 KiB +.*/s +0:0\d", screen.text)
    assert "%" not in screen.text


@pytest.mark.parametrize("args", [("download",), ("-d",), ("-d", "-v")])
@pytest.mark.parametrize("columns", [80, 40])
def test_ctrl_c_erases_the_bars_and_prints_how_to_resume(
    server: RawServer,
    held_response: HeldResponse,
    tmp_path: Path,
    args: tuple[str, ...],
    columns: int,
) -> None:
    server.answer_always(
        response(HALF + HALF, 'ETag: "v1"')[: -len(HALF)], held_response.wait, HALF
    )
    with Terminal(*args, f"{server.url}/f", cwd=tmp_path, columns=columns) as screen:
        screen.read_until("50%")
        screen.interrupt()
        assert screen.wait() == 130
    held_response.released.set()
    remaining = _screen_lines(screen.raw)
    assert not [line for line in remaining if "%" in line or "^C" in line]
    assert any(line.startswith("f: interrupted after ") for line in remaining)
    assert any(line.endswith("to resume: --download --continue") for line in remaining)


def _screen_lines(raw: bytes) -> list[str]:
    """Return the final lines of a tall screen. Each line is written from its start."""
    lines, at = [""], 0
    plain = COLOUR_SEQUENCE.sub("", raw.decode())
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


def test_bar_wrapped_by_a_resize_is_erased_completely(
    server: RawServer, held_response: HeldResponse, tmp_path: Path
) -> None:
    with Terminal("download", f"{server.url}/f", cwd=tmp_path) as screen:
        screen.read_until("50%")
        screen.resize(40, 24)
        screen.read_until("\r\x1b[1A\x1b[J")
        screen.read_until("50%")
        held_response.released.set()
        assert screen.wait() == 0


def test_no_color_disables_colours(
    server: RawServer, held_response: HeldResponse, tmp_path: Path
) -> None:
    environment = {"NO_COLOR": "1"}
    with Terminal("download", f"{server.url}/f", cwd=tmp_path, env=environment) as screen:
        screen.read_until("50%")
        held_response.released.set()
        assert screen.wait() == 0
    assert COLOUR.search(screen.raw) is None


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}], ids=str)
def test_dumb_terminal_and_ci_get_two_plain_lines(
    server: RawServer, tmp_path: Path, environment: dict[str, str]
) -> None:
    # Nothing is ever drawn, so there is nothing to wait for.
    server.answer(FIRST_HALF, _pause, HALF)
    with Terminal("download", f"{server.url}/f", cwd=tmp_path, env=environment) as screen:
        assert screen.wait() == 0
    assert b"\x1b[J" not in screen.raw
    assert re.fullmatch(r"f: 977 KiB\nf: 977 KiB in .*/s\n", screen.text)
