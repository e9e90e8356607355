"""JSON Schema validation with exact numbers and without fetching anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.json_schema import compile_schema
from httpcli.syntax.lossless_json import parse


@pytest.mark.parametrize(
    ("rules", "value", "expected"),
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
def test_validation_error_names_the_path_and_the_reason(
    rules: Any, value: str, expected: str
) -> None:
    error = compile_schema(json.dumps(rules).encode(), "s.json")(parse(value))
    assert error.startswith(expected) if expected else error == ""


def test_long_value_is_shortened_in_the_error() -> None:
    error = compile_schema(b'{"type": "string"}', "s.json")(list(range(1000)))
    assert error.startswith("$: [0, 1, 2, ")
    assert error.endswith('… violates type: "string"')
    assert len(error) < 250


@pytest.mark.parametrize(
    ("rules", "value"), [({"multipleOf": 1e-300}, "1e9000"), ({"items": {"$ref": "#"}}, "deep")]
)
def test_schema_that_cannot_be_checked_is_reported(rules: Any, value: str) -> None:
    found = parse(value) if value != "deep" else _nested(20_000)
    error = compile_schema(json.dumps(rules).encode(), "s.json")(found)
    assert error.startswith("s.json cannot be checked")


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_remote_schema_is_not_fetched() -> None:
    error = compile_schema(b'{"$ref": "http://127.0.0.1:1/other.json"}', "s.json")(1)
    assert error == (
        "s.json: cannot resolve http://127.0.0.1:1/other.json: schemas are never fetched"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "s.json: not JSON: "),
        (b"\xff", "s.json: not UTF-8"),
        (b"[]", "s.json: not a JSON Schema: expected an object"),
        (b'{"type": "nothing"}', "s.json: not a JSON Schema: $.type: "),
        (b'{"required": "id"}', "s.json: not a JSON Schema: $.required: "),
    ],
)
def test_invalid_schema_is_a_usage_error(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_schema(data, "s.json")
    assert caught.value.message.startswith(message)
