"""JMESPath over JSON that loses nothing; the one module that says jmespath.

The library reads numbers as floats and computes in them. Here they are exact,
a number that nobody computed keeps its text, and a name or a count of arguments
that it would refuse at the first answer is refused before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter

from jmespath import compile as parse_expression
from jmespath import exceptions, functions
from jmespath.visitor import Options, TreeInterpreter

from httpcli.core.errors import Fault, UsageError
from httpcli.syntax.json_values import Json, Number, dump, is_number, parse

_PRECISION: Final = 100
"""Digits that are kept of a sum."""
_DIVIDED: Final = 28
"""Digits that are kept of a quotient."""
_MOST_DIGITS: Final = 4000

# The library tells types by the names of their classes, and has no other way to be told of one.
functions.TYPES_MAP.update({"Decimal": "number", "Number": "number", "RepeatedKeys": "object"})
functions.REVERSE_TYPES_MAP["number"] += ("Decimal", "Number")
functions.REVERSE_TYPES_MAP["object"] += ("RepeatedKeys",)


class SelectError(ValueError):
    """An expression cannot be applied to a value."""


class _Functions(functions.Functions):
    """Those that count, with exact numbers."""

    @functions.signature({"types": ["number"]})
    def _func_abs(self, arg: Any) -> Any:
        return arg.copy_abs() if isinstance(arg, Decimal) else abs(arg)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, arg: list[Any]) -> Any:
        return _context(_DIVIDED).divide(sum(map(Decimal, arg)), len(arg)) if arg else None

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, arg: list[Any]) -> Any:
        return sum(arg)

    @functions.signature({"types": ["number"]})
    def _func_ceil(self, arg: Any) -> Any:
        return _rounded(arg, "ROUND_CEILING")

    @functions.signature({"types": ["number"]})
    def _func_floor(self, arg: Any) -> Any:
        return _rounded(arg, "ROUND_FLOOR")

    @functions.signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        return arg if isinstance(arg, str) else dump(arg)

    @functions.signature({"types": []})
    def _func_to_number(self, arg: Any) -> Any:
        if is_number(arg):
            return arg
        if not isinstance(arg, str):
            return None
        try:
            value = parse(arg.strip())
        except ValueError:
            return None
        return value if is_number(value) else None

    @functions.signature({"types": []})
    def _func_type(self, arg: Any) -> str:
        return functions.TYPES_MAP.get(type(arg).__name__, "null")


def _context(digits: int) -> Context:
    return Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _rounded(number: Any, how: str) -> Any:
    if not isinstance(number, Decimal):
        return number
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return number  # it is whole
    if number.adjusted() < -1:
        # An exponent far below would make as many zeros.
        number = Decimal(f"{'-' if number.is_signed() else ''}0.1") if number else Decimal(0)
    return int(number.to_integral_value(how))


class _Interpreter(TreeInterpreter):
    """Has the expression's own literals exact, too."""

    def visit_literal(self, node: Any, value: Any) -> Any:  # noqa: ARG002
        return _exact(node["value"])


class Selector:
    """An expression that can be applied."""

    def __init__(self, parsed: Any) -> None:
        self._parsed = parsed

    def __call__(self, value: Json) -> Json:
        """Return what it selects, None where that is nothing. Raises SelectError."""
        interpreter = _Interpreter(Options(custom_functions=_Functions()))
        try:
            with localcontext(_context(_PRECISION)):
                found: Json = interpreter.visit(self._parsed, value)
        except exceptions.JMESPathError as error:
            raise SelectError(_one_line(error)) from None
        except (ArithmeticError, AttributeError, TypeError, ValueError, RecursionError) as error:
            raise SelectError(f"it does not fit the value: {_one_line(error)}") from None
        return found


def compile_selector(text: str, option: str, origin: str = "", offset: int = 0) -> Selector:
    """Return the expression, taken apart.

    ``origin`` is the text that it stands in, from ``offset`` on, ``option`` what
    that was given to. Raises UsageError with the place of the fault there.
    """
    where = _Where(option, origin or text, offset)
    end = len(text)
    try:
        with catch_warnings():
            # `text` without quotes is a string to the library, by an older rule.
            simplefilter("ignore", PendingDeprecationWarning)
            parsed: Any = parse_expression(text).parsed
        for wrong, name in _faults(parsed):
            at = max(text.find(name), 0)
            raise where.error(wrong, at, at + len(name))
    except exceptions.EmptyExpressionError:
        raise where.error("the expression is missing", end, end) from None
    except exceptions.ParseError as error:
        at = min(error.lex_position, end)
        width = max(len(str(error.token_value)), 1)  # of a number it is an int
        raise where.error(_told(error), at, min(at + width, end)) from None
    except RecursionError:
        raise where.error("it is nested too deeply", 0, end) from None
    except (exceptions.JMESPathError, ValueError) as error:
        raise where.error(_one_line(error), 0, end) from None
    return Selector(parsed)


class _Where(NamedTuple):
    """Where an expression stands, so that a fault can be shown there."""

    option: str
    origin: str
    offset: int

    def error(self, message: str, start: int, end: int) -> UsageError:
        """Return the error for a place in the expression."""
        return UsageError(
            f"{self.option}: invalid expression: {message}",
            hint="it is JMESPath, as in items[0].id or length(items); see https://jmespath.org",
            fault=Fault(self.origin, self.offset + start, self.offset + end),
        )


def _faults(node: Any) -> Iterator[tuple[str, str]]:
    """Give each call that cannot work: what is wrong, and the function's name."""
    if not isinstance(node, dict):
        return
    if node["type"] == "function_expression":
        name, count = node["value"], len(node["children"])
        known = _Functions.FUNCTION_TABLE
        if name not in known:
            yield f"there is no function {name}()", name
        else:
            wanted = known[name]["signature"]
            variadic = bool(wanted and wanted[-1].get("variadic"))
            if count < len(wanted) or (count > len(wanted) and not variadic):
                yield f"{name}() takes {len(wanted)} argument(s), not {count}", name
    if node["type"] == "slice" and node["children"][2] == 0:
        yield "a slice has no step of 0", ":0"
    for child in node["children"]:
        yield from _faults(child)


def _told(error: exceptions.ParseError) -> str:
    """Return the parser's finding in our words."""
    if isinstance(error, exceptions.IncompleteExpressionError):
        return "the expression is not complete"
    if isinstance(error, exceptions.LexerError):
        unclosed = str(error.message).startswith("Unclosed")
        return "the quote is not closed" if unclosed else "it cannot stand here"
    is_end = str(error.token_type).upper() == "EOF"
    return "the expression is not complete" if is_end else "it cannot stand here"


def _one_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(":") or type(error).__name__


def _exact(value: Any) -> Json:
    """Return a literal of the expression with its numbers exact.

    The library has read them as floats; of up to 15 digits none is lost.
    """
    if isinstance(value, float):
        return Number(repr(value))
    if isinstance(value, list):
        return [_exact(one) for one in value]
    if isinstance(value, dict):
        return {key: _exact(one) for key, one in value.items()}
    exact: Json = value
    return exact
