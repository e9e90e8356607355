"""JSON Schema: says of a JSON value why it does not fit; the one module that says jsonschema.

Numbers are exact here, and nothing is fetched: a schema that refers to another
place cannot be checked, and says so.
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
from httpcli.syntax.json_values import Json, NotJsonError, dump, is_number, parse

_LONGEST: Final = 200
_PRECISION: Final = 5000
"""Digits that multipleOf can count with."""


def compile_schema(data: bytes, path: str) -> Callable[[Json], str]:
    """Return what says of a value why it does not fit the schema, empty where it does.

    ``path`` names the file that ``data`` was in. Raises UsageError for what is
    no schema.
    """
    try:
        typed = parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None
    except NotJsonError as error:
        raise UsageError(f"{path}: not JSON: {error}") from None
    if not isinstance(typed, dict | bool):
        raise UsageError(f"{path}: not a JSON Schema: an object is wanted")
    document: Any = typed
    kind: Any = validator_for(document)
    try:
        kind.check_schema(document)
    except SchemaError as error:
        raise UsageError(f"{path}: not a JSON Schema: {_told(error)}") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply") from None
    types = kind.TYPE_CHECKER.redefine_many(
        {"number": lambda _, value: is_number(value), "integer": lambda _, value: _whole(value)}
    )
    extended: Any = extend
    checking = extended(kind, type_checker=types)(document, registry=Registry())

    def find_fault(value: Json) -> str:
        try:
            with localcontext(Context(prec=_PRECISION)):
                error = next(iter(checking.iter_errors(value)), None)
        except Unresolvable as unknown:
            return f"{path} refers to {unknown.ref}, and nothing is fetched for a schema"
        except (ArithmeticError, RecursionError):
            return f"{path} cannot be checked: a number is too large, or it is nested too deeply"
        return "" if error is None else _told(error)

    return find_fault


def _whole(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return is_number(value)


def _told(error: ValidationError | SchemaError) -> str:
    """Return where the fault is, and which rule it breaks, in one short line."""
    what = error.message
    if len(what) > _LONGEST:
        rule = f"{error.validator}: {_short(error.validator_value)}"
        what = f"{_short(error.instance)} breaks the rule {rule}"
    return f"{error.json_path}: {what}"


def _short(value: Any) -> str:
    text = dump(value)
    return text if len(text) <= _LONGEST // 2 else f"{text[: _LONGEST // 2]}…"
