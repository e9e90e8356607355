from __future__ import annotations

import re

import pytest

from httpcli.core.errors import UsageError
from httpcli.core.events import Event, ResponseChunk, ResponseStarted
from httpcli.core.plan import Colours, Display
from httpcli.output.screen import Screen
from tests.output.exchanges import URL, body, fields, request, response, shown

PIPE = Display(all_exchanges=True)
PLAIN = Display(all_exchanges=True, to_terminal=True, guard_terminal=True)
FORMATTED = PLAIN._replace(format=True)

GET = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
OK = "HTTP/1.1 200 OK\r\n\r\n"
FOUND = "HTTP/1.1 302 Found\r\n\r\n"
META = "Elapsed time: 0.015610017s\n\n"

ONE = request() + response(b"text")
POST = request(b"up") + response(b"text")
EMPTY = request() + response()
TWO = request() + response(b"moved", status=302, is_followed=True) + request() + response(b"text")


@pytest.mark.parametrize(
    ("parts", "events", "expected"),
    [
        ("b", ONE, "text"),
        ("h", ONE, OK),
        ("H", ONE, GET),
        ("m", ONE, META),
        ("", ONE, ""),
        ("hb", ONE, f"{OK}text"),
        ("Hh", ONE, f"{GET}{OK}"),
        ("HBhb", ONE, f"{GET}\n\n{OK}text"),
        ("HBhb", POST, f"{GET}up\n\n{OK}text"),
        ("HBhb", EMPTY, f"{GET}\n\n{OK}"),
        ("HBhbm", ONE, f"{GET}\n\n{OK}text\n\n{META}"),
        ("hm", ONE, f"{OK}{META}"),
        ("Hm", ONE, f"{GET}{META}"),
        ("B", POST, "up"),
        ("Bb", POST, "up\n\ntext"),
        ("b", TWO, "movedtext"),
        ("Bb", TWO, "\n\nmoved\n\n\n\ntext"),
        ("HBhb", TWO, f"{GET}\n\n{FOUND}moved\n\n{GET}\n\n{OK}text"),
        ("HBh", TWO, f"{GET}\n\n{FOUND}{GET}\n\n{OK}"),
        ("Hbm", TWO, f"{GET}moved\n\n{META}\n\n{GET}text\n\n{META}"),
    ],
)
def test_messages_in_a_pipe_are_separated_like_in_httpie(
    parts: str, events: list[Event], expected: str
) -> None:
    assert shown(PIPE._replace(parts=frozenset(parts)), events).decode() == expected


@pytest.mark.parametrize(
    ("parts", "events", "expected"),
    [
        ("b", ONE, "text\n\n\n"),
        ("b", request() + response(b"text\n"), "text\n\n\n"),
        ("hb", EMPTY, f"{OK}\n\n"),
        ("h", ONE, OK),
        ("m", ONE, META),
        ("HBhb", EMPTY, f"{GET}\n\n{OK}\n\n"),
        ("HBhb", POST, f"{GET}up\n\n\n{OK}text\n\n\n"),
        ("HBhbm", ONE, f"{GET}\n\n{OK}text\n\n\n{META}"),
        ("hm", ONE, f"{OK}{META}"),
        ("Hm", ONE, f"{GET}{META}"),
        ("HBhb", TWO, f"{GET}\n\n{FOUND}moved\n\n\n{GET}\n\n{OK}text\n\n\n"),
        ("HBh", TWO, f"{GET}\n\n{FOUND}{GET}\n\n{OK}"),
        ("Hbm", TWO, f"{GET}moved\n\n\n{META}{GET}text\n\n\n{META}"),
    ],
)
def test_body_on_a_terminal_ends_like_in_httpie(
    parts: str, events: list[Event], expected: str
) -> None:
    assert shown(PLAIN._replace(parts=frozenset(parts)), events).decode() == expected


def test_formatted_body_gets_no_extra_line_end() -> None:
    assert body(FORMATTED, b'{"a":1}', media="application/json") == b'{\n    "a": 1\n}\n\n'


def test_request_without_response_is_shown_completely() -> None:
    display = FORMATTED._replace(parts=frozenset("HB"))
    events = request(b'{"a', b'":1', lines=["Content-Type: application/json"])
    assert shown(display, events).endswith(b'\r\n\r\n{\n    "a": 1\n\n')


class TestIntermediaryExchanges:
    LAST = Display(parts=frozenset("HBhbm"))

    def test_are_hidden_with_their_requests(self) -> None:
        expected = f"{GET}\n\n{OK}text\n\n{META}"
        assert shown(self.LAST, TWO).decode() == expected

    def test_leave_no_gap(self) -> None:
        display = Display(parts=frozenset("b"))
        assert shown(display, TWO) == b"text"

    def test_request_is_held_until_its_response(self) -> None:
        parts: list[bytes] = []
        screen = Screen(self.LAST, parts.append)
        screen.observe(request()[0])
        assert parts == []
        screen.observe(response()[0])
        assert b"".join(parts).decode() == f"{GET}\n\n{OK}"

    def test_request_without_response_is_shown_at_the_end(self) -> None:
        assert shown(self.LAST, request()).decode() == GET

    def test_request_is_shown_at_once_if_all_are_shown(self) -> None:
        parts: list[bytes] = []
        screen = Screen(self.LAST._replace(all_exchanges=True), parts.append)
        screen.observe(request()[0])
        assert b"".join(parts).decode() == GET

    def test_no_more_than_a_mebibyte_is_held(self) -> None:
        parts: list[bytes] = []
        screen = Screen(self.LAST, parts.append)
        for event in request(*[bytes(1 << 18)] * 5):
            screen.observe(event)
        assert len(b"".join(parts)) > 1 << 20


class TestPipeWithoutFormatting:
    def test_passes_the_pieces_uncopied(self) -> None:
        piece = bytes(range(256))
        parts: list[bytes] = []
        screen = Screen(PIPE, parts.append)
        for event in request() + response(piece):
            screen.observe(event)
        assert parts[0] is piece

    @pytest.mark.parametrize("media", ["text/html", "image/png", "nonsense", "text/plain"])
    def test_formatting_leaves_other_media_types_unchanged(self, media: str) -> None:
        piece = bytes(range(256))
        assert body(PIPE._replace(format=True), piece, media=media) == piece


class TestInterruptedBody:
    def test_shows_json_as_far_as_received(self) -> None:
        parts: list[bytes] = []
        screen = Screen(FORMATTED, parts.append)
        head = ResponseStarted("1.1", 200, "OK", fields("Content-Type: application/json"), URL)
        screen.observe(head)
        screen.observe(ResponseChunk(b'{"a": [1, 23'))
        screen.end_early()
        assert b"".join(parts) == b'{\n    "a": [\n        1,\n        23\n\n'

    def test_is_shown_once(self) -> None:
        parts: list[bytes] = []
        screen = Screen(FORMATTED, parts.append)
        for event in ONE:
            screen.observe(event)
        before = list(parts)
        screen.end_early()
        screen.finish()
        assert parts == before


class TestWantsContent:
    def test_if_the_body_is_shown(self) -> None:
        assert Screen(Display(parts=frozenset("hb")), bytearray().extend).needs_body
        assert not Screen(Display(parts=frozenset("hm")), bytearray().extend).needs_body

    def test_until_the_body_is_binary(self) -> None:
        screen = Screen(PLAIN, bytearray().extend)
        screen.observe(response()[0])
        assert screen.needs_body
        screen.observe(ResponseChunk(b"beginning of it\0"))
        assert not screen.needs_body


def test_events_are_shown_at_once() -> None:
    parts: list[bytes] = []
    screen = Screen(FORMATTED, parts.append)
    head = ResponseStarted("1.1", 200, "OK", fields("Content-Type: application/json"), URL)
    screen.observe(head)
    screen.observe(ResponseChunk(b'{"first": "line",\n'))
    assert b"".join(parts) == b'{\n    "first": "line",'


def test_unknown_style_is_an_error_before_any_output() -> None:
    display = Display(colours=Colours.MANY, style="monokia")
    with pytest.raises(UsageError, match="monokia") as caught:
        Screen(display, bytearray().extend)
    assert "monokai" in caught.value.hint


@pytest.mark.parametrize(
    ("display", "content", "expected"),
    [
        (FORMATTED._replace(colours=Colours.SIXTEEN), b'{"a": 1}', b"\n\n\n"),
        (FORMATTED._replace(colours=Colours.SIXTEEN), b'{"a": 1}\n', b"\n\n\n"),
        (FORMATTED, b'{"a": 1}', b"\n\n"),
        (PIPE._replace(colours=Colours.SIXTEEN), b'{"a": 1}', b"\n"),
    ],
)
def test_coloured_body_ends_its_last_line(
    display: Display, content: bytes, expected: bytes
) -> None:
    seen = body(display, content, media="application/json")
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", seen).rpartition(b"}")[2] == expected


def test_coloured_body_without_a_type_is_unchanged() -> None:
    display = FORMATTED._replace(colours=Colours.SIXTEEN, parts=frozenset("b"))
    assert shown(display, response(b"text")) == b"text\n\n"
