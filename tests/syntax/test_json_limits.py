"""The number of values in a JSON text is known before it is parsed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.syntax.lossless_json import (
    Json,
    TooManyValuesError,
    dump,
    dump_pieces,
    dump_start,
    has_more_values,
    parse,
)

CASES = [
    ("1", 1),
    ('"[,,,{"', 1),
    (r'"\\, ["', 1),
    (r'"a\"[,"', 1),
    ("[]", 1),
    ("{ }", 1),
    ("[ \n]", 1),
    ("[[], []]", 3),
    ("[1, 2, 3]", 4),
    ('{"a": 1, "b": [1]}', 4),
    ('{"a,[": ",", "a": {}}', 3),
]


@pytest.mark.parametrize(("text", "values"), CASES)
def test_values_are_counted_exactly(text: str, values: int) -> None:
    assert not has_more_values(text, values)
    assert values == 1 or has_more_values(text, values - 1)


def count(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(count, value.values()))
    return 1 + sum(map(count, value)) if isinstance(value, list) else 1


@given(
    st.recursive(
        st.none() | st.integers() | st.text('a,[{\\"\n'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("a,[]"), inner),
    )
)
def test_count_agrees_with_the_parsed_value(value: Any) -> None:
    text, values = json.dumps(value), count(value)
    assert not has_more_values(text, values)
    assert values == 1 or has_more_values(text, values - 1)


def test_text_with_too_many_values_is_not_parsed() -> None:
    assert parse("[1, 2]", 3) == [1, 2]
    with pytest.raises(TooManyValuesError, match="more than 2 values"):
        parse("[1, 2]", 2)


@pytest.mark.parametrize("unit", ['"', "[ ", '"",', r'"\"', "\\", " "])
def test_invalid_text_takes_no_quadratic_time(unit: str) -> None:
    has_more_values('["' + unit * 300_000, 100_000)


def test_long_strings_are_written_in_short_pieces() -> None:
    value: Json = ['é"\\\n\ud800' * 50_000]
    pieces = list(dump_pieces(value))
    assert max(map(len, pieces)) < 500_000
    assert "".join(pieces) == dump(value)
    assert json.loads("".join(pieces)) == value


def test_start_of_a_text_needs_only_the_start_of_the_value() -> None:
    assert dump_start([1, 2], 100) == "[1, 2]"
    start = dump_start(list(range(100_000)), 20)
    assert len(start) < 40
    assert start.startswith("[0, 1, 2, 3, 4")
