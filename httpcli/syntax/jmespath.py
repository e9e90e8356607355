"""JMESPath expressions over lossless JSON; the adapter for the ``jmespath`` library.

The library reads numbers as floats and computes with floats. This adapter makes
numbers exact, and a number that was not computed keeps its text. An unknown
function or a wrong number of arguments is an error before anything is sent; the
library would find it only when it applies the expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from jmespath import compile as parse_expression
from jmespath import exceptions, functions
from jmespath.visitor import Options, TreeInterpreter

from httpcli.core.errors import Fault, UsageError
from httpcli.core.named_tuple import NamedTuple
from httpcli.syntax.lossless_json import Json, Number, dump, is_number, parse

_SUM_DIGITS: Final = 100
"""Significant digits of a sum."""
_QUOTIENT_DIGITS: Final = 28
"""Significant digits of an average."""
_MAX_INT_DIGITS: Final = 4000

# The library finds the JSON type of a value only by the name of its class.
functions.TYPES_MAP.update({"Decimal": "number", "Number": "number", "RepeatedKeys": "object"})
functions.REVERSE_TYPES_MAP["number"] += ("Decimal", "Number")
functions.REVERSE_TYPES_MAP["object"] += ("RepeatedKeys",)


class SelectError(ValueError):
    """An expression cannot be applied to a value."""


class Selector:
    """A compiled expression."""

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def __call__(self, value: Json) -> Json:
        """Return the selected value; None if nothing is selected. Raises SelectError."""
        interpreter = _Interpreter(Options(custom_functions=_Functions()))
        try:
            with localcontext(_context(_SUM_DIGITS)):
                selected: Json = interpreter.visit(self._expression, value)
        except exceptions.JMESPathError as error:
            raise SelectError(_first_line(error)) from None
        except (ArithmeticError, AttributeError, TypeError, ValueError, RecursionError) as error:
            raise SelectError(
                f"the expression does not fit the value: {_first_line(error)}"
            ) from None
        return selected


def compile_selector(text: str, option: str, origin: str = "", offset: int = 0) -> Selector:
    """Return the compiled expression.

    ``origin`` is the text in which the expression starts at ``offset``, and
    ``option`` the option that it was given to. Raises UsageError with the place
    of the fault in ``origin``.
    """
    location = _Location(option, origin or text, offset)
    end = len(text)
    try:
        with catch_warnings():
            # The library warns that `text` without quotes is a string by an older rule.
            simplefilter("ignore", PendingDeprecationWarning)
            expression: Any = parse_expression(text).parsed
        for message, name in _find_faults(expression):
            at = max(text.find(name), 0)
            raise location.error(message, at, at + len(name))
    except exceptions.EmptyExpressionError:
        raise location.error("missing expression", end, end) from None
    except exceptions.ParseError as error:
        at = min(error.lex_position, end)
        width = max(len(str(error.token_value)), 1)  # the value of a number is an int
        raise location.error(_parse_message(error), at, min(at + width, end)) from None
    except RecursionError:
        raise location.error("nested too deeply", 0, end) from None
    except (exceptions.JMESPathError, ValueError) as error:
        raise location.error(_first_line(error), 0, end) from None
    return Selector(expression)


class _Location(NamedTuple):
    """The place of an expression in the typed text, for errors."""

    option: str
    """The option, with its dashes."""
    origin: str
    """The text that contains the expression."""
    offset: int
    """Where the expression starts in ``origin``."""

    def error(self, message: str, start: int, end: int) -> UsageError:
        """Return the error for ``expression[start:end]``."""
        return UsageError(
            f"{self.option}: invalid expression: {message}",
            hint=(
                "expressions are JMESPath, for example items[0].id or length(items); "
                "see https://jmespath.org"
            ),
            fault=Fault(self.origin, self.offset + start, self.offset + end),
        )


def _find_faults(node: Any) -> Iterator[tuple[str, str]]:
    """Yield a message and the wrong text for each part that no value can make valid."""
    if not isinstance(node, dict):
        return
    if node["type"] == "function_expression":
        name, count = node["value"], len(node["children"])
        known = _Functions.FUNCTION_TABLE
        if name not in known:
            yield f"unknown function {name}()", name
        else:
            parameters = known[name]["signature"]
            is_variadic = bool(parameters and parameters[-1].get("variadic"))
            if count < len(parameters) or (count > len(parameters) and not is_variadic):
                yield f"{name}() takes {len(parameters)} argument(s), not {count}", name
    if node["type"] == "slice" and node["children"][2] == 0:
        yield "the step of a slice cannot be 0", ":0"
    for child in node["children"]:
        yield from _find_faults(child)


def _parse_message(error: exceptions.ParseError) -> str:
    """Return the library's error in the words of this program."""
    if isinstance(error, exceptions.IncompleteExpressionError):
        return "incomplete expression"
    if isinstance(error, exceptions.LexerError):
        unclosed = str(error.message).startswith("Unclosed")
        return "missing closing quote" if unclosed else "unexpected here"
    is_end = str(error.token_type).upper() == "EOF"
    return "incomplete expression" if is_end else "unexpected here"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(":") or type(error).__name__


class _Interpreter(TreeInterpreter):
    """The library's interpreter, with exact numbers in the literals of an expression."""

    def visit_literal(self, node: Any, value: Any) -> Any:  # noqa: ARG002
        return _exact(node["value"])


def _exact(value: Any) -> Json:
    """Return a literal with its floats as exact numbers.

    The library has parsed them as floats, which keep up to 15 digits.
    """
    if isinstance(value, float):
        return Number(repr(value))
    if isinstance(value, list):
        return [_exact(member) for member in value]
    if isinstance(value, dict):
        return {key: _exact(member) for key, member in value.items()}
    exact: Json = value
    return exact


class _Functions(functions.Functions):
    """The library's functions; those that compute or convert use exact numbers."""

    @functions.signature({"types": ["number"]})
    def _func_abs(self, arg: Any) -> Any:
        return arg.copy_abs() if isinstance(arg, Decimal) else abs(arg)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, arg: list[Any]) -> Any:
        if not arg:
            return None
        return _context(_QUOTIENT_DIGITS).divide(sum(map(Decimal, arg)), len(arg))

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, arg: list[Any]) -> Any:
        return sum(arg)

    @functions.signature({"types": ["number"]})
    def _func_ceil(self, arg: Any) -> Any:
        return _round(arg, "ROUND_CEILING")

    @functions.signature({"types": ["number"]})
    def _func_floor(self, arg: Any) -> Any:
        return _round(arg, "ROUND_FLOOR")

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


def _round(number: Any, rounding: str) -> Any:
    if not isinstance(number, Decimal):
        return number
    if not number.is_finite() or number.adjusted() > _MAX_INT_DIGITS:
        return number  # an integer already
    if number.adjusted() < -1:
        # Rounding 1e-999999999 would need as many digits; 0.1 rounds to the same integer.
        number = Decimal(f"{'-' if number.is_signed() else ''}0.1") if number else Decimal(0)
    return int(number.to_integral_value(rounding))
