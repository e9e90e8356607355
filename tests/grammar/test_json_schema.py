"""JSON Schema with exact numbers, and without a look at any other place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.json_exact import parse
from httpcli.syntax.json_schema import schema


@pytest.mark.parametrize(
    ("rules", "value", "fault"),
    [
        ({"type": "object", "required": ["id"]}, '{"id": 1}', ""),
        ({"type": "object", "required": ["id"]}, "{}", "$: 'id' is a required property"),
        (
            {"properties": {"items": {"items": {"properties": {"id": {"type": "integer"}}}}}},
            '{"items": [{"id": 1}, {"id": "x"}]}',
            "$.items[1].id: 'x' is not of type 'integer'",
        ),
        ({"type": "integer"}, "1.0", ""),
        ({"type": "integer"}, "1e400", ""),
        ({"type": "integer"}, "1.50", "$: 1.50 is not of type 'integer'"),
        ({"type": "number"}, "1.50", ""),
        ({"type": "number"}, "true", "$: True is not of type 'number'"),
        ({"type": "object"}, '{"a": 1, "a": 2}', ""),
        ({"multipleOf": 0.01}, "19.99", ""),
        ({"multipleOf": 0.01}, "1e300", ""),
        ({"maximum": 9007199254740992}, "9007199254740993", "$: 9007199254740993 is greater"),
        ({"const": 1.0}, "1", ""),
        ({"enum": [True]}, "1", "$: 1 is not one of [True]"),
        (True, "1", ""),
        (False, "1", "$: False schema does not allow 1"),
        ({"$defs": {"n": {"type": "null"}}, "$ref": "#/$defs/n"}, "null", ""),
    ],
)
def test_a_value_fits_or_says_where_it_does_not(rules: Any, value: str, fault: str) -> None:
    told = schema(json.dumps(rules).encode(), "s.json")(parse(value))
    assert told.startswith(fault) if fault else told == ""


def test_a_long_value_is_told_in_short() -> None:
    told = schema(b'{"type": "string"}', "s.json")(list(range(1000)))
    assert told.startswith("$: [0, 1, 2, ")
    assert told.endswith('… breaks the rule type: "string"')
    assert len(told) < 250


@pytest.mark.parametrize(
    ("rules", "value"), [({"multipleOf": 1e-300}, "1e9000"), ({"items": {"$ref": "#"}}, "deep")]
)
def test_what_cannot_be_checked_is_said(rules: Any, value: str) -> None:
    found = parse(value) if value != "deep" else _nested(20_000)
    told = schema(json.dumps(rules).encode(), "s.json")(found)
    assert told.startswith("s.json cannot be checked")


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_nothing_is_fetched_for_a_schema() -> None:
    told = schema(b'{"$ref": "http://127.0.0.1:1/other.json"}', "s.json")(1)
    assert told == (
        "s.json refers to http://127.0.0.1:1/other.json, and nothing is fetched for a schema"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "s.json: not JSON: "),
        (b"\xff", "s.json: not UTF-8"),
        (b"[]", "s.json: not a JSON Schema: an object is wanted"),
        (b'{"type": "nothing"}', "s.json: not a JSON Schema: $.type: "),
        (b'{"required": "id"}', "s.json: not a JSON Schema: $.required: "),
    ],
)
def test_what_is_no_schema_is_a_usage_error(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        schema(data, "s.json")
    assert caught.value.message.startswith(message)
