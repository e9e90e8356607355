r"""Keys of JSON data that lead into objects and arrays, HTTPie's: ``a[b][0][]=x``.

::

    key  := root path*       root := TEXT | NUMBER | '[' NUMBER ']' | '[' ']' | nothing
    path := '[' TEXT ']' (key) | '[' NUMBER ']' (index) | '[' ']' (append)

``\[``, ``\]`` and ``\\`` are literal; ``\`` before a whole number makes it a
key. Tokens, then steps, then values; each error shows its place in the key.
Beyond HTTPie: a root keeps its text (``01=x`` has the key ``01``), a key that
holds null is not descended into, and no index is above 1,000,000.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from httpcli.core.errors import Fault, UsageError
from httpcli.syntax.items import Item
from httpcli.syntax.json_values import Json, RepeatedKeys, is_number

MAX_INDEX = 1_000_000
"""An index above it is a slip; the nulls before it would be the whole request."""
_UNESCAPE = re.compile(r"\\([\[\]\\])")


class _Sort(Enum):
    """What a token is; the value is its name in errors."""

    TEXT = "a text"
    NUMBER = "a number"
    OPEN = "'['"
    CLOSE = "']'"


class _Token(NamedTuple):
    """A piece of the key, ``key[start:end]``; ``text`` is without escapes."""

    sort: _Sort
    text: str
    start: int
    end: int


class _Step(NamedTuple):
    """One step down: ``by`` an object's key, an array's index, or ``append``.

    ``text`` is the key or the index; the place is ``key[start:end]`` and the
    index stands at ``key[start + 1 : end - 1]``.
    """

    by: str
    text: str
    start: int
    end: int
    is_root: bool = False

    def __str__(self) -> str:
        return self.text if self.is_root and self.by == "key" else f"[{self.text}]"


def build_nested(assignments: Iterable[tuple[Item, Json]]) -> Json:
    """Return the value that the assignments make together, in order; ``{}`` for none.

    Values are changed in place where a later key leads into them. Raises
    UsageError, with the place in the key.
    """
    top: Json = None
    for item, value in assignments:
        steps = list(_steps(item.key))
        if top is None:
            top = _container_for(steps[0])
        _assign(top, item, steps, value)
    return {} if top is None else top


def _assign(top: Json, item: Item, steps: list[_Step], value: Json) -> None:
    here = top
    for number, step in enumerate(steps):
        container = _expected(here, item, steps, number)
        last = number + 1 == len(steps)
        new = value if last else _container_for(steps[number + 1])
        if isinstance(container, dict):
            if last or step.text not in container:
                container[step.text] = new
            here = container[step.text]
        elif step.by == "append":
            container.append(new)
            here = new
        else:
            index = _index(item.key, step)
            container.extend([None] * (index + 1 - len(container)))
            if last or container[index] is None:
                container[index] = new
            here = container[index]


def _container_for(step: _Step) -> Json:
    return {} if step.by == "key" else []


def _expected(
    here: Json, item: Item, steps: list[_Step], number: int
) -> dict[str, Json] | list[Json]:
    """Return ``here`` if the step can be made from it; raise UsageError otherwise."""
    step = steps[number]
    if isinstance(here, dict if step.by == "key" else list) and not isinstance(here, RepeatedKeys):
        return here
    before = "".join(map(str, steps[:number]))
    if isinstance(here, RepeatedKeys):
        message = f"cannot assign into {before!r}: a key of it is there twice"
    else:
        message = (
            f"cannot perform {step.by!r} based access on {before!r}, which has a type of "
            f"{_type_name(here)!r}, but this operation requires a type of "
            f"{'object' if step.by == 'key' else 'array'!r}"
        )
    fault = Fault(item.key, step.start, step.end)
    if not item.key:
        fault = Fault(item.text[: item.start], 0, item.start)
    raise UsageError(f"Type error in {item.key!r}: {message}", fault=fault)


def _index(key: str, step: _Step) -> int:
    """Return the index of an index step. Raises UsageError where it is out of bounds."""
    number = _whole(step.text) or 0
    place = Fault(key, step.start + 1, step.end - 1)
    if number > MAX_INDEX:
        raise UsageError(f"Value error in {key!r}: an index is at most {MAX_INDEX}", fault=place)
    if number < 0:
        raise UsageError(
            f"Value error in {key!r}: negative indexes are not supported",
            hint="[] appends; a name is written with a backslash: [\\-1]",
            fault=place,
        )
    return number


def _type_name(value: Json) -> str:
    if value is None:
        return "null"
    if is_number(value):
        return "number"
    names = {bool: "bool", str: "string", list: "array"}
    return names.get(type(value), "object")


def _steps(key: str) -> Iterator[_Step]:
    """Read the key's tokens as steps. Raises UsageError where they are none."""
    tokens = list(_tokens(key))
    if not tokens:
        yield _Step("key", "", 0, 0, is_root=True)
        return
    at = 0

    def expect(*sorts: _Sort) -> _Token:
        nonlocal at
        if at < len(tokens) and tokens[at].sort in sorts:
            at += 1
            return tokens[at - 1]
        wrong = tokens[at] if at < len(tokens) else None
        *others, final = (sort.value for sort in sorts)
        expected = f"{', '.join(others)} or {final}" if others else final
        raise UsageError(
            f"Syntax error in {key!r}: expecting {expected}",
            hint="brackets that are part of a name are written \\[ and \\]",
            fault=Fault(key, wrong.start, wrong.end) if wrong else Fault(key, len(key), len(key)),
        )

    def bracketed(first: _Token, *sorts: _Sort, is_root: bool) -> _Step:
        token = expect(*sorts, _Sort.CLOSE)
        if token.sort is _Sort.CLOSE:
            return _Step("append", "", first.start, token.end, is_root)
        by = "index" if token.sort is _Sort.NUMBER else "key"
        return _Step(by, token.text, first.start, expect(_Sort.CLOSE).end, is_root)

    root = expect(_Sort.TEXT, _Sort.NUMBER, _Sort.OPEN)
    if root.sort is _Sort.OPEN:
        yield bracketed(root, _Sort.NUMBER, is_root=True)
    else:
        yield _Step("key", root.text, root.start, root.end, is_root=True)
    while at < len(tokens):
        yield bracketed(expect(_Sort.OPEN), _Sort.TEXT, _Sort.NUMBER, is_root=False)


def _tokens(key: str) -> Iterator[_Token]:
    start = at = 0
    while at < len(key):
        if key[at] in "[]":
            if start < at:
                yield _literal(key, start, at)
            yield _Token(_Sort.OPEN if key[at] == "[" else _Sort.CLOSE, key[at], at, at + 1)
            start = at + 1
        elif key[at] == "\\":
            at += 1
        at += 1
    if start < len(key):
        yield _literal(key, start, len(key))


def _literal(key: str, start: int, end: int) -> _Token:
    """Return the text or number that is ``key[start:end]``, its escapes undone."""
    raw = key[start:end]
    text = _UNESCAPE.sub(r"\1", raw)
    if text == raw:
        if _whole(raw) is not None:
            return _Token(_Sort.NUMBER, raw, start, end)
        if raw.startswith("\\") and _whole(raw[1:]) is not None:
            text = raw[1:]
    return _Token(_Sort.TEXT, text, start, end)


def _whole(text: str) -> int | None:
    """Return the number that Python's int() makes of it; None where it is none."""
    try:
        return int(text)
    except ValueError:
        # int() refuses thousands of digits too (sys.set_int_max_str_digits).
        return MAX_INDEX + 1 if text.strip().isdecimal() else None
