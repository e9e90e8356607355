"""JSON without loss: numbers are exact and keep their text, objects keep all their keys in order.

``parse`` reads a text, and ``dump`` writes unchanged values with the same numbers
and keys. The values have the types of ``json.loads``, except that a number with a
fraction or an exponent is a ``Number`` and an object with a repeated key is a
``RepeatedKeys``. A text deeper than ``JSON_DEPTH`` is rejected; the interpreter's
recursion limit does not apply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from httpcli.core.errors import Fault, UsageError
from httpcli.core.format_options import JSON_DEPTH

_MAX_INT_DIGITS = 4000
"""Python refuses to convert an int of more than 4300 digits."""
_MAX_LINE = 200
"""Characters after the fault that an error shows of a long line."""
_CONSTANTS = {None: "null", True: "true", False: "false"}
_STRING_OR_CONSTANT = r'"(?:[^"\\]|\\.)*+"|-?Infinity|NaN'
_VALUE_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{](?!\s*[\]}])|,', re.DOTALL)
"""A string, or what begins another value: the start of an array or object with members, or a
comma. An unclosed string matches, too, or the time would be quadratic."""
_SLICE = 1 << 16
"""Characters of a string that are written at once."""
_SPACE = re.compile(r"[ \t\n\r]*")


class Number(Decimal):
    """A number with a fraction or an exponent; its value is exact.

    Beyond 10**(10**18), which ``Decimal`` cannot hold, the value is infinite or 0.
    """

    __slots__ = ("text",)
    text: str
    """The number as it was written."""

    def __new__(cls, text: str) -> Number:
        try:
            number = super().__new__(cls, text)
        except InvalidOperation:
            sign = "-" if text.startswith("-") else ""
            mantissa, _, exponent = text.lower().partition("e")
            is_zero = exponent.startswith("-") or not mantissa.strip("-0.")
            number = super().__new__(cls, f"{sign}0" if is_zero else f"{sign}Infinity")
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


class RepeatedKeys(dict[str, "Json"]):
    """An object in which a key is repeated: a lookup finds the last value of a key."""

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[str, Json]]) -> None:
        super().__init__(members)
        self.members = members
        """All keys and values, in order."""


Json = None | bool | int | Decimal | str | list["Json"] | dict[str, "Json"]
"""A JSON value. A library may compute a float as well."""


class NotJsonError(ValueError):
    """The text is not JSON."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position
        """Index of the first wrong character."""


class TooManyValuesError(ValueError):
    """The text is JSON with more values than are allowed."""


class _ConstantError(Exception):
    """A constant that Python's json accepts and JSON does not have."""


def parse(text: str, max_values: int = 0) -> Json:
    """Return the value of a JSON text (RFC 8259). Raises NotJsonError.

    ``max_values``: raise TooManyValuesError, before it is parsed, for a text with more values;
    0 for no limit.

    >>> dump(parse('{"b": 1.0, "a": 1e400}'))
    '{"b": 1.0, "a": 1e400}'
    """
    if max_values and has_more_values(text, max_values):
        raise TooManyValuesError(f"it has more than {max_values} values")
    try:
        value: Json = _parse(text)
    except json.JSONDecodeError as error:
        # Remove "at": "Unterminated string starting at" would be followed by a position.
        message = error.msg.removesuffix(" at").removesuffix(" starting")
        raise NotJsonError(message[:1].lower() + message[1:], error.pos) from None
    except _ConstantError as error:
        raise NotJsonError(f"{error} is not JSON", _first_constant(text)) from None
    return value


def parse_input(text: str, item: str = "", offset: int = 0, *, file: str = "") -> Json:
    """Return the value of a JSON text that the user gave. Raises UsageError.

    The text is in a request item, from ``offset`` on, or in a ``file``. The error
    points into the item, or into the line of the file.
    """
    try:
        return parse(text)
    except NotJsonError as error:
        raise _usage_error(text, error, item, offset, file) from None


def has_more_values(text: str, limit: int) -> bool:
    """Return whether a JSON text has more values than ``limit``, without parsing it.

    A value is a string, number, constant, array or object; a key is none. The result for a text
    that is not JSON has no meaning, but takes no more time and memory.
    """
    commas = text.count(",")
    if commas + text.count("[") + text.count("{") < limit:
        return False  # even if none of them is in a string
    values, strings = 1, 0
    for match in _VALUE_MARK.finditer(text):
        if match[0].startswith('"'):
            strings += 1
        else:
            values += 1
        if values > limit or strings > 2 * limit:
            return True
    return False


def dump(value: Json, *, ascii_only: bool = False) -> str:
    """Return the value as JSON on one line, with numbers as they were written.

    ``ascii_only``: escape other characters, as ``json.dumps`` does by default.
    """
    return "".join(dump_pieces(value, ascii_only=ascii_only))


def dump_start(value: Json, length: int) -> str:
    """Return the first characters of ``dump(value)``, at least ``length`` of a longer text."""
    pieces: list[str] = []
    for piece in dump_pieces(value):
        pieces.append(piece)
        length -= len(piece)
        if length < 0:
            break
    return "".join(pieces)


def dump_pieces(value: Json, *, ascii_only: bool = False) -> Iterator[str]:
    """Yield the text of ``dump`` in short pieces."""
    quote = json.dumps if ascii_only else _quote
    open_containers: list[Iterator[tuple[str, Json]]] = [iter([("", value)])]
    ends = [""]
    while open_containers:
        item = next(open_containers[-1], None)
        if item is None:
            open_containers.pop()
            yield ends.pop()
            continue
        prefix, member = item
        yield prefix
        if isinstance(member, dict):
            open_containers.append(
                (f"{', ' if index else ''}{quote(key)}: ", inner)
                for index, (key, inner) in enumerate(_members(member))
            )
            yield "{"
            ends.append("}")
        elif isinstance(member, list):
            open_containers.append(
                (", " if index else "", inner) for index, inner in enumerate(member)
            )
            yield "["
            ends.append("]")
        elif isinstance(member, str):
            if len(member) <= _SLICE:
                yield quote(member)
                continue
            yield '"'
            for start in range(0, len(member), _SLICE):
                yield quote(member[start : start + _SLICE])[1:-1]
            yield '"'
        elif member is None or isinstance(member, bool):
            yield _CONSTANTS[member]
        else:
            yield member.text if isinstance(member, Number) else str(member)


def equal(left: Json, right: Json) -> bool:
    """Return whether two JSON values are equal: 1 equals 1.0 but not true."""
    pairs: list[tuple[Any, Any]] = [(left, right)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict):
            if not isinstance(right, dict) or left.keys() != right.keys():
                return False
            pairs.extend((value, right[key]) for key, value in left.items())
        elif isinstance(left, list):
            if not isinstance(right, list) or len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif isinstance(left, bool) or isinstance(right, bool):
            if left is not right:
                return False
        elif left != right:
            return False
    return True


def is_number(value: Any) -> bool:
    """Return whether a value is a JSON number."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def leaf_texts(value: Json) -> Iterator[str]:
    """Yield all strings in a value, and all numbers as they were written."""
    values: list[Json] = [value]
    while values:
        member = values.pop()
        if isinstance(member, str):
            yield member
        elif isinstance(member, list):
            values.extend(member)
        elif isinstance(member, dict):
            values.extend(_values(member))
        elif is_number(member):
            yield dump(member)


def _members(value: dict[str, Json]) -> Iterable[tuple[str, Json]]:
    return value.members if isinstance(value, RepeatedKeys) else value.items()


def _values(value: dict[str, Json]) -> Iterable[Json]:
    if isinstance(value, RepeatedKeys):
        return (member for _, member in value.members)
    return value.values()


def _quote(text: str) -> str:
    """Return a JSON string; half a surrogate pair cannot be encoded and becomes an escape."""
    quoted = _encode(text)
    try:
        quoted.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return quoted


def _parse(text: str) -> Json:
    """Return the value. Raises JSONDecodeError, _ConstantError, or NotJsonError if too deep."""
    try:
        value: Json = _DECODER.decode(text)
    except RecursionError:
        return _parse_without_recursion(text)
    # How deep the standard parser gets depends on the version of Python.
    if text.count("[") + text.count("{") > JSON_DEPTH and _is_too_deep(value):
        raise NotJsonError(_TOO_DEEP, 0)
    return value


def _parse_without_recursion(text: str) -> Json:
    """Parse a text that is too deep for the standard parser; raises the same errors."""
    # The values and, of an object, the keys of each container that is still open.
    containers: list[tuple[list[Json], list[str] | None]] = []
    at = _skip_space(text, 0)
    while True:
        opening = text[at : at + 1]
        value: Json
        if opening in ("[", "{"):
            if len(containers) == JSON_DEPTH:
                raise NotJsonError(_TOO_DEEP, 0)
            keys: list[str] | None = [] if opening == "{" else None
            at = _skip_space(text, at + 1)
            if text[at : at + 1] != ("}" if opening == "{" else "]"):
                containers.append(([], keys))
                at = _parse_key(text, at, keys)
                continue
            value, at = {} if opening == "{" else [], at + 1
        else:
            value, at = _DECODER.raw_decode(text, at)
        while containers:
            values, keys = containers[-1]
            values.append(value)
            at = _skip_space(text, at)
            if text[at : at + 1] == ",":
                at = _parse_key(text, _skip_space(text, at + 1), keys)
                break
            if text[at : at + 1] != ("]" if keys is None else "}"):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
            containers.pop()
            value = values if keys is None else _object(list(zip(keys, values, strict=True)))
            at += 1
        else:
            at = _skip_space(text, at)
            if at < len(text):
                raise json.JSONDecodeError("Extra data", text, at)
            return value


def _parse_key(text: str, at: int, keys: list[str] | None) -> int:
    """Add the key at ``at`` if the container is an object; return where its value starts."""
    if keys is None:
        return at
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    key, at = _DECODER.raw_decode(text, at)
    keys.append(key)
    at = _skip_space(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
    return _skip_space(text, at + 1)


def _skip_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _is_too_deep(value: Json) -> bool:
    level: list[Any] = [value]
    for _ in range(JSON_DEPTH + 1):
        level = [
            member
            for container in level
            for member in (_values(container) if isinstance(container, dict) else container)
            if isinstance(member, (list, dict))
        ]
        if not level:
            return False
    return True


def _integer(text: str) -> int | Number:
    """Return an int if ``dump`` would write it as this text, else a Number."""
    return Number(text) if len(text) > _MAX_INT_DIGITS or text == "-0" else int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Json]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeys(pairs)


def _reject_constant(constant: str) -> NoReturn:
    raise _ConstantError(constant)


_TOO_DEEP = "nested too deeply"
_encode = json.JSONEncoder(ensure_ascii=False).encode
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=Number,
    parse_int=_integer,
    parse_constant=_reject_constant,
)


def _first_constant(text: str) -> int:
    """Return the index of the first NaN or Infinity; everything before it is valid JSON."""
    for match in re.finditer(_STRING_OR_CONSTANT, text):
        if not match[0].startswith('"'):
            return match.start()
    return 0


def _usage_error(text: str, error: NotJsonError, item: str, offset: int, file: str) -> UsageError:
    position = error.position
    if not file and item[offset:] == text:
        at = offset + position
        fault = Fault(item, at, min(at + 1, len(item)))
        is_plain_text = re.fullmatch(r"[\w .-]+", text)
        hint = "to send a string, use = instead of :=" if is_plain_text else ""
        return UsageError(f"invalid JSON: {error}", hint=hint, fault=fault)
    # A file, or an item with escapes in its value: show the line alone.
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start : end if end >= 0 else len(text)][: position - start + _MAX_LINE]
    column = position - start
    number = text.count("\n", 0, position) + 1
    source = file or item
    where = f"{source}:{number}:{column + 1}: " if source else ""
    return UsageError(
        f"{where}invalid JSON: {error}",
        fault=Fault(line, column, min(column + 1, len(line))),
    )
