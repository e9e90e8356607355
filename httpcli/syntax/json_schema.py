"""Validation by JSON Schema; the adapter for the ``jsonschema`` library.

Numbers are exact. Nothing is fetched: a reference to another document is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from typing import Any, Final

from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from httpcli.core.errors import UsageError
from httpcli.syntax.lossless_json import Json, NotJsonError, dump_start, is_number, parse

_MAX_MESSAGE: Final = 200
"""Characters of the library's message; a longer one is replaced."""
_DIGITS: Final = 5000
"""Significant digits when ``multipleOf`` divides."""


def compile_schema(data: bytes, path: str) -> Callable[[Json], str]:
    """Return a function that returns why a value does not match the schema; empty if it does.

    ``data`` is the content of the file ``path``. Raises UsageError if it is not a
    schema.
    """
    try:
        document: Any = parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None
    except NotJsonError as error:
        raise UsageError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict | bool):
        raise UsageError(f"{path}: not a JSON Schema: expected an object")
    draft: Any = validator_for(document)
    try:
        draft.check_schema(document)
    except SchemaError as error:
        raise UsageError(f"{path}: not a JSON Schema: {_describe(error)}") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply") from None
    types = draft.TYPE_CHECKER.redefine_many(
        {
            "number": lambda _, value: is_number(value),
            "integer": lambda _, value: _is_integer(value),
        }
    )
    untyped_extend: Any = extend
    # An empty registry: the library's default one fetches remote schemas.
    validator = untyped_extend(draft, type_checker=types)(document, registry=Registry())

    def find_error(value: Json) -> str:
        try:
            with localcontext(Context(prec=_DIGITS)):
                fault = next(iter(validator.iter_errors(value)), None)
        except Unresolvable as error:
            return f"{path}: cannot resolve {error.ref}: schemas are never fetched"
        except (ArithmeticError, RecursionError):
            return f"{path} cannot be checked: a number is too large, or it is nested too deeply"
        return "" if fault is None else _describe(fault)

    return find_error


def _is_integer(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return is_number(value)


def _describe(error: ValidationError | SchemaError) -> str:
    """Return the place of the fault and the rule that it breaks, on one short line."""
    message = error.message
    if len(message) > _MAX_MESSAGE:
        rule = f"{error.validator}: {_shorten(error.validator_value)}"
        message = f"{_shorten(error.instance)} violates {rule}"
    return f"{error.json_path}: {message}"


def _shorten(value: Any) -> str:
    text = dump_start(value, _MAX_MESSAGE)
    return text if len(text) <= _MAX_MESSAGE // 2 else f"{text[: _MAX_MESSAGE // 2]}…"
