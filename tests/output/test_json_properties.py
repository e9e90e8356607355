"""Properties of the JSON output that hold for valid, invalid and truncated input."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from httpcli.core.json_prefix import json_prefix
from httpcli.core.plan import Display
from httpcli.output.formats.json_grammar import WHITE_SPACE
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
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
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
    """Sort the pairs of objects, as ``read`` returns them."""
    if isinstance(value, list):
        return [in_order(each) for each in value]
    if isinstance(value, tuple):
        pairs = [(key, in_order(each)) for key, each in value]
        return tuple(sorted(pairs, key=lambda pair: pair[0]))
    return value


@given(ANY, st.sampled_from(EVERY), SIZES)
def test_output_does_not_depend_on_how_text_is_split(
    text: str, display: Display, size: int
) -> None:
    assert formatted(display, *cut(text, size)) == formatted(display, text)


@given(ANY, st.sampled_from(EVERY), SIZES)
def test_output_does_not_depend_on_how_bytes_are_split(
    text: str, display: Display, size: int
) -> None:
    data = text.encode("utf-8", "surrogateescape")
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    assert body(display, *pieces, media=JSON) == body(display, data, media=JSON)


@given(ANY, st.sampled_from([INDENTED, COLOURED, BOTH]))
def test_formatting_changes_only_white_space_and_colours(text: str, display: Display) -> None:
    seen = without_colours(formatted(display, text))
    assert TOKEN.findall(seen) == TOKEN.findall(without_colours(text))


@given(ANY)
def test_colouring_alone_keeps_white_space(text: str) -> None:
    assert without_colours(formatted(COLOURED, text)) == without_colours(text)


@given(ANY)
def test_sorting_keeps_every_token(text: str) -> None:
    assert Counter(TOKEN.findall(formatted(SORTED, text))) == Counter(TOKEN.findall(text))


@given(ANY, SIZES)
def test_formatting_twice_changes_nothing(text: str, size: int) -> None:
    # After leading white space a prefix is not one; formatting removes that white space.
    assume(not json_prefix(text.lstrip(WHITE_SPACE), last=True))
    for display in (INDENTED, SORTED):
        seen = formatted(display, text)
        assert formatted(display, *cut(seen, size)) == seen


@given(WRITTEN)
def test_formatted_json_has_the_same_value(text: str) -> None:
    assert read(indented(text)) == read(text)


@given(WRITTEN)
def test_sorted_json_has_the_same_value_except_for_order(text: str) -> None:
    assert read(formatted(SORTED, text)) == in_order(read(text))


@given(VALUES)
def test_layout_and_order_match_the_standard_library(value: object) -> None:
    text = json.dumps(value)
    assert indented(text) == json.dumps(value, indent=4)
    assert formatted(SORTED, text) == json.dumps(value, indent=4, sort_keys=True)


@given(ANY, st.sampled_from([display for display in EVERY if display.guard_terminal]))
def test_guarded_output_has_no_control_characters(text: str, display: Display) -> None:
    seen = body(display, text.encode("utf-8", "surrogateescape"), media=JSON).decode()
    assert not CONTROL.search(without_colours(seen))
