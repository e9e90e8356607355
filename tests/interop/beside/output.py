"""Checks of the requests that a program sends, and of its output."""

from __future__ import annotations

import re

from tests.interop.beside.runner import Runner
from tests.support.http_connection import response
from tests.support.servers import RawServer
from tests.support.websocket import websockets_server

_EXACT = '{"b":1.10,"a":12345678901234567890.5}'
_CONTROL_CODES = (b"\x1b]0;", b"\x1b[2J")


def sends_json_from_items(runner: Runner) -> bool | None:
    """Check whether ``name=x n:=1`` is sent as an object with a string and a number."""
    with RawServer().may_be_idle() as server:
        refused = runner.run(url=server.url).status != 0
        if not server.requests:
            assert refused
            return None
        try:
            return bool(server.request.json == {"name": "x", "n": 1})
        except ValueError:
            return False


def keeps_json_numbers(runner: Runner) -> bool | None:
    """Check whether formatted JSON differs from the original only in white space."""
    with RawServer() as server:
        server.answer_always(response(_EXACT, "Content-Type: application/json"))
        shown = runner.run(url=server.url).text.strip()
    if '"b"' not in shown or _EXACT in shown:
        return None  # no output, or not formatted
    return re.sub(r"\s", "", shown) == _EXACT


def guards_terminal(runner: Runner) -> bool | None:
    """Check whether control codes, plain or escaped in JSON, do not reach the terminal."""
    text = response("\x1b]0;owned\x07\x1b[2Jshown\n", "Content-Type: text/plain")
    escaped = '{"a":"\\u001b]0;owned\\u0007\\u001b[2Jshown"}'
    screens = [
        _screen(runner, text),
        _screen(runner, response(escaped, "Content-Type: application/json")),
    ]
    if not any(b"shown" in screen for screen in screens):
        return None
    return not any(code in screen for code in _CONTROL_CODES for screen in screens)


def _screen(runner: Runner, answer: bytes) -> bytes:
    with RawServer().answer_always(answer) as server, runner.terminal(url=server.url) as screen:
        screen.wait()
        return screen.raw


def supports_websocket(runner: Runner) -> bool | None:
    """Check whether a line from stdin comes back from an echoing WebSocket."""
    with websockets_server() as address:
        result = runner.run(url=f"ws://{address}", stdin=b"hello\n")
    if b"hello" in result.out:
        return True
    assert result.status != 0
    return None
