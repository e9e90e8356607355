"""JSON literals: written back in the default style of json.dumps; errors have a position."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import Fault, UsageError
from httpcli.syntax.json_values import Json, Literal, dump, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)


@given(VALUES)
def test_ordinary_values_are_written_like_json_dumps(value: object) -> None:
    assert dump(parse(json.dumps(value))) == json.dumps(value)
    assert dump(parse(json.dumps(value, ensure_ascii=False, indent=1))) == json.dumps(value)


@given(NUMBERS)
def test_a_number_keeps_its_text(number: str) -> None:
    assert dump(parse(number)) == number
    assert dump(parse(f'{{"a": [{number}]}}')) == f'{{"a": [{number}]}}'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.50", "1.50"),
        ("1e400", "1e400"),
        ("-0", "-0"),
        ("1E5", "1E5"),
        ("9" * 5000, "9" * 5000),
        (' [ 1 ,2 ,{ "a" :null} ] ', '[1, 2, {"a": null}]'),
        ('{"a":1,"b":2,"a":3}', '{"a": 1, "b": 2, "a": 3}'),
        ('[{"a":{"b":1,"b":1.0}}]', '[{"a": {"b": 1, "b": 1.0}}]'),
        ('{"a":"b"}', '{"a": "b"}'),
        ('"é\\u00e9\\/\\n"', '"\\u00e9\\u00e9/\\n"'),
        ('"\\ud800"', '"\\ud800"'),
        ("[]", "[]"),
        ("{}", "{}"),
        ("true", "true"),
    ],
)
def test_literals_are_preserved(text: str, written: str) -> None:
    assert dump(parse(text)) == written


def test_a_string_that_looks_like_a_number_is_quoted() -> None:
    assert dump("1") == '"1"'
    assert dump(Literal("1")) == "1"


@pytest.mark.parametrize(
    ("value", "message", "place"),
    [
        ("", "invalid JSON: expecting value", 3),
        ("x", "invalid JSON: expecting value", 3),
        ("[1,x]", "invalid JSON: expecting value", 6),
        ('{"a" 1}', "invalid JSON: expecting ':' delimiter", 8),
        ("{a:1}", "invalid JSON: expecting property name enclosed in double quotes", 4),
        ("1 2", "invalid JSON: extra data", 5),
        ("01", "invalid JSON: extra data", 4),
        ('"a', "invalid JSON: unterminated string", 3),
        ('"a\tb"', "invalid JSON: invalid control character", 5),
        ("NaN", "invalid JSON: NaN is not JSON", 3),
        ('["NaN", -Infinity]', "invalid JSON: -Infinity is not JSON", 11),
        ("[1,Infinity]", "invalid JSON: Infinity is not JSON", 6),
    ],
)
def test_invalid_json_is_rejected_with_its_position(value: str, message: str, place: int) -> None:
    item = f"k:={value}"
    with pytest.raises(UsageError) as caught:
        parse(value, item, 3)
    assert caught.value.message == message
    assert caught.value.fault == Fault(item, place, min(place + 1, len(item)))


def test_unquoted_text_gets_a_hint_to_the_string_separator() -> None:
    with pytest.raises(UsageError) as caught:
        parse("hello", "k:=hello", 3)
    assert caught.value.hint == "a string is sent by = instead of :="


def test_error_in_a_file_has_its_line_and_column() -> None:
    with pytest.raises(UsageError) as caught:
        parse('{\n  "a": x\n}\n', "data.json", 4)
    assert caught.value.message == "data.json:2:8: invalid JSON: expecting value"
    assert caught.value.fault == Fault('  "a": x', 7, 8)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_very_deep_literal_is_a_usage_error(opening: str) -> None:
    with pytest.raises(UsageError, match="nested too deeply"):
        parse(opening * 100_000)


def test_a_very_deep_value_can_be_written() -> None:
    value: Json = []
    for _ in range(100_000):
        value = [value]
    assert dump(value) == "[" * 100_001 + "]" * 100_001
