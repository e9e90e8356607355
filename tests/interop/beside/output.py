"""Judges of what a program sends and shows. None: it does no such thing."""

from __future__ import annotations

import re

from tests.interop.beside.seat import Seat
from tests.support.servers import RawServer
from tests.support.websocket import websockets_server
from tests.support.wire import response

_EXACT = '{"b":1.10,"a":12345678901234567890.5}'
_DRIVING = (b"\x1b]0;", b"\x1b[2J")


def json_of_words(seat: Seat) -> bool | None:
    """Ask whether the words ``name=x n:=1`` arrive as an object with a text and a number."""
    with RawServer().may_be_idle() as server:
        refused = seat.run(url=server.url).status != 0
        if not server.requests:
            assert refused
            return None
        try:
            return bool(server.request.json == {"name": "x", "n": 1})
        except ValueError:
            return False


def exact_json(seat: Seat) -> bool | None:
    """Ask whether formatted JSON is, but for white space, what was sent."""
    with RawServer() as server:
        server.always(response(_EXACT, "Content-Type: application/json"))
        shown = seat.run(url=server.url).text.strip()
    if '"b"' not in shown or _EXACT in shown:
        return None  # nothing was shown, or nothing formatted
    return re.sub(r"\s", "", shown) == _EXACT


def tame_terminal(seat: Seat) -> bool | None:
    """Ask whether control codes, in a text or escaped in JSON, reach the terminal."""
    text = response("\x1b]0;owned\x07\x1b[2Jshown\n", "Content-Type: text/plain")
    escaped = '{"a":"\\u001b]0;owned\\u0007\\u001b[2Jshown"}'
    screens = [
        _screen(seat, text),
        _screen(seat, response(escaped, "Content-Type: application/json")),
    ]
    if not any(b"shown" in screen for screen in screens):
        return None
    return not any(code in screen for code in _DRIVING for screen in screens)


def _screen(seat: Seat, answer: bytes) -> bytes:
    with RawServer().always(answer) as server, seat.terminal(url=server.url) as screen:
        screen.wait()
        return screen.raw


def web_socket(seat: Seat) -> bool | None:
    """Ask whether a line from stdin comes back from a WebSocket that echoes."""
    with websockets_server() as address:
        result = seat.run(url=f"ws://{address}", stdin=b"hello\n")
    if b"hello" in result.out:
        return True
    assert result.status != 0
    return None
