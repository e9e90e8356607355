from __future__ import annotations

import re

import pytest
from pygments.token import STANDARD_TYPES

from httpcli.core.plan import AUTO_STYLE, Colours, Display
from httpcli.core.terminal_guard import OutputGuard, rgb_of
from httpcli.output.formats.highlight import TOKEN_HUES
from httpcli.output.styles import (
    STYLES,
    Hues,
    nearest,
    palette_of_style,
    pygments_sequences,
    rgb,
    sequences_of,
    style_names,
)
from httpcli.output.theme import RESET, palette
from tests.output.exchanges import body, response, shown
from tests.output.test_formats import SGR, highlighted, loaded_by

PAGE = "<!-- c --><b a='x'>&lt;</b>\n"
CODE = "# c\n@d\ndef f(x: int) -> None:\n    '''s'''\n    return 1 + True\n"

HUES = sorted({hues for style in STYLES.values() for hues in style})


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance (WCAG 2)."""
    parts = (each / 255 for each in colour)
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast ratio (WCAG 2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("hue", Hues._fields[1:])
@pytest.mark.parametrize("hues", HUES, ids=lambda hues: hues.background)
class TestBuiltInStyles:
    def test_are_readable_on_their_background_in_true_colour(self, hues: Hues, hue: str) -> None:
        assert contrast(rgb(getattr(hues, hue)), rgb(hues.background)) >= 4.5

    def test_are_readable_on_their_background_in_256_colours(self, hues: Hues, hue: str) -> None:
        found = rgb_of(nearest(getattr(hues, hue)))
        assert contrast(found, rgb(hues.background)) >= 4.5


@pytest.mark.parametrize("hues", HUES, ids=lambda hues: hues.background)
def test_hues_are_distinct_in_256_colours(hues: Hues) -> None:
    assert len({nearest(each) for each in hues[1:]}) == 8


@pytest.mark.parametrize("number", range(16, 256))
def test_nearest_of_256_colours_to_one_of_them_is_itself(number: int) -> None:
    found = nearest("#{:02x}{:02x}{:02x}".format(*rgb_of(number)))
    assert rgb_of(found) == rgb_of(number)


def test_every_token_has_a_known_hue() -> None:
    assert set(TOKEN_HUES.values()) <= {"", *Hues._fields[1:]}


@pytest.mark.parametrize("style", ["pie", "solarized"])
def test_style_has_other_colours_on_a_light_background(style: str) -> None:
    dark, light = (sequences_of(style, Colours.TRUE, light=each) for each in (False, True))
    assert all(dark[hue] != light[hue] for hue in Hues._fields[1:])


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("application/json", b'{"a": "b", "c": [1, true]}'),
        ("application/x-www-form-urlencoded", b"a=b&c=d"),
        ("text/event-stream", b'event: a\ndata: {"a": "b"}\n'),
        ("text/html", b'<p class="a">b</p>'),
        ("application/yaml", b'a: "b" # c\n'),
    ],
)
def test_no_pale_colours_in_bodies_on_a_light_background(media: str, content: bytes) -> None:
    display = Display(format=True, colours=Colours.SIXTEEN, light_background=True)
    shown = SGR.findall(body(display, content, media=media).decode())
    assert set(shown) - {RESET}
    assert not {"\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[37m", "\x1b[94m"} & set(shown)


@pytest.mark.parametrize("style", ["pie-dark", "pie-light"])
def test_dark_and_light_variants_ignore_the_background(style: str) -> None:
    dark, light = (palette(style, Colours.TRUE, light=each) for each in (False, True))
    assert dark == light


TRUE = r"38;2;\d+;\d+;\d+"
MANY = r"38;5;\d+"
SIXTEEN = r"3[0-7]|9[0-7]"
EIGHT = r"3[0-7]"


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("style", ["auto", "pie", "solarized", "monokai", "default"])
@pytest.mark.parametrize(
    ("colours", "allowed"),
    [
        (Colours.EIGHT, EIGHT),
        (Colours.SIXTEEN, SIXTEEN),
        (Colours.MANY, MANY),
        (Colours.TRUE, TRUE),
    ],
)
def test_colours_stay_within_the_terminals_colour_depth(
    colours: Colours, allowed: str, style: str, light: bool
) -> None:
    if style == "auto" and colours > Colours.SIXTEEN:
        allowed = SIXTEEN
    display = Display(colours=colours, style=style, light_background=light)
    shown = [
        *palette(style, colours, light=light).values(),
        highlighted(PAGE, display=display),
        highlighted(CODE, display=display, media="text/x-python"),
    ]
    found = [each[2:-1] for each in SGR.findall("".join(shown)) if each != RESET]
    assert any(re.search(allowed, each) for each in found)
    for each in found:
        colour = re.sub(r"^(?:0?[1-4](?:;|$))*|(?:;0?[1-4])*$", "", each)
        assert re.fullmatch(rf"(?:{allowed})?(?:;?{allowed.replace('38', '48')})?", colour), each


@pytest.mark.parametrize("style", ["pie", "monokai"])
@pytest.mark.parametrize("colours", [Colours.EIGHT, Colours.SIXTEEN])
def test_every_style_is_auto_below_256_colours(style: str, colours: Colours) -> None:
    assert palette(style, colours) == palette("auto", colours)
    display = Display(colours=colours, style=style)
    assert highlighted(PAGE, display=display) == highlighted(
        PAGE, display=display._replace(style="auto")
    )


@pytest.mark.parametrize("colours", [Colours.EIGHT, Colours.SIXTEEN])
def test_no_pale_colours_anywhere_on_a_light_background(colours: Colours) -> None:
    display = Display(colours=colours, light_background=True)
    shown = [
        *palette("auto", colours, light=True).values(),
        highlighted(PAGE, display=display),
        highlighted(CODE, display=display, media="text/x-python"),
    ]
    assert not re.search(r"\x1b\[(?:\d;)?(?:3[2367]|9[1-7])m", "".join(shown))
    assert "\x1b[31m" in "".join(shown)


def test_light_background_applies_to_headers_and_body() -> None:
    display = Display(parts=frozenset("hb"), colours=Colours.SIXTEEN, light_background=True)
    seen = shown(display, response(b'{"a":"b"}', lines=["Content-Type: a/json"])).decode()
    assert "\x1b[34mContent-Type" in seen
    assert '\x1b[31m"b"' in seen


def test_json_in_a_built_in_style_does_not_import_pygments() -> None:
    program = (
        "from tests.output.exchanges import *; from httpcli.core.plan import Colours;"
        "display = Display(format=True, colours=Colours.TRUE, guard_terminal=True, style='pie');"
        "body(display, b'[1]', media='a/json')"
    )
    loaded = loaded_by(program)
    assert "httpcli.output.styles" in loaded
    assert "pygments" not in loaded


@pytest.mark.wide
@pytest.mark.parametrize("colours", [Colours.MANY, Colours.TRUE])
def test_colours_of_every_style_pass_the_terminal_guard(colours: Colours) -> None:
    for name in style_names():
        if name == AUTO_STYLE:
            continue
        sequences = {*palette_of_style(name, colours, light=False).values()}
        if name not in STYLES:
            sequences |= set(map(pygments_sequences(name, colours), STANDARD_TYPES))
        for sequence in sequences:
            coloured = f"{sequence}text\x1b[0m".encode()
            assert OutputGuard().feed(coloured) == coloured, name
