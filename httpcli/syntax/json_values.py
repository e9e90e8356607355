"""JSON in and out without loss: every number keeps its text, every repeated key its place.

What is written is what ``json.dumps`` would write by its defaults, so that
ordinary values come out byte for byte as HTTPie's; only the texts of numbers
are the user's own. Depth is bounded when reading (Python's own limit, some
hundreds) and unbounded when writing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from httpcli.core.errors import Fault, UsageError


class Literal(str):
    """Text that is JSON already: a number as it was typed."""

    __slots__ = ()


class RepeatedKeys(tuple[tuple[str, "Json"], ...]):
    """The members of an object in which a key stands twice, in order.

    Nothing can be assigned into it: there would be two places to choose from.
    """

    __slots__ = ()


Json = None | bool | str | Literal | RepeatedKeys | list["Json"] | dict[str, "Json"]
"""A JSON value; a number is a Literal."""

_STRING_OR_CONSTANT = r'"(?:[^"\\]|\\.)*+"|-?Infinity|NaN'
_WORDS = {None: "null", True: "true", False: "false"}
_COMMA, _COLON = Literal(", "), Literal(": ")
_LONGEST_LINE = 200


class NotJsonError(ValueError):
    """The text is no JSON; ``place`` is where in it."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


class _ConstantError(Exception):
    """A constant that Python's json knows and JSON does not."""


def parse(text: str, origin: str = "", offset: int = 0) -> Json:
    """Return the JSON value that is all of ``text`` (RFC 8259).

    ``origin`` is where it stands: an item as typed, in which the text starts
    at ``offset``, or the name of a file. Raises UsageError with the place of
    the fault: in the item, or in the line of the file.
    """
    try:
        value: Json = decoded(_DECODER, text)
    except NotJsonError as error:
        raise _error(text, str(error), error.place, origin, offset) from None
    return value


def decoded(decoder: json.JSONDecoder, text: str) -> Any:
    """Return the value that is all of ``text``, as a decoder makes it. Raises NotJsonError.

    The decoder's ``parse_constant`` is ``refuse``.
    """
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        # The place says where "Unterminated string starting at" is.
        words = error.msg.removesuffix(" at").removesuffix(" starting")
        raise NotJsonError(words[:1].lower() + words[1:], error.pos) from None
    except _ConstantError as error:
        raise NotJsonError(f"{error} is not JSON", _first_constant(text)) from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply", 0) from None


def refuse(constant: str) -> NoReturn:
    """Say that a constant of Python's (NaN, Infinity) is none of JSON's."""
    raise _ConstantError(constant)


def dump(value: Json) -> str:
    """Return the value as ``json.dumps`` would by its defaults: one line, ASCII."""
    pieces: list[str] = []
    todo: list[Json] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, Literal):
            pieces.append(one)
        elif isinstance(one, list):
            todo.extend(reversed(_array(one)))
        elif isinstance(one, dict):
            todo.extend(reversed(_object(list(one.items()))))
        elif isinstance(one, RepeatedKeys):
            todo.extend(reversed(_object(list(one))))
        elif isinstance(one, str):
            pieces.append(json.dumps(one))
        else:
            pieces.append(_WORDS[one])
    return "".join(pieces)


def leaves(value: Json) -> Iterator[str]:
    """Give the texts in a value, however deep: strings as they are, numbers as typed."""
    todo: list[Json] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            todo.extend(one)
        elif isinstance(one, (dict, RepeatedKeys)):
            members = one.items() if isinstance(one, dict) else one
            todo.extend(member for _, member in members)


def _array(values: list[Json]) -> list[Json]:
    """Return the values with the punctuation around them."""
    flat: list[Json] = []
    for value in values:
        flat += (_COMMA, value)
    return [Literal("["), *flat[1:], Literal("]")]


def _object(members: list[tuple[str, Json]]) -> list[Json]:
    """Return the keys and values with the punctuation around them."""
    flat: list[Json] = []
    for key, value in members:
        flat += (_COMMA, key, _COLON, value)
    return [Literal("{"), *flat[1:], Literal("}")]


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeys(pairs)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_float=Literal,
    parse_int=Literal,
    parse_constant=refuse,
)


def _first_constant(text: str) -> int:
    """Return where the first constant outside a string is: all before it is JSON."""
    for match in re.finditer(_STRING_OR_CONSTANT, text):
        if not match[0].startswith('"'):
            return match.start()
    return 0


def _error(text: str, message: str, place: int, origin: str, offset: int) -> UsageError:
    if origin[offset:] == text:
        at = offset + place
        fault = Fault(origin, at, min(at + 1, len(origin)))
        return UsageError(f"invalid JSON: {message}", hint=_hint(text), fault=fault)
    # Of a file, or an item with escapes in its value: the line by itself.
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[start : end if end >= 0 else len(text)][: place - start + _LONGEST_LINE]
    column = place - start
    number = text.count("\n", 0, place) + 1
    where = f"{origin}:{number}:{column + 1}: " if origin else ""
    return UsageError(
        f"{where}invalid JSON: {message}",
        fault=Fault(line, column, min(column + 1, len(line))),
    )


def _hint(text: str) -> str:
    return "a string is sent by = instead of :=" if re.fullmatch(r"[\w .-]+", text) else ""
