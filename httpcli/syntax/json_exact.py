"""JSON as values that lose nothing: numbers are exact and keep their text, keys their order.

Beside ``jsontext``, whose values are only written again: these are
compared, too, and what looks into them (JMESPath, JSON Schema) takes them for
the usual ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from httpcli.syntax.json_values import decoded, refuse

_MOST_DIGITS: Final = 4000
"""Python refuses to read an int of more than 4300 digits."""
_WORDS: Final = {None: "null", True: "true", False: "false"}


class Number(Decimal):
    """A number with a fraction or an exponent. ``text`` is how it stood there.

    Its value is exact, but beyond ten to the 10**18th, where it is infinite, or 0.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:
        try:
            number = super().__new__(cls, text)
        except InvalidOperation:
            sign = "-" if text.startswith("-") else ""
            mantissa, _, exponent = text.lower().partition("e")
            small = exponent.startswith("-") or not mantissa.strip("-0.")
            number = super().__new__(cls, f"{sign}0" if small else f"{sign}Infinity")
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


class RepeatedKeys(dict[str, "Json"]):
    """An object in which a key stands twice: the last one counts, ``members`` has all."""

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[str, Json]]) -> None:
        super().__init__(members)
        self.members = members


Json = None | bool | int | Decimal | str | list["Json"] | dict[str, "Json"]
"""A JSON value. A float is met where a library computed one."""


def parse(text: str) -> Json:
    """Return the value that is all of the text (RFC 8259). Raises NotJsonError.

    >>> dump(parse('{"b": 1.0, "a": 1e400}'))
    '{"b": 1.0, "a": 1e400}'
    """
    value: Json = decoded(_DECODER, text)
    return value


def dump(value: Json) -> str:
    """Return the value's text on one line; a number that was computed by nobody as it stood."""
    pieces: list[str] = []
    todo: list[Iterator[tuple[str, Json]]] = [iter([("", value)])]
    ends = [""]
    while todo:
        step = next(todo[-1], None)
        if step is None:
            todo.pop()
            pieces.append(ends.pop())
            continue
        before, one = step
        pieces.append(before)
        if isinstance(one, dict):
            todo.append(_members(one))
            pieces.append("{")
            ends.append("}")
        elif isinstance(one, list):
            todo.append((", " if place else "", each) for place, each in enumerate(one))
            pieces.append("[")
            ends.append("]")
        else:
            pieces.append(_scalar(one))
    return "".join(pieces)


def equal(one: Json, other: Json) -> bool:
    """Tell whether two values are the same JSON: 1 is 1.0, and is not true."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def is_number(value: Any) -> bool:
    """Tell whether a value is a JSON number."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def _members(value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Give what stands before each value of an object, and the value."""
    members = value.members if isinstance(value, RepeatedKeys) else value.items()
    for place, (key, one) in enumerate(members):
        yield f"{', ' if place else ''}{_string(key)}: ", one


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Number):
        return value.text
    return _WORDS[value] if value is None or isinstance(value, bool) else str(value)


def _string(text: str) -> str:
    """Return the text in quotes; half a surrogate pair, which has no bytes, as its escape."""
    quoted = json.dumps(text, ensure_ascii=False)
    try:
        quoted.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return quoted


def _integer(text: str) -> int | Number:
    """Return an int where that says all of the text."""
    return Number(text) if len(text) > _MOST_DIGITS or text == "-0" else int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Json]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeys(pairs)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=Number,
    parse_int=_integer,
    parse_constant=refuse,
)
