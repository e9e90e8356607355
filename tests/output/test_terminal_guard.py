from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.escaping import escape_controls
from httpcli.core.plan import Colours, Display
from httpcli.core.terminal_guard import BODY_STYLES, OutputGuard, TerminalGuard
from tests.output.exchanges import body, request, response, shown

SGR = re.compile("\x1b\\[[0-9;:]*m")
# The characters that a terminal acts on.
LIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

HOSTILE = st.lists(
    st.sampled_from(
        [*'\x00\x07\x08\t\n\r\x0e\x1b\x1e\x7f\x90\x9b\u202e\u2066[]m;:0{}",\\u', "31", "\\u001b"]
    )
    | st.text(max_size=3),
    max_size=30,
).map("".join)


def guarded(text: str, *cuts: int, colours: bool = True) -> str:
    guard = TerminalGuard(styles=BODY_STYLES if colours else None)
    pieces = [text[i:j] for i, j in zip((0, *cuts), (*cuts, len(text)), strict=True)]
    return "".join([*(out for piece in pieces for out in guard.feed(piece)), *guard.flush()])


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("plain ü\t\n", "plain ü\t\n"),
        ("\x00\x07\x08\x0b\x1f\x7f", "\\x00\\x07\\x08\\x0b\\x1f\\x7f"),
        ("\x80\x9b31m\x9f", "\\x80\\x9b31m\\x9f"),
        ("\u202eabc\u2069", "\\u202eabc\\u2069"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\\rb"),
        ("a\r\r\n", "a\\r\n"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b[?25l", "\\x1b[?25l"),
        ("\x1b[1;38;5;9mred", "\x1b[1;38;5;9mred\x1b[0m"),
        ("\x1b[1;38:5:9mred", "\\x1b[1;38:5:9mred"),
        ("\x1b[m", "\x1b[m\x1b[0m"),
        ("\x1b[" + "1;" * 40 + "m", "\\x1b[" + "1;" * 40 + "m"),
        ("\x1b", "\\x1b"),
        ("\x1b[3", "\\x1b[3"),
        ("\r", "\\r"),
    ],
)
def test_control_sequences_are_shown_escaped(sent: str, seen: str) -> None:
    assert guarded(sent) == seen


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_output_keeps_its_line_ends_and_escapes_other_carriage_returns(size: int) -> None:
    guard = OutputGuard()
    data = b"HTTP/1.1 200 OK\r\nA: b\rc\xc3\xa9\r\n\r\n"
    pieces = [guard.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join(pieces) + guard.flush() == data.replace(b"b\rc", rb"b\rc")


def test_colours_can_be_escaped_too() -> None:
    assert guarded("\x1b[31mred", colours=False) == "\\x1b[31mred"


def test_visible_escapes_newlines_and_colours() -> None:
    assert escape_controls("a\tb\n\x1b[31m") == "a\tb\\x0a\\x1b[31m"


def test_unfinished_sequence_is_buffered_only_to_a_limit() -> None:
    guard = TerminalGuard()
    assert "".join(guard.feed("\x1b[" + "1" * 1000))


@given(HOSTILE, st.data())
def test_output_does_not_depend_on_how_text_is_split(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=4).map(sorted))
    assert guarded(text, *cuts) == guarded(text)


@given(
    HOSTILE,
    st.sampled_from(["text/plain", "text/html", "application/json", "application/json-seq", ""]),
    st.booleans(),
    st.sampled_from([Colours.NONE, Colours.SIXTEEN, Colours.TRUE]),
    st.integers(1, 40),
)
def test_no_body_sends_control_characters_to_the_terminal(
    text: str, media: str, formatted: bool, colours: Colours, size: int
) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    pieces = [raw[i : i + size] for i in range(0, len(raw), size)]
    display = Display(to_terminal=True, guard_terminal=True, format=formatted, colours=colours)
    seen = body(display, *pieces, media=media).decode()
    assert not LIVE.search(SGR.sub("", seen))


@given(st.binary(max_size=60))
def test_no_bytes_send_control_characters_to_the_terminal(raw: bytes) -> None:
    display = Display(parts=frozenset("hb"), to_terminal=True, guard_terminal=True, format=True)
    value = raw.decode("utf-8", "surrogateescape")
    events = request() + response(raw, lines=[f"X: {value}"])
    seen = shown(display, events).decode()
    assert not LIVE.search(SGR.sub("", seen.replace("\r\n", "\n")))
