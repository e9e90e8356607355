"""JSON is parsed and written without loss, and compared exactly; errors have a position."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import Fault, UsageError
from httpcli.core.format_options import JSON_DEPTH
from httpcli.syntax.lossless_json import (
    Json,
    NotJsonError,
    Number,
    dump,
    equal,
    leaf_texts,
    parse,
    parse_input,
)


@pytest.mark.parametrize(
    "text",
    [
        "1.0",
        "1e400",
        "-0",
        "-0.0",
        "1E+2",
        "0.10000000000000000000000000000000001",
        "123456789012345678901234567890",
        "9" * 5000,
        "1e99999999999999999999999",
        "-1e99999999999999999999999",
        "1e-99999999999999999999999",
        "0e99999999999999999999999",
        '{"b": 1, "a": 2, "b": 3}',
        '{"a": [{}, [], "", null, true, false]}',
        '"é \\" \\\\ \\n"',
    ],
)
def test_value_is_written_unchanged(text: str) -> None:
    assert dump(parse(text)) == text


def test_last_of_repeated_keys_is_used() -> None:
    assert parse('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1.0", True),
        ("1", "true", False),
        ("0", "false", False),
        ("0.1", "0.10", True),
        ("0.1", "0.1000000000000000055511151231257827", False),
        ("9007199254740993", "9007199254740992", False),
        ("9007199254740993", "9007199254740993.0", True),
        ("1e400", "1e401", False),
        ("1e2", "100", True),
        ("[1, 2]", "[1, 2.0]", True),
        ("[1]", "[true]", False),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', True),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": 1}', "[]", False),
        ("null", "false", False),
        ('"1"', "1", False),
    ],
)
def test_values_are_compared_by_type_and_exact_number(one: str, other: str, same: bool) -> None:
    assert equal(parse(one), parse(other)) is same
    assert equal(parse(other), parse(one)) is same


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expecting value"),
        ("{", "expecting property name enclosed in double quotes"),
        ("[1,]", "value"),
        ("NaN", "NaN is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("1 2", "extra data"),
        ('"a\nb"', "invalid control character"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_invalid_json_is_rejected_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(NotJsonError, match=message):
        parse(text)


def test_lone_surrogate_is_written_as_an_escape() -> None:
    assert dump(parse('["\\ud800", "\\ud83d\\ude00"]')) == '["\\ud800", "😀"]'


@pytest.mark.wide
def test_deep_value_is_written_without_recursion() -> None:
    deep: object = 1
    for _ in range(50_000):
        deep = [deep]
    assert dump(deep) == "[" * 50_000 + "1" + "]" * 50_000  # type: ignore[arg-type]


def test_numbers_with_huge_exponents_are_compared() -> None:
    assert parse("1e99999999999999999999999") > 10**400  # type: ignore[operator]
    assert parse("1e-99999999999999999999999") == Number("0.0")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False).filter(
        lambda number: number not in (float("inf"), float("-inf"))
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_value_written_by_python_round_trips(value: object) -> None:
    text = json.dumps(value)
    assert json.loads(dump(parse(text))) == value
    assert equal(parse(text), parse(dump(parse(text))))


def test_error_about_nan_has_its_position() -> None:
    with pytest.raises(NotJsonError, match="NaN is not JSON") as caught:
        parse('{"NaN": NaN}')
    assert caught.value.position == 8


PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)


@given(PLAIN_VALUES)
def test_ordinary_values_are_written_like_json_dumps(value: object) -> None:
    assert dump(parse(json.dumps(value)), ascii_only=True) == json.dumps(value)
    text = json.dumps(value, ensure_ascii=False, indent=1)
    assert dump(parse(text), ascii_only=True) == json.dumps(value)


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
    assert dump(parse(text), ascii_only=True) == written


def test_a_string_that_looks_like_a_number_is_quoted() -> None:
    assert dump("1") == '"1"'
    assert dump(Number("1")) == "1"


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
        parse_input(value, item, 3)
    assert caught.value.message == message
    assert caught.value.fault == Fault(item, place, min(place + 1, len(item)))


def test_unquoted_text_gets_a_hint_to_the_string_separator() -> None:
    with pytest.raises(UsageError) as caught:
        parse_input("hello", "k:=hello", 3)
    assert caught.value.hint == "to send a string, use = instead of :="


def test_error_in_a_file_has_its_line_and_column() -> None:
    with pytest.raises(UsageError) as caught:
        parse_input('{\n  "a": x\n}\n', file="data.json")
    assert caught.value.message == "data.json:2:8: invalid JSON: expecting value"
    assert caught.value.fault == Fault('  "a": x', 7, 8)


@pytest.mark.wide
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_very_deep_literal_is_a_usage_error(opening: str) -> None:
    with pytest.raises(UsageError, match="nested too deeply"):
        parse_input(opening * 100_000)


@pytest.mark.wide
def test_a_very_deep_value_can_be_written() -> None:
    value: Json = []
    for _ in range(100_000):
        value = [value]
    assert dump(value) == "[" * 100_001 + "]" * 100_001


@pytest.mark.parametrize(
    ("opening", "inner", "closing"), [("[", "1", "]"), ('{"a": ', "1.0", "}"), ("[1, ", "{}", "]")]
)
def test_values_are_parsed_and_compared_up_to_the_limit_of_depth(
    opening: str, inner: str, closing: str
) -> None:
    depth = JSON_DEPTH - (inner == "{}")
    text = opening * depth + inner + closing * depth
    assert dump(parse(text)) == text
    assert equal(parse(text), parse(text))
    with pytest.raises(NotJsonError, match="nested too deeply"):
        parse(opening + text + closing)


def test_repeated_keys_are_kept_in_a_deep_value() -> None:
    text = "[" * 5_000 + '{"a": 1, "b": [], "a": {}}' + ", null]" * 5_000
    assert dump(parse(text)) == text


@pytest.mark.parametrize(
    "inner",
    [",", "1 2", '{"a" 1}', "{a: 1}", '{"a": 1 "b": 2}', "{1}", "]", "NaN", '"x', "{,}"],
)
def test_error_in_a_deep_value_is_the_same_as_in_a_flat_one(inner: str) -> None:
    depth = 5_000
    with pytest.raises(NotJsonError) as flat:
        parse(f"[1, {inner}]")
    with pytest.raises(NotJsonError) as deep:
        parse("[1, " * depth + inner + "]" * depth)
    assert str(deep.value) == str(flat.value)
    assert deep.value.position == flat.value.position + 4 * (depth - 1)


def test_text_after_a_deep_value_is_rejected() -> None:
    text = "[" * 5_000 + "]" * 5_000
    with pytest.raises(NotJsonError, match="extra data") as caught:
        parse(text + " ]")
    assert caught.value.position == len(text) + 1


def test_leaf_texts_are_all_strings_and_numbers() -> None:
    value = parse('{"a": ["x", 1.50, true, null], "b": {"c": 7, "c": "y"}}')
    assert sorted(leaf_texts(value)) == ["1.50", "7", "x", "y"]
