from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.interfaces import Format
from httpcli.core.plan import Colours, Display
from httpcli.output.formats.event_stream import events
from httpcli.output.formats.highlight import highlighter
from httpcli.output.formats.incremental_highlight import (
    MAX_COLOURED,
    LineHighlighter,
    WindowHighlighter,
)
from httpcli.protocol.media_types import parse_media_type
from tests.output.test_formats import SGR, quiet

COLOURED = Display(colours=Colours.SIXTEEN)

PAUSE = None


def highlight(media: str = "text/html", display: Display = COLOURED) -> Format:
    format_ = highlighter(display, parse_media_type(media), quiet)
    assert format_ is not None
    return format_


def event_stream() -> Format:
    return events(COLOURED, parse_media_type("text/event-stream"), quiet)


def fed(format_: Format, *pieces: str | None) -> list[str]:
    """Return the output for each piece (None: a pause) and for the end."""
    steps = [format_.pause() if piece is None else format_.feed(piece) for piece in pieces]
    return ["".join(step) for step in [*steps, format_.flush()]]


def plain(text: str) -> str:
    return SGR.sub("", text)


PIECES = st.lists(st.text(alphabet="<>/ab=\"'&;:{}[]\r\n\t é!-#1", max_size=12) | st.none())

MAKERS: list[Callable[[], Format]] = [
    highlight,
    lambda: highlight("application/yaml"),
    lambda: highlight("text/x-diff"),
    # The robotframework lexer does not return every character of its input.
    lambda: highlight("text/x-robotframework"),
    lambda: highlight(display=COLOURED._replace(stream=True)),
    event_stream,
]


@pytest.mark.parametrize("make", MAKERS)
@given(pieces=PIECES)
def test_pauses_do_not_change_the_text(
    make: Callable[[], Format], pieces: list[str | None]
) -> None:
    shown = fed(make(), *pieces)
    assert plain("".join(shown)) == "".join(filter(None, pieces))


@pytest.mark.parametrize("make", MAKERS)
@given(pieces=PIECES)
def test_a_pause_writes_all_text_received(
    make: Callable[[], Format], pieces: list[str | None]
) -> None:
    *before, last = fed(make(), *pieces, PAUSE)
    assert last == ""
    assert plain("".join(before)) == "".join(filter(None, pieces))


class TestWindowHighlighter:
    def test_line_written_on_a_pause_has_the_colour_of_its_context(self) -> None:
        shown = fed(highlight(), "<!-- one\n", PAUSE, "two -->\n", PAUSE, "<b>")
        assert shown[::2] == ["", "", ""]
        assert plain(shown[1]) == "<!-- one\n"
        assert shown[3] == "\x1b[37mtwo -->\x1b[0m\n"
        assert shown[5] == "<\x1b[94mb\x1b[0m>"

    def test_unfinished_line_keeps_its_colour_after_a_pause(self) -> None:
        shown = fed(highlight(), "<b title='one", PAUSE, " two'>\n")
        assert shown[3] == "\x1b[33m two'\x1b[0m>\n"

    def test_buffers_text_until_a_pause(self) -> None:
        shown = fed(highlight(), "<b>\n", "<i>\n")
        assert shown[:2] == ["", ""]

    def test_writes_nothing_twice(self) -> None:
        shown = fed(highlight(), "<b>\n", PAUSE, PAUSE)
        assert shown[2:] == ["", ""]

    def test_kept_and_repeated_text_is_bounded(self) -> None:
        lengths: list[int] = []

        def tokenize(text: str) -> Iterator[tuple[str, str]]:
            lengths.append(len(text))
            yield "", text

        window = WindowHighlighter(tokenize)
        for _ in range(2_000):
            for step in (window.feed("x" * 79 + "\n"), window.pause()):
                list(step)
        assert max(lengths) < 1 << 16
        # Each line of a slow stream costs a bounded number of characters.
        assert sum(lengths) < 80 * 2_000 * 50

    def test_colours_text_after_the_kept_text(self) -> None:
        window = highlight()
        shown = fed(window, "x" * (1 << 17), PAUSE, "<b>")
        assert shown[3] == "<\x1b[94mb\x1b[0m>"

    @pytest.mark.parametrize(
        "tokenize",
        [
            lambda _: [("\x1b[31m", "other")],
            lambda _: [],
            lambda text: [("", text + "more")],
            lambda text: [("", text), ("", text)],
        ],
    )
    def test_writes_the_text_whatever_the_lexer_returns(
        self, tokenize: Callable[[str], list[tuple[str, str]]]
    ) -> None:
        assert (
            plain("".join(fed(WindowHighlighter(tokenize), "text\n", PAUSE, "rest")))
            == "text\nrest"
        )


# Pygments' lexers need quadratic time for these: minutes, without a limit.
HOSTILE = [
    pytest.param("text/html", "<!--", False),
    pytest.param("text/html", "&", True, marks=pytest.mark.wide),
    pytest.param("application/yaml", "&", False, marks=pytest.mark.wide),
]


@pytest.mark.wide
@pytest.mark.parametrize(("media", "unit", "stream"), HOSTILE)
def test_rest_is_plain_if_the_lexer_takes_too_long(media: str, unit: str, stream: bool) -> None:
    text = unit * (MAX_COLOURED // len(unit))
    began = process_time()
    shown = fed(highlight(media, COLOURED._replace(stream=stream)), text, PAUSE, f"\n{text}")
    assert process_time() - began < 3
    assert plain("".join(shown)) == f"{text}\n{text}"


def test_diff_without_a_final_line_end_is_fast() -> None:
    began = process_time()
    fed(highlight("text/x-diff"), "+x" * (1 << 16))
    assert process_time() - began < 3


class TestLineHighlighter:
    STREAM = COLOURED._replace(stream=True)

    def test_are_written_when_complete(self) -> None:
        shown = fed(highlight(display=self.STREAM), "<b>\n<", "i>\n")
        assert shown == ["<\x1b[94mb\x1b[0m>\n", "<\x1b[94mi\x1b[0m>\n", ""]

    def test_are_written_unfinished_on_a_pause(self) -> None:
        shown = fed(highlight(display=self.STREAM), "<b", PAUSE, " a='b'>\n")
        assert shown == ["", "<\x1b[94mb\x1b[0m", " \x1b[36ma\x1b[0m=\x1b[33m'b'\x1b[0m>\n", ""]

    def test_long_lines_are_not_buffered(self) -> None:
        lines = LineHighlighter(lambda text: [("\x1b[31m", text)])
        first, second, third, _ = fed(lines, "x" * (1 << 16), "y", "z\nnext\n")
        assert plain(first) == "x" * (1 << 16)
        assert (second, third) == ("y", "z\n\x1b[31mnext\x1b[0m\n")


class TestEvents:
    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            (": a comment", "[90m: a comment[0m"),
            ("data: text", "[94mdata[0m: text"),
            ("data", "[94mdata[0m"),
            ("event: added", "[94mevent[0m:[34m added[0m"),
            ("id:7", "[94mid[0m:[34m7[0m"),
            ("retry: 10", "[94mretry[0m:[34m 10[0m"),
            ("unheard: of", "unheard: of"),
            ("", ""),
            (
                'data: {"a": [1.5e+3, "x", true, xtrue]}',
                '[94mdata[0m: {[94m"a"[0m: [[34m1.5e+3[0m, [33m"x"[0m, [34mtrue[0m, xtrue]}',
            ),
            ('data: ["cut', '[94mdata[0m: [[33m"cut[0m'),
        ],
    )
    @pytest.mark.parametrize("end", ["\n", "\r\n", ""])
    def test_parts_have_their_own_colours(self, line: str, shown: str, end: str) -> None:
        expected = re.sub(r"\[(?=\d+m)", "\x1b[", shown) + end
        assert "".join(fed(event_stream(), line + end)) == expected

    def test_are_not_buffered(self) -> None:
        assert fed(event_stream(), "data: 1\n", "\n")[:2] == ["\x1b[94mdata\x1b[0m: 1\n", "\n"]
