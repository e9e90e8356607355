from __future__ import annotations

import pytest

from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.format_options import FormatOptions
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Colours, Display
from httpcli.output.head import HeadFormatter
from tests.output.exchanges import ELAPSED, URL, fields

EVIL = "a\x1b[31m\x9b2J\u202eb\udcff\r\n"


def response_head(reason: str = "OK", *lines: str) -> ResponseStarted:
    return ResponseStarted("1.0", 200, reason, fields(*lines), URL)


def test_headers_keep_order_case_and_duplicates() -> None:
    head = response_head("OK", "b: 2", "A: 1", "B: 3")
    assert (
        HeadFormatter(Display()).response(head)
        == b"HTTP/1.0 200 OK\r\nb: 2\r\nA: 1\r\nB: 3\r\n\r\n"
    )


def test_empty_reason_leaves_no_trailing_space() -> None:
    assert HeadFormatter(Display()).response(response_head("")) == b"HTTP/1.0 200\r\n\r\n"


def test_unguarded_headers_keep_the_bytes_received() -> None:
    raw = b"\xff\x1b[2J\xc3\xa9"
    value = raw.decode("utf-8", "surrogateescape")
    head = ResponseStarted("1.1", 200, "OK", Fields([Field("X", value)]), URL)
    assert raw in HeadFormatter(Display()).response(head)


@pytest.mark.parametrize("colours", [Colours.NONE, Colours.SIXTEEN])
def test_guard_escapes_control_sequences_and_colours_in_headers(colours: Colours) -> None:
    head = ResponseStarted("1.1", 200, EVIL, Fields([Field("X", EVIL)]), URL)
    text = HeadFormatter(Display(guard_terminal=True, colours=colours)).response(head).decode()
    assert text.count("a\\x1b[31m\\x9b2J\\u202eb\\xff\\r\\x0a") == 2
    assert "\x1b[31m" not in text


def test_colours_match_httpie() -> None:
    heads = HeadFormatter(Display(colours=Colours.SIXTEEN))
    request_head = RequestStarted("GET", "/j", URL, fields("Host: h"))
    assert heads.request(request_head) == (
        b"\x1b[32mGET\x1b[0m \x1b[4;36m/j\x1b[0m \x1b[34mHTTP\x1b[0m/\x1b[34m1.1\x1b[0m\n"
        b"\x1b[36mHost\x1b[0m: h\r\n\r\n"
    )
    assert heads.response(response_head()) == (
        b"\x1b[34mHTTP\x1b[0m/\x1b[34m1.0\x1b[0m \x1b[34m200\x1b[0m \x1b[36mOK\x1b[0m\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("elapsed", "colour"),
    [(ELAPSED, "32"), (0.45, "32"), (0.451, "33"), (1.0, "33"), (2.5, "31"), (2.501, "1;31")],
)
def test_elapsed_time_is_coloured_by_speed(elapsed: float, colour: str) -> None:
    assert HeadFormatter(Display(colours=Colours.SIXTEEN)).meta(elapsed).decode() == (
        f"\x1b[90mElapsed time\x1b[0m: \x1b[{colour}m{elapsed:.9f}\x1b[0m\x1b[36ms\x1b[0m\n\n"
    )


class TestSorting:
    HEAD = response_head("OK", "b: 2", "C: 1", "a: x", "B: 1", "A: y")
    SORTED = Display(format=True, format_options=FormatOptions(headers_sort=True))

    def test_ignores_case_and_keeps_the_order_of_repeats(self) -> None:
        shown = HeadFormatter(self.SORTED).response(self.HEAD).split(b"\r\n")
        assert shown[1:-2] == [b"a: x", b"A: y", b"b: 2", b"B: 1", b"C: 1"]

    @pytest.mark.parametrize("display", [SORTED._replace(format=False), Display(format=True)])
    def test_needs_formatting_and_the_option(self, display: Display) -> None:
        shown = HeadFormatter(display).response(self.HEAD).split(b"\r\n")
        assert shown[1:-2] == [b"b: 2", b"C: 1", b"a: x", b"B: 1", b"A: y"]
