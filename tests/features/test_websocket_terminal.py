"""Interactive WebSockets on a terminal: typing while messages arrive."""

from __future__ import annotations

import threading

import pytest

from tests.support.http_connection import Step, wait_for_event
from tests.support.other_programs import require_library
from tests.support.terminal import Terminal
from tests.support.websocket import CLOSE, TEXT, FrameServer, frame

pytestmark = pytest.mark.wide


@pytest.fixture
def _prompt_toolkit() -> None:
    require_library("prompt_toolkit")


@pytest.mark.usefixtures("_prompt_toolkit")
def test_incoming_message_does_not_break_the_typed_line() -> None:
    typed = threading.Event()
    with FrameServer() as server:
        steps: list[Step] = [
            wait_for_event(typed),
            frame(TEXT, '{"n": [1]}'),
            server.read_frame_step,
        ]
        server.steps = (*steps, frame(TEXT, "I see"))
        with Terminal("-b", server.websocket_url) as screen:
            screen.read_until(">")
            screen.type("half")
            screen.read_until("half")
            typed.set()
            screen.read_until("n")
            screen.read_until("half")  # redrawn below the message
            screen.type(" and whole\n")
            screen.read_until("I see")
            screen.type("\x04")
            assert screen.wait() == 0
    assert [got.opcode for got in server.frames] == [TEXT, CLOSE]
    assert server.frames[0].payload == b"half and whole"
    assert "closed (1000)" in screen.text


@pytest.mark.usefixtures("_prompt_toolkit")
def test_typed_line_survives_a_resize() -> None:
    resized = threading.Event()
    with FrameServer() as server:
        server.steps = (wait_for_event(resized), frame(TEXT, "news"), server.read_frame_step)
        with Terminal("-b", server.websocket_url) as screen:
            screen.read_until(">")
            screen.type("half of a line")
            screen.read_until("line")
            screen.resize(10, 5)
            screen.read_until("line")  # redrawn
            resized.set()
            screen.read_until("news")
            screen.read_until("line")
            screen.type("\n\x04")
            assert screen.wait() == 0
    assert server.frames[0].payload == b"half of a line"


@pytest.mark.usefixtures("_prompt_toolkit")
def test_ctrl_c_ends_the_run_and_restores_the_terminal() -> None:
    with FrameServer() as server, Terminal("-b", server.websocket_url) as screen:
        screen.read_until(">")
        screen.type("half")
        screen.read_until("half")
        screen.interrupt()
        assert screen.wait() == 130
        assert screen.echoes


@pytest.mark.usefixtures("_prompt_toolkit")
def test_close_by_the_server_ends_the_run() -> None:
    typed = threading.Event()
    end = frame(CLOSE, b"\x03\xf3oh no")
    with (
        FrameServer(wait_for_event(typed), end) as server,
        Terminal("-b", server.websocket_url) as screen,
    ):
        screen.read_until(">")
        screen.type("half")
        typed.set()
        assert screen.wait() == 13
        assert screen.echoes
    assert "1011 internal error: oh no" in screen.text


def test_dumb_terminal_gets_plain_lines() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, frame(TEXT, "I see\x1b[2J"))
        with Terminal("-b", server.websocket_url, env={"TERM": "dumb"}) as screen:
            screen.type("hello\n")
            screen.read_until("< I see\\x1b[2J\r\n")
            screen.type("\x04")
            assert screen.wait() == 0
    assert server.frames[0].payload == b"hello"
    assert b"\x1b" not in screen.raw


def test_ctrl_c_ends_the_run_on_a_dumb_terminal() -> None:
    dumb = {"TERM": "dumb"}
    with (
        FrameServer(frame(TEXT, "hi")) as server,
        Terminal("-b", server.websocket_url, env=dumb) as screen,
    ):
        screen.read_until("< hi")
        screen.interrupt()
        assert screen.wait() == 130


@pytest.mark.usefixtures("_prompt_toolkit")
def test_first_message_is_marked_as_sent() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, frame(TEXT, "hi"))
        with Terminal("-b", server.websocket_url, "--raw=first", "--pretty=none") as screen:
            screen.read_until("> first\r\n")
            screen.read_until("< hi\r\n")
            screen.type("\x04")
            assert screen.wait() == 0
