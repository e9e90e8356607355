r"""Request items, HTTPie's short forms and the explicit options, become values.

The separator that starts first decides, the longest at the same place; a
backslash before one of ``: ; = @`` makes it literal, any other backslash is
text. No file is read here, and no error shows a value: it may be a secret.
"""

import re
from enum import Enum
from typing import NamedTuple

from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import TOKEN_CHARACTERS


class ItemKind(Enum):
    """What an item adds to the request."""

    HEADER = "header"
    UNSET = "unset"
    """``Name:`` takes a default, and what was typed before, away."""
    EMPTY_HEADER = "empty header"
    """``Name;`` sends the field without a value."""
    COOKIE = "cookie"
    PARAM = "param"
    FIELD = "field"
    """A string among the data."""
    JSON = "json"
    """A JSON literal among the data."""
    FILE = "file"
    """A file to upload; the whole content where the key is empty."""


class Item(NamedTuple):
    """One item.

    ``key`` and ``value`` are without the escapes above (the key of data may
    hold nested.py's own). ``from_file``: ``value`` is the path of a file whose
    text is meant. ``text`` is the item as typed; its value starts at
    ``text[start]``.
    """

    kind: ItemKind
    key: str
    value: str
    from_file: bool
    text: str
    start: int


# Patterns are texts here: a run without items does not pay for compiling them.
_ITEM = r"(?s)((?:\\.|[^\\:;=@])*+)(:=@|==@|:=|:@|==|=@|[:;=@])"
_ESCAPED = r"(?s)\\([:;=@])|(\\.)"
_KINDS = {
    ":": ItemKind.HEADER,
    ":@": ItemKind.HEADER,
    ";": ItemKind.EMPTY_HEADER,
    "==": ItemKind.PARAM,
    "==@": ItemKind.PARAM,
    "=": ItemKind.FIELD,
    "=@": ItemKind.FIELD,
    ":=": ItemKind.JSON,
    ":=@": ItemKind.JSON,
    "@": ItemKind.FILE,
}
_OPTIONS = {
    "param": ItemKind.PARAM,
    "cookie": ItemKind.COOKIE,
    "field": ItemKind.FIELD,
    "json-field": ItemKind.JSON,
    "file": ItemKind.FILE,
}
_FORMS = "Name:value, name=text, name:=JSON, name==query or name@file"
_BLANKS = " \t"
_UNFIT = rf"[^{TOKEN_CHARACTERS}]+"
# RFC 9110, 5.5: what could end a field line, or a server's idea of one.
_SPLITTER = r"[\r\n\0]"
_SURROGATE = "[\ud800-\udfff]+"
_HEADERS = frozenset({ItemKind.HEADER, ItemKind.UNSET, ItemKind.EMPTY_HEADER})
_NAMES = {"\r": "a carriage return", "\n": "a line feed", "\0": "a NUL"}


def parse_item(text: str) -> Item:
    """Return what a positional item means.

    Raises UsageError, with the place, for what is none.
    """
    if text[:8].lower().startswith(("http://", "https://")):
        raise UsageError(
            "a second URL among the items: one URL a request",
            hint="a field that is named http: http\\:=…",
            fault=Fault(_before_secrets(text), 0, text.index("//") + 2),
        )
    match = re.match(_ITEM, text)
    if match is None:
        raise UsageError(
            f"{_first_word(text)!r} is not a request item",
            hint=f"an item is {_FORMS}",
            fault=_end(text),
        )
    separator = match[2]
    kind = _KINDS[separator]
    from_file = separator in (":@", "==@", "=@", ":=@")
    key, value = _unescaped(match[1]), _unescaped(text[match.end() :])
    item = Item(kind, key, value, from_file, text, match.end())
    if (from_file or kind is ItemKind.FILE) and not value:
        raise _fault(item, f"no file is named after {separator}", _separator(item), "name@FILE")
    return _checked(item)


def parse_option_item(option: str, text: str) -> Item:
    """Return what an explicit option (``--header``, ``--param``, ``--file``…) means.

    ``option`` is the name without dashes. The first separator splits, and all
    behind it is the value: no escapes, no files. Raises UsageError.
    """
    kind = _OPTIONS.get(option)
    if kind is None:
        return _explicit_header(text)
    key, separator, value = text.partition("=")
    if not separator:
        raise UsageError(
            f"--{option}: there is no =",
            hint=f"--{option} {'NAME=JSON' if kind is ItemKind.JSON else 'NAME=VALUE'}",
            fault=_end(text),
        )
    return _checked(Item(kind, key, value, False, text, len(key) + 1))


def _explicit_header(text: str) -> Item:
    name, colon, value = text.partition(":")
    if colon:
        return _checked(Item(ItemKind.HEADER, name, value, False, text, len(name) + 1))
    name, semicolon, value = text.partition(";")
    if semicolon:
        return _checked(Item(ItemKind.EMPTY_HEADER, name, value, False, text, len(name) + 1))
    raise UsageError(
        "--header: there is no colon",
        hint="'Name: value' sends a field, 'Name:' takes a default away, 'Name;' sends it empty",
        fault=_end(text),
    )


def _checked(item: Item) -> Item:
    """Return the item as it is meant, or raise UsageError where it cannot be sent."""
    by_path = item.from_file or item.kind is ItemKind.FILE
    text = item.text[: item.start] if by_path else item.text
    surrogate = None if text.isascii() else re.search(_SURROGATE, text)
    if surrogate is not None:
        message = "there are bytes that are not UTF-8"
        raise _fault(item, message, surrogate.span(), "bytes are sent from a file: @FILE")
    if item.kind is ItemKind.COOKIE:
        _refuse_splitters(item)
    if item.kind not in _HEADERS:
        return item
    _check_name(item)
    if item.from_file:
        return item
    _refuse_splitters(item)
    return _header(item)


def _header(item: Item) -> Item:
    """Strip the blanks around the value; settle what an empty one says."""
    value = item.value.strip(_BLANKS)
    if item.kind is ItemKind.EMPTY_HEADER:
        if value:
            message = f"{item.key};… has a value after the semicolon"
            hint = f"{item.key}:value sends it; {item.key}; sends the field empty"
            raise _fault(item, message, _separator(item), hint)
        return item._replace(value="")
    blanks = len(item.value) - len(item.value.lstrip(_BLANKS))
    kind = item.kind if value else ItemKind.UNSET
    return item._replace(kind=kind, value=value, start=item.start + blanks)


def _check_name(item: Item) -> None:
    wrong = re.search(_UNFIT, item.key)
    if wrong is None and item.key:
        return
    hint = "a name has letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2)"
    if wrong is None:
        raise _fault(item, "a header field has no name", (0, item.start), hint)
    message = f"{item.key!r} cannot be the name of a header field"
    start = item.text.find(wrong[0][0])
    end = start + len(wrong[0])
    if item.text[start:end] != wrong[0]:
        end = start + 1
    raise _fault(item, message, (start, end), hint)


def _refuse_splitters(item: Item) -> None:
    splitter = re.search(_SPLITTER, item.text)
    if splitter is None:
        return
    message = f"{_NAMES[splitter[0]]} cannot stand in {item.kind.value} {item.key!r}"
    hint = "it would end the field, and begin another"
    raise _fault(item, message, splitter.span(), hint)


def _fault(item: Item, message: str, place: tuple[int, int], hint: str) -> UsageError:
    """Return the error; of the value its fault shows only what is wrong there."""
    start, end = place
    head, rest = item.text[: item.start], item.text[item.start :]
    if end <= item.start:
        return UsageError(message, hint=hint, fault=Fault(head + "…" * bool(rest), start, end))
    before = head + "…" * (start > item.start)
    shown = before + item.text[start:end] + "…" * (end < len(item.text))
    place = (len(before), len(before) + end - start)
    return UsageError(message, hint=hint, fault=Fault(shown, *place))


def _separator(item: Item) -> tuple[int, int]:
    """Return the place of the character before the value."""
    return item.start - 1, item.start


def _first_word(text: str) -> str:
    """Return as much as is no value: ``Authorization …`` of one that lacks its colon."""
    word, blank, rest = text.partition(" ")
    return f"{word} …" if blank and rest else text


def _end(text: str) -> Fault:
    """Return the fault that something is missing after all that is shown."""
    shown = _first_word(text)
    return Fault(shown, len(shown), len(shown))


def _before_secrets(text: str) -> str:
    """Return no more of a URL than its scheme, and a sign that there is more."""
    return text[: text.index("//") + 2] + "…"


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(_ESCAPED, lambda match: match[1] or match[2], text)
