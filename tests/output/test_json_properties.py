"""What holds of JSON whatever it is, right, wrong or cut short."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from httpcli.core.plan import Display
from httpcli.output.formats.json_grammar import WHITE, prefix_of
from tests.output.exchanges import body
from tests.output.json_texts import (
    ANY,
    BOTH,
    COLOURED,
    EVERY,
    INDENTED,
    SGR,
    SORTED,
    TOKEN,
    VALUES,
    WRITTEN,
    cut,
    formatted,
    indented,
)

JSON = "application/json"
LIVE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SIZES = st.integers(1, 9)


def without_colours(text: str) -> str:
    return SGR.sub("", text)


def read(text: str) -> Any:
    """Read JSON so that literals, order and duplicate keys can be compared."""
    return json.loads(
        text,
        strict=False,
        object_pairs_hook=tuple,
        parse_float=str,
        parse_int=str,
        parse_constant=str,
    )


def in_order(value: Any) -> Any:
    """Sort the pairs of objects, as ``read`` gives them."""
    if isinstance(value, list):
        return [in_order(each) for each in value]
    if isinstance(value, tuple):
        pairs = [(key, in_order(each)) for key, each in value]
        return tuple(sorted(pairs, key=lambda pair: pair[0]))
    return value


@given(ANY, st.sampled_from(EVERY), SIZES)
def test_cuts_make_no_difference(text: str, display: Display, size: int) -> None:
    assert formatted(display, *cut(text, size)) == formatted(display, text)


@given(ANY, st.sampled_from(EVERY), SIZES)
def test_cuts_of_bytes_make_no_difference(text: str, display: Display, size: int) -> None:
    data = text.encode("utf-8", "surrogateescape")
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    assert body(display, *pieces, media=JSON) == body(display, data, media=JSON)


@given(ANY, st.sampled_from([INDENTED, COLOURED, BOTH]))
def test_only_white_space_and_colour_change(text: str, display: Display) -> None:
    seen = without_colours(formatted(display, text))
    assert TOKEN.findall(seen) == TOKEN.findall(without_colours(text))


@given(ANY)
def test_colour_alone_keeps_white_space(text: str) -> None:
    assert without_colours(formatted(COLOURED, text)) == without_colours(text)


@given(ANY)
def test_sorting_keeps_every_token(text: str) -> None:
    assert Counter(TOKEN.findall(formatted(SORTED, text))) == Counter(TOKEN.findall(text))


@given(ANY, SIZES)
def test_what_is_formatted_stays_as_it_is(text: str, size: int) -> None:
    # White space before it keeps a prefix from being one, until it is left out.
    assume(not prefix_of(text.lstrip(WHITE), last=True))
    for display in (INDENTED, SORTED):
        seen = formatted(display, text)
        assert formatted(display, *cut(seen, size)) == seen


@given(WRITTEN)
def test_what_is_formatted_reads_the_same(text: str) -> None:
    assert read(indented(text)) == read(text)


@given(WRITTEN)
def test_what_is_sorted_reads_the_same_but_for_order(text: str) -> None:
    assert read(formatted(SORTED, text)) == in_order(read(text))


@given(VALUES)
def test_layout_and_order_are_those_of_the_standard_library(value: object) -> None:
    text = json.dumps(value)
    assert indented(text) == json.dumps(value, indent=4)
    assert formatted(SORTED, text) == json.dumps(value, indent=4, sort_keys=True)


@given(ANY, st.sampled_from([display for display in EVERY if display.guard]))
def test_nothing_in_it_drives_a_terminal(text: str, display: Display) -> None:
    seen = body(display, text.encode("utf-8", "surrogateescape"), media=JSON).decode()
    assert not LIVE.search(without_colours(seen))
