r"""Nested keys of JSON data in HTTPie's syntax: ``a[b][0][]=x``.

::

    key  := root path*       root := TEXT | NUMBER | '[' NUMBER ']' | '[' ']' | nothing
    path := '[' TEXT ']' (key) | '[' NUMBER ']' (index) | '[' ']' (append)

``\[``, ``\]`` and ``\\`` are literal; ``\`` before an integer makes it a key. A
key is split into tokens, the tokens are read as steps, and the steps assign the
value; every error points to its place in the key.

Differences from HTTPie: a root keeps its text (``01=x`` has the key ``01``), a
key that holds null is not descended into, and an index is at most 1,000,000.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from httpcli.core.errors import Fault, UsageError
from httpcli.core.named_tuple import NamedTuple
from httpcli.syntax.items import Item
from httpcli.syntax.lossless_json import Json, RepeatedKeys, is_number

MAX_INDEX = 1_000_000
"""The highest index: a higher one is a mistake, and would send as many nulls."""

# Patterns are strings: a request with plain keys does not pay for compiling them.
_ESCAPED = r"\\([\[\]\\])"


class _TokenKind(Enum):
    """The kind of a token; the value is its name in errors."""

    TEXT = "text"
    NUMBER = "a number"
    OPEN = "'['"
    CLOSE = "']'"


class _Token(NamedTuple):
    """A piece of the key, ``key[start:end]``."""

    kind: _TokenKind
    text: str
    """The text without escapes."""
    start: int
    end: int


class _Step(NamedTuple):
    """One step into the value, written as ``key[start:end]``."""

    by: str
    """``key`` of an object, ``index`` of an array, or ``append`` to an array."""
    text: str
    """The key or the index; an index is ``key[start + 1 : end - 1]``."""
    start: int
    end: int
    is_root: bool = False
    """Whether it is the first step."""

    def __str__(self) -> str:
        return self.text if self.is_root and self.by == "key" else f"[{self.text}]"


def build_nested(assignments: Iterable[tuple[Item, Json]]) -> Json:
    """Return the value that results from the assignments, in order; ``{}`` for none.

    A value is changed in place if a later key assigns into it. Raises UsageError
    with the place in the key.
    """
    root: Json = None
    for item, value in assignments:
        steps = list(_parse_steps(item.key))
        if root is None:
            root = _empty_container(steps[0])
        _assign(root, item, steps, value)
    return {} if root is None else root


def _assign(root: Json, item: Item, steps: list[_Step], value: Json) -> None:
    current = root
    for number, step in enumerate(steps):
        container = _check_container(current, item, steps, number)
        is_last = number + 1 == len(steps)
        new = value if is_last else _empty_container(steps[number + 1])
        if isinstance(container, dict):
            if is_last or step.text not in container:
                container[step.text] = new
            current = container[step.text]
        elif step.by == "append":
            container.append(new)
            current = new
        else:
            index = _parse_index(item.key, step)
            container.extend([None] * (index + 1 - len(container)))
            if is_last or container[index] is None:
                container[index] = new
            current = container[index]


def _empty_container(step: _Step) -> Json:
    return {} if step.by == "key" else []


def _check_container(
    value: Json, item: Item, steps: list[_Step], number: int
) -> dict[str, Json] | list[Json]:
    """Return ``value`` if the step fits its type. Raises UsageError otherwise."""
    step = steps[number]
    is_repeated = isinstance(value, RepeatedKeys)
    if isinstance(value, dict if step.by == "key" else list) and not is_repeated:
        return value
    before = "".join(map(str, steps[:number]))
    if is_repeated:
        # It is not clear which of the values of a repeated key is meant.
        message = f"cannot add to {before!r}: a key occurs twice in it"
    else:
        message = (
            f"{before!r} is of type {_type_name(value)}: a [key] needs an object, an "
            "[index] an array"
        )
    fault = Fault(item.key, step.start, step.end)
    if not item.key:
        fault = Fault(item.text[: item.value_start], 0, item.value_start)
    raise UsageError(f"{item.key!r}: {message}", fault=fault)


def _parse_index(key: str, step: _Step) -> int:
    """Return the index. Raises UsageError if it is out of bounds."""
    index = _parse_integer(step.text) or 0
    fault = Fault(key, step.start + 1, step.end - 1)
    if index > MAX_INDEX:
        raise UsageError(f"{key!r}: an index can be at most {MAX_INDEX}", fault=fault)
    if index < 0:
        raise UsageError(
            f"{key!r}: negative indexes are not supported",
            hint="to append: []; to use it as a name: [\\-1]",
            fault=fault,
        )
    return index


def _type_name(value: Json) -> str:
    """Return the type's name as HTTPie writes it."""
    if value is None:
        return "null"
    if is_number(value):
        return "number"
    names = {bool: "bool", str: "string", list: "array"}
    return names.get(type(value), "object")


def _parse_steps(key: str) -> Iterator[_Step]:
    """Yield the steps of a key. Raises UsageError for a syntax error."""
    tokens = list(_tokenize(key))
    if not tokens:
        yield _Step("key", "", 0, 0, is_root=True)
        return
    at = 0

    def expect(*kinds: _TokenKind) -> _Token:
        nonlocal at
        if at < len(tokens) and tokens[at].kind in kinds:
            at += 1
            return tokens[at - 1]
        wrong = tokens[at] if at < len(tokens) else None
        *others, final = (kind.value for kind in kinds)
        expected = f"{', '.join(others)} or {final}" if others else final
        raise UsageError(
            f"{key!r}: expected {expected}",
            hint="write \\[ and \\] for brackets that are part of a name",
            fault=Fault(key, wrong.start, wrong.end) if wrong else Fault(key, len(key), len(key)),
        )

    def parse_brackets(opening: _Token, *kinds: _TokenKind, is_root: bool) -> _Step:
        token = expect(*kinds, _TokenKind.CLOSE)
        if token.kind is _TokenKind.CLOSE:
            return _Step("append", "", opening.start, token.end, is_root)
        by = "index" if token.kind is _TokenKind.NUMBER else "key"
        closing = expect(_TokenKind.CLOSE)
        return _Step(by, token.text, opening.start, closing.end, is_root)

    root = expect(_TokenKind.TEXT, _TokenKind.NUMBER, _TokenKind.OPEN)
    if root.kind is _TokenKind.OPEN:
        yield parse_brackets(root, _TokenKind.NUMBER, is_root=True)
    else:
        yield _Step("key", root.text, root.start, root.end, is_root=True)
    while at < len(tokens):
        opening = expect(_TokenKind.OPEN)
        yield parse_brackets(opening, _TokenKind.TEXT, _TokenKind.NUMBER, is_root=False)


def _tokenize(key: str) -> Iterator[_Token]:
    start = at = 0
    while at < len(key):
        if key[at] in "[]":
            if start < at:
                yield _text_or_number(key, start, at)
            kind = _TokenKind.OPEN if key[at] == "[" else _TokenKind.CLOSE
            yield _Token(kind, key[at], at, at + 1)
            start = at + 1
        elif key[at] == "\\":
            at += 1
        at += 1
    if start < len(key):
        yield _text_or_number(key, start, len(key))


def _text_or_number(key: str, start: int, end: int) -> _Token:
    """Return the token ``key[start:end]``, without its escapes."""
    raw = key[start:end]
    text = re.sub(_ESCAPED, r"\1", raw) if "\\" in raw else raw
    if text == raw:
        if _parse_integer(raw) is not None:
            return _Token(_TokenKind.NUMBER, raw, start, end)
        if raw.startswith("\\") and _parse_integer(raw[1:]) is not None:
            text = raw[1:]
    return _Token(_TokenKind.TEXT, text, start, end)


def _parse_integer(text: str) -> int | None:
    """Return the number as Python's ``int`` reads it, as HTTPie does; else None."""
    try:
        return int(text)
    except ValueError:
        # int() also refuses thousands of digits (sys.set_int_max_str_digits).
        return MAX_INDEX + 1 if text.strip().isdecimal() else None
