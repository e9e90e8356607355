"""JMESPath: selection with exact numbers, and errors with their positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import UsageError
from httpcli.syntax.jmespath import SelectError, compile_selector
from httpcli.syntax.lossless_json import dump, parse

DOCUMENT = parse(
    """{
    "items": [{"id": 1, "price": 1.10, "name": "b"}, {"id": 2, "price": 0.30, "name": "a"}],
    "big": 12345678901234567890123, "huge": 1e400, "one": 1.0, "zero": 0.0,
    "prices": [1.10, 2.0, 0.30], "twice": {"a": 1.0, "a": 2.0}, "text": "3.50", "t": true,
    "negative": -1.50, "tiny": 1e-999999999, "giant": 1e999999999999
    }"""
)


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("items[0].price", "1.10"),
        ("items[].price", "[1.10, 0.30]"),
        ("items[?price == `1.1`].id", "[1]"),
        ("items[?price > `0.3`].id", "[1]"),
        ("items[?price in `[1]`]", None),
        ("items[?id == `1` && price < `2`] | [0].name", '"b"'),
        ("sort_by(items, &price)[].id", "[2, 1]"),
        ("max_by(items, &price).price", "1.10"),
        ("max(prices)", "2.0"),
        ("sort(prices)", "[0.30, 1.10, 2.0]"),
        ("sum(prices)", "3.40"),
        ("avg(prices)", "1.133333333333333333333333333"),
        ("avg(`[]`)", "null"),
        ("ceil(items[0].price)", "2"),
        ("floor(negative)", "-2"),
        ("floor(tiny)", "0"),
        ("ceil(tiny)", "1"),
        ("ceil(giant)", "1e999999999999"),
        ("ceil(zero)", "0"),
        ("abs(negative)", "1.50"),
        ("abs(big)", "12345678901234567890123"),
        ("big", "12345678901234567890123"),
        ("[huge, one]", "[1e400, 1.0]"),
        ("{x: huge, y: one}", '{"x": 1e400, "y": 1.0}'),
        ("huge > big", "true"),
        ("one == `1`", "true"),
        ("one == t", "false"),
        ("!zero", "false"),
        ("twice", '{"a": 1.0, "a": 2.0}'),
        ("twice.a", "2.0"),
        ("keys(twice)", '["a"]'),
        ("type(one)", '"number"'),
        ("type(twice)", '"object"'),
        ("type(missing)", '"null"'),
        ("to_string(items[0].price)", '"1.10"'),
        ("to_string(text)", '"3.50"'),
        ("to_number(text)", "3.50"),
        ("to_number(one)", "1.0"),
        ("to_number('x')", "null"),
        ("to_number('true')", "null"),
        ("to_number(t)", "null"),
        ("contains(prices, `1.1`)", "true"),
        ('`{"a": [1.50]}`.a', "[1.5]"),
        ("missing.deeper", "null"),
        ("@ | length(items)", "2"),
    ],
)
def test_expression_selects_a_value(expression: str, selected: str | None) -> None:
    if selected is None:
        with pytest.raises(UsageError):
            compile_selector(expression, "--select")
    else:
        assert dump(compile_selector(expression, "--select")(DOCUMENT)) == selected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("sum(items)", "sum()"),
        ("text < one", "does not fit"),
        ("join(',', prices)", "join()"),
        ("sort_by(items, &missing)", "sort_by()"),
    ],
)
def test_type_error_is_reported_on_one_line(expression: str, message: str) -> None:
    with pytest.raises(SelectError) as caught:
        compile_selector(expression, "--select")(DOCUMENT)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "message", "start", "end"),
    [
        ("", "missing expression", 0, 0),
        ("items[", "incomplete expression", 6, 6),
        ("items.", "incomplete expression", 6, 6),
        ("a ==", "incomplete expression", 4, 4),
        ("a b", "unexpected here", 2, 3),
        ("a..b", "unexpected here", 2, 3),
        ("a = b", "unexpected here", 2, 3),
        ("'abc", "missing closing quote", 0, 4),
        ("`1", "missing closing quote", 0, 2),
        ("é", "unexpected here", 0, 1),
        ("[0].lenght(@)", "unknown function lenght()", 4, 10),
        ("length(a, b)", "length() takes 1 argument(s), not 2", 0, 6),
        ("not_null()", "not_null() takes 1 argument(s), not 0", 0, 8),
        ("a[::0]", "the step of a slice cannot be 0", 3, 5),
        ("[" * 5000, "nested too deeply", 0, 5000),
    ],
)
def test_error_points_at_the_fault(expression: str, message: str, start: int, end: int) -> None:
    with pytest.raises(UsageError) as caught:
        compile_selector(expression, "--select")
    fault = caught.value.fault
    assert caught.value.message == f"--select: invalid expression: {message}"
    assert fault is not None
    assert (fault.text, fault.start, fault.end) == (expression, start, end)


WORDS = ("items", "length(", "sum(", "sort_by(", "`1.5`", "'x'", "&id", "[?", "==")
PIECES = st.sampled_from([*"abc.[]{}()*?:,|&!@<>='\"` -0123", *WORDS])


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_any_text_is_an_expression_or_a_usage_error(text: str) -> None:
    try:
        selector = compile_selector(text, "--select")
    except UsageError as error:
        fault = error.fault
        selector = None
    if selector is None:
        assert fault is not None
        assert 0 <= fault.start <= fault.end <= len(text)
        return
    message = ""
    try:
        dump(selector(DOCUMENT))
    except SelectError as error:
        message = str(error)
    assert "\n" not in message
