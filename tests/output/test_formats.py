from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.format_options import FormatOptions
from httpcli.core.interfaces import Format
from httpcli.core.lazy_load import load
from httpcli.core.plan import AUTO_STYLE, Colours, Display
from httpcli.core.terminal_guard import TerminalGuard
from httpcli.output.formats.form import FormFormat
from httpcli.output.formats.highlight import highlighter
from httpcli.output.formats.incremental_highlight import MAX_COLOURED
from httpcli.output.formats.registry import FORMATS, Stage
from httpcli.output.styles import style_names
from httpcli.output.theme import palette
from httpcli.protocol.media_types import parse_media_type
from tests.support.environment import ROOT

SGR = re.compile("\x1b\\[[0-9;]*m")
FORMATTED = Display(format=True, colours=Colours.SIXTEEN)
HTML = parse_media_type("text/html")


def quiet(_notice: str) -> None:
    """Ignore the notice."""


def highlighted(
    text: str, *, display: Display = FORMATTED, media: str = "text/html", size: int = 0
) -> str:
    format_ = highlighter(display, parse_media_type(media), quiet)
    assert format_ is not None
    size = size or len(text) or 1
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    return "".join([*(out for piece in pieces for out in format_.feed(piece)), *format_.flush()])


@pytest.mark.parametrize(
    "stage",
    dict.fromkeys(stage for row in FORMATS for stage in row.stages),
    ids=lambda stage: stage.entry_point,
)
def test_every_stage_makes_a_format(stage: Stage) -> None:
    display = FORMATTED._replace(format_options=FormatOptions(json_sort_keys=True))
    format_: Format = load(stage.entry_point)(display, HTML, quiet)
    assert SGR.sub("", "".join([*format_.feed("1"), *format_.flush()])) == "1"


def test_the_guard_is_a_format() -> None:
    guard: Format = TerminalGuard()
    assert list(guard.feed("a")) == ["a"]


class TestHighlight:
    @pytest.mark.parametrize(
        ("media", "text"),
        [
            ("text/html", "<a>"),
            ("application/xml", "<a/>"),
            ("image/svg+xml", "<svg/>"),
            ("application/x+yaml", "a: 1"),
            ("application/yaml", "a: 1"),
            ("application/x-yaml", "a: 1"),
            ("text/x-sh", "if true; then"),
            ("text/x-c", "int main(void) { return 0; }"),
            ("application/ecmascript", "var a = 1"),
            ("text/xsl", "<a/>"),
            ("text/css", "a { b: 1px }"),
            ("text/x-python", "def a(): pass"),
        ],
    )
    def test_finds_a_lexer_by_the_type_or_its_suffix(self, media: str, text: str) -> None:
        assert SGR.search(highlighted(text, media=media))

    @pytest.mark.parametrize("media", ["text/plain", "application/unheard-of"])
    def test_has_no_format_for_types_without_a_lexer(self, media: str) -> None:
        assert highlighter(FORMATTED, parse_media_type(media), quiet) is None

    @given(st.text(alphabet="<>/ab=\"'&;\r\n\t é!-", max_size=40))
    def test_adds_only_colours(self, text: str) -> None:
        assert SGR.sub("", highlighted(text)) == text

    def test_resets_colours_at_the_end_of_a_line(self) -> None:
        assert "\x1b[37m<!-- a\x1b[0m\n" in highlighted("<!-- a\nb -->")

    def test_leaves_text_after_a_mebibyte_plain(self) -> None:
        text = "x" * (MAX_COLOURED - 3) + "<b><i>"
        expected = "x" * (MAX_COLOURED - 3) + "<\x1b[94mb\x1b[0m><i>"
        assert highlighted(text) == highlighted(text, size=99_999) == expected

    def test_uses_no_bright_colours_if_the_terminal_has_eight(self) -> None:
        eight = Display(colours=Colours.EIGHT)
        assert "<\x1b[34mb\x1b[0m>" in highlighted("<b>", display=eight)

    @pytest.mark.parametrize(
        ("colours", "begins"),
        [
            (Colours.MANY, "\x1b[38;5;"),
            (Colours.TRUE, "\x1b[38;2;"),
            (Colours.SIXTEEN, "\x1b[94m"),
        ],
    )
    def test_style_uses_the_colour_depth_of_the_terminal(
        self, colours: Colours, begins: str
    ) -> None:
        assert begins in highlighted("<b>", display=Display(colours=colours, style="monokai"))


class TestForm:
    def coloured(self, *pieces: str) -> str:
        form = FormFormat(FORMATTED, HTML, quiet)
        return "".join([*(out for piece in pieces for out in form.feed(piece)), *form.flush()])

    def test_colours_names_and_values_differently(self) -> None:
        assert self.coloured("a=b%20=c&d&=e\n") == (
            "\x1b[94ma\x1b[0m=\x1b[33mb%20=c\x1b[0m&\x1b[94md\x1b[0m&=\x1b[33me\x1b[0m\n"
        )

    @given(st.text(alphabet="ab=&\n%+", max_size=30), st.integers(1, 9))
    def test_adds_only_colours_however_the_text_is_split(self, text: str, size: int) -> None:
        whole = self.coloured(text)
        assert SGR.sub("", whole) == text
        assert self.coloured(*(text[i : i + size] for i in range(0, len(text), size))) == whole

    def test_does_not_buffer(self) -> None:
        form = FormFormat(FORMATTED, HTML, quiet)
        assert "".join(form.feed("x" * (2 << 20))) == "\x1b[94m" + "x" * (2 << 20)


class TestPalette:
    @pytest.mark.parametrize("colours", Colours)
    @pytest.mark.parametrize("style", ["auto", "monokai", "bw"])
    def test_has_a_sequence_for_every_token(self, style: str, colours: Colours) -> None:
        found = palette(style, colours)
        assert set(found) == set(palette(AUTO_STYLE, Colours.SIXTEEN))
        assert all(not each or SGR.fullmatch(each) for each in found.values())

    @pytest.mark.parametrize("colours", [Colours.NONE, Colours.EIGHT])
    def test_uses_basic_sequences_on_simple_terminals(self, colours: Colours) -> None:
        sequences = "".join(palette("auto", colours).values())
        assert not re.search(r"\[9|38;", sequences)

    def test_every_listed_style_has_a_palette(self) -> None:
        found = style_names()
        assert found[0] == "auto"
        assert {"monokai", "pie"} < set(found)
        assert all(palette(name, Colours.TRUE) for name in found)


def loaded_by(program: str) -> set[str]:
    listing = "; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program + listing],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_plain_body_in_a_pipe_imports_only_the_screen() -> None:
    program = "from tests.output.exchanges import *; shown(Display(), request() + response(b'x'))"
    loaded = loaded_by(program)
    assert {name for name in loaded if name.startswith("httpcli.output.")} == {
        "httpcli.output.screen"
    }


def test_json_in_default_colours_does_not_import_pygments() -> None:
    program = (
        "from tests.output.exchanges import *; from httpcli.core.plan import Colours;"
        "body(Display(format=True, colours=Colours.TRUE, guard_terminal=True),"
        " b'[1]', media='a/json')"
    )
    loaded = loaded_by(program)
    assert "httpcli.output.formats.json" in loaded
    assert "pygments" not in loaded


def test_utf_8_text_imports_no_charset_detection() -> None:
    program = (
        "from tests.output.exchanges import *;"
        "body(Display(format=True, guard_terminal=True), 'é'.encode() * 99, media='text/plain')"
    )
    loaded = loaded_by(program)
    assert "httpcli.protocol.declared_charsets" in loaded
    assert not loaded & {"charset_normalizer", "pygments"}
