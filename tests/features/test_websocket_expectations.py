"""``--expect`` on WebSocket messages, and WebSocket runs in reports."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection
from tests.support.run import run
from tests.support.websocket import TEXT, FrameServer, close_frame, frame, message_server

READY = 'message.json.type == "ready"'


@pytest.mark.parametrize(
    ("expected", "messages", "error"),
    [
        (READY, ['{"type": "ready"}'], ""),
        (READY, ["no JSON", '{"type": 1}', '{"type": "ready"}', "[]"], ""),
        (READY, ['{"type": "busy"}'], f'expected {READY}, got "busy"'),
        (READY, ["[]", '{"type": 2}'], f"expected {READY}, got 2 (the last of 2)"),
        (READY, ["x"], "the body is not JSON ("),
        (READY, [], f"expected {READY}, got no message"),
        ("message == b", ["a", "b", "c"], ""),
        ("message contains b", [b"\xffb"], ""),
        ("message exists", [""], ""),
        ("message.json(length(a)) > 1", ['{"a": 1}', '{"a": [1, 2]}'], ""),
        ("message.json(length(a)) > 1", ['{"a": 1}'], "got "),
        ("not message ~ ^err", ["a", "b"], ""),
        ("not message ~ ^err", [], ""),
        ("not message ~ ^err", ["a", "error 1", "b"], 'not message ~ ^err, got "error 1"'),
        ("not message.json.a exists", ["no JSON"], ""),
        ("message.json.token == 1", ['{"token": "secret"}'], "…redacted…"),
        ("message.json.a == 1", ["[" * 100_000], "got "),
    ],
)
def test_expectations_of_messages_are_checked(
    expected: str, messages: list[bytes | str], error: str
) -> None:
    with message_server(*messages) as server:
        result = run("GET", server.websocket_url, "-q", "--expect", expected)
    assert result.status == (16 if error else 0)
    assert error in result.err
    assert len(result.err.splitlines()) == bool(error)


def test_run_ends_when_all_expectations_are_met() -> None:
    with FrameServer() as server:
        frames = [frame(TEXT, text) for text in ("one", "two")]
        server.steps = (server.read_frame_step, *frames)
        options = ["--expect", "message == two", "--expect", "message ~ one", "--timeout=9"]
        result = run(server.websocket_url, *options, stdin=b"go\n")
    assert (result.text, result.status) == ("one\ntwo\n", 0)


@pytest.mark.wide
def test_late_expected_message_is_waited_for() -> None:
    with FrameServer() as server:
        pause = threading.Event()

        def delay(_: ClientConnection) -> None:
            pause.wait(1.3)  # longer than the second of silence that ends other runs

        server.steps = (server.read_frame_step, delay, frame(TEXT, "ready"))
        result = run(server.websocket_url, "--expect=message == ready", stdin=b"go\n")
    assert (result.text, result.status) == ("ready\n", 0)


@pytest.mark.parametrize("options", [["--ws-wait=100ms"], ["--ws-wait=1"]])
def test_ws_wait_limits_the_wait_for_an_expected_message(options: list[str]) -> None:
    with FrameServer(frame(TEXT, "a")) as server:
        result = run("GET", server.websocket_url, *options, "--expect=message == b")
    assert (result.text, result.status) == ("a\n", 16)


def test_sent_message_does_not_meet_an_expectation() -> None:
    with FrameServer() as server:
        server.steps = (server.read_frame_step, close_frame())
        result = run(
            server.websocket_url, "--expect=message == hello", stdin=b"hello\n", terminal=True
        )
    assert result.status == 16
    assert "got no message" in result.err


@pytest.mark.parametrize(
    ("url", "expected", "error"),
    [
        ("http://host/", "message == x", ": only WebSockets have messages"),
        ("ws://host/", "body == x", ": a WebSocket has messages, not a body"),
        ("ws://host/", "json.a == 1", ": a WebSocket has messages, not a body"),
        ("ws://host/", "message < 1", "message does not support <"),
        ("ws://host/", "message.jason == 1", "unknown subject 'message.jason'"),
    ],
)
def test_impossible_expectation_is_a_usage_error(url: str, expected: str, error: str) -> None:
    result = run("GET", url, "--expect", expected)
    assert result.status == 10
    assert error in result.err


def test_reports_timings_and_write_out_cover_a_websocket() -> None:
    with message_server("x") as server:
        options = ["--report=json=r.json", "--timings", "-w", "%{stderr}%{http_code}\n"]
        result = run("GET", server.websocket_url, *options)
        report = json.loads((Path.cwd() / "r.json").read_text())
    assert (result.text, result.status) == ("x\n", 0)
    assert result.err.startswith("101\n")
    assert "101     GET" in result.err
    assert report["requests"][0]["response"]["status"] == 101
