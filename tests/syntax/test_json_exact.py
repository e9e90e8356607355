"""JSON is parsed and written without loss, and compared exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.syntax.json_exact import Number, dump, equal, parse
from httpcli.syntax.json_values import NotJsonError


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
        ("[" * 100_000, "it is nested too deeply"),
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
    assert caught.value.place == 8
