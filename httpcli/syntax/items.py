r"""The syntax of request items (``name=text``) and of the options for them (``--field``).

The separator of an item is the first one; if several start at the same character,
the longest one. A backslash before one of ``: ; = @`` makes it literal; any other
backslash is text. This module reads no file, and no error shows a value, which
may be a secret.
"""

import re
from enum import Enum

from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import CONTROLS, TOKEN_CHARACTERS
from httpcli.core.named_tuple import NamedTuple


class ItemKind(Enum):
    """The kind of an item: the part of the request that it adds or removes."""

    HEADER = "header"
    UNSET = "unset"
    """``Name:`` removes a default header, and all earlier headers of that name."""
    EMPTY_HEADER = "empty header"
    """``Name;`` sends the header with an empty value."""
    COOKIE = "cookie"
    PARAM = "param"
    FIELD = "field"
    """``name=text``: a string in the data."""
    JSON = "json"
    """``name:=JSON``: a JSON value in the data."""
    FILE = "file"
    """``name@path``: a file to upload; the whole body if the key is empty."""


class Item(NamedTuple):
    """One parsed item."""

    kind: ItemKind
    key: str
    """The name, without escapes; a key of data may contain the escapes of ``nested_json``."""
    value: str
    """The value, without escapes."""
    from_file: bool
    """Whether ``value`` is the path of a file that contains the value."""
    text: str
    """The item as typed."""
    value_start: int
    """Where the value starts in ``text``."""


# Patterns are strings: a run without items does not pay for compiling them.
_ITEM = r"(?s)((?:\\.|[^\\:;=@])*+)(:=@|==@|:=|:@|==|=@|[:;=@])"
_ESCAPE = r"(?s)\\([:;=@])|(\\.)"
_SEPARATORS = {
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
_OPTION_KINDS = {
    "param": ItemKind.PARAM,
    "cookie": ItemKind.COOKIE,
    "field": ItemKind.FIELD,
    "json-field": ItemKind.JSON,
    "file": ItemKind.FILE,
}
_FORMS = "Name:value, name=text, name:=JSON, name==query or name@file"
_SPACE = " \t"
_NOT_TOKEN = rf"[^{TOKEN_CHARACTERS}]+"
_SURROGATE = "[\ud800-\udfff]+"
_HEADER_KINDS = frozenset({ItemKind.HEADER, ItemKind.UNSET, ItemKind.EMPTY_HEADER})
_CHARACTER_NAMES = {"\r": "a carriage return", "\n": "a line feed", "\0": "a NUL"}


def parse_item(text: str) -> Item:
    """Parse a positional item. Raises UsageError with the place of the fault."""
    if text[:8].lower().startswith(("http://", "https://")):
        raise UsageError(
            "two URLs; a request has one",
            hint="to send a field named http: http\\:=…",
            fault=Fault(_scheme_only(text), 0, text.index("//") + 2),
        )
    match = re.match(_ITEM, text)
    if match is None:
        raise UsageError(
            f"{_first_word(text)!r} is not a request item",
            hint=f"use {_FORMS}",
            fault=_fault_at_end(text),
        )
    separator = match[2]
    kind = _SEPARATORS[separator]
    from_file = separator in (":@", "==@", "=@", ":=@")
    key, value = _unescape(match[1]), _unescape(text[match.end() :])
    item = Item(kind, key, value, from_file, text, match.end())
    if (from_file or kind is ItemKind.FILE) and not value:
        raise _error(
            item, f"missing file name after {separator}", _separator_place(item), "name@FILE"
        )
    return _validate(item)


def parse_option_item(option: str, text: str) -> Item:
    """Parse the value of ``--header``, ``--param``, ``--field`` and the like.

    ``option`` is the option's name without dashes. The first separator splits, and
    everything after it is the value: no escapes, no files. Raises UsageError.
    """
    kind = _OPTION_KINDS.get(option)
    if kind is None:
        return _parse_header_option(text)
    key, separator, value = text.partition("=")
    if not separator:
        raise UsageError(
            f"--{option}: missing =",
            hint=f"--{option} {'NAME=JSON' if kind is ItemKind.JSON else 'NAME=VALUE'}",
            # A cookie without a name is its secret value.
            fault=None if kind is ItemKind.COOKIE else _fault_at_end(text),
        )
    return _validate(Item(kind, key, value, False, text, len(key) + 1))


def _parse_header_option(text: str) -> Item:
    name, colon, value = text.partition(":")
    if colon:
        return _validate(Item(ItemKind.HEADER, name, value, False, text, len(name) + 1))
    name, semicolon, value = text.partition(";")
    if semicolon:
        return _validate(Item(ItemKind.EMPTY_HEADER, name, value, False, text, len(name) + 1))
    raise UsageError(
        "--header: missing colon",
        hint=(
            "'Name: value' sends a header, 'Name:' removes a default header, 'Name;' "
            "sends an empty value"
        ),
        fault=_fault_at_end(text),
    )


def _validate(item: Item) -> Item:
    """Return the item in its final form. Raises UsageError if it cannot be sent."""
    has_path = item.from_file or item.kind is ItemKind.FILE
    text = item.text[: item.value_start] if has_path else item.text
    surrogate = None if text.isascii() else re.search(_SURROGATE, text)
    if surrogate is not None:
        message = "not valid UTF-8"
        raise _error(item, message, surrogate.span(), "to send other bytes, use a file: @FILE")
    if item.kind is ItemKind.COOKIE:
        _reject_controls(item)
    if item.kind not in _HEADER_KINDS:
        return item
    _check_name(item)
    if item.from_file:
        return item
    _reject_controls(item)
    return _check_header(item)


def _check_header(item: Item) -> Item:
    """Strip the value; a header without a value becomes UNSET. Raises UsageError."""
    value = item.value.strip(_SPACE)
    if item.kind is ItemKind.EMPTY_HEADER:
        if value:
            message = f"{item.key};…: unexpected value after the semicolon"
            hint = f"to send a value: {item.key}:value; to send an empty header: {item.key};"
            raise _error(item, message, _separator_place(item), hint)
        return item._replace(value="")
    indent = len(item.value) - len(item.value.lstrip(_SPACE))
    kind = item.kind if value else ItemKind.UNSET
    return item._replace(kind=kind, value=value, value_start=item.value_start + indent)


def _check_name(item: Item) -> None:
    invalid = re.search(_NOT_TOKEN, item.key)
    if invalid is None and item.key:
        return
    hint = "header names consist of letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, section 5.6.2)"
    if invalid is None:
        raise _error(item, "missing header name", (0, item.value_start), hint)
    message = f"invalid header name {item.key!r}"
    start = item.text.find(invalid[0][0])
    end = start + len(invalid[0])
    if item.text[start:end] != invalid[0]:
        end = start + 1
    raise _error(item, message, (start, end), hint)


def _reject_controls(item: Item) -> None:
    character = re.search(CONTROLS, item.text)
    if character is None:
        return
    name = _CHARACTER_NAMES.get(character[0], "a control character")
    message = f"{name} is not allowed in {item.kind.value} {item.key!r}"
    is_line_end = character[0] in _CHARACTER_NAMES
    hint = "it would end the header and begin another" if is_line_end else "remove it"
    raise _error(item, message, character.span(), hint)


def _error(item: Item, message: str, place: tuple[int, int], hint: str) -> UsageError:
    """Return the error for ``text[start:end]``; it shows no other part of the value."""
    start, end = place
    name, value = item.text[: item.value_start], item.text[item.value_start :]
    if end <= item.value_start:
        return UsageError(message, hint=hint, fault=Fault(name + "…" * bool(value), start, end))
    before = name + "…" * (start > item.value_start)
    shown = before + item.text[start:end] + "…" * (end < len(item.text))
    place = (len(before), len(before) + end - start)
    return UsageError(message, hint=hint, fault=Fault(shown, *place))


def _separator_place(item: Item) -> tuple[int, int]:
    return item.value_start - 1, item.value_start


def _first_word(text: str) -> str:
    """Return the text without a possible value: ``Authorization …`` if the colon is missing."""
    word, _, value = text.partition(" ")
    return f"{word} …" if value else text


def _fault_at_end(text: str) -> Fault:
    """Return the fault that something is missing at the end."""
    shown = _first_word(text)
    return Fault(shown, len(shown), len(shown))


def _scheme_only(text: str) -> str:
    """Return only the scheme of a URL, which may contain credentials."""
    return text[: text.index("//") + 2] + "…"


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(_ESCAPE, lambda match: match[1] or match[2], text)
