"""A table of ``config.toml`` becomes options of the command line.

``redact_option`` shows the value of an option without secrets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from httpcli.auth.registry import SCHEMES
from httpcli.config.file import ConfigDocument
from httpcli.config.toml_positions import line_of_key
from httpcli.core.errors import UsageError
from httpcli.core.headers import TOKEN
from httpcli.core.invocation import SettingSource
from httpcli.core.named_tuple import NamedTuple
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS
from httpcli.syntax.file_values import REFERENCE_PREFIXES

_NOT_ALLOWED = {
    **dict.fromkeys(
        ("help", "manual", "version", "debug", "show-cert", "batch"), "applies to a single run"
    ),
    **dict.fromkeys(("method", "output"), "applies to a single request"),
    **dict.fromkeys(("raw", "upload-file", "field", "json-field", "file"), "is a request body"),
}
_PATH_OPTIONS = frozenset(
    {"cert", "cert-key", "verify", "unix-socket", "session", "session-read-only"}
)
_NOT_PATHS = frozenset({"yes", "true", "no", "false"})
_MAX_COUNT = 9
_FIELD_NAME = re.compile(rf"{TOKEN}\Z")
_TYPE_NAMES = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    dict: "a table",
}
_OPTIONS_BY_NAME = {option.name: option for option in OPTIONS}


class Setting(NamedTuple):
    """One key of a file."""

    name: str
    """The long name of the option; ``url`` for the base URL of a profile, empty for
    ``default_options``, which are several options."""
    words: tuple[str, ...]
    """The setting as arguments of a command line."""
    location: str
    """Where it is written, as ``file:line``."""
    source: SettingSource
    has_plain_secret: bool = False
    """Whether its value contains a secret in plain text, not by reference."""


class Section(NamedTuple):
    """A table of the file."""

    document: ConfigDocument
    """The file."""
    keys: tuple[str, ...]
    """The keys that lead to the table; empty for the whole file."""
    source: SettingSource
    """The source of its settings."""

    def location(self, *keys: str) -> str:
        """Return where a key of the table is, as ``file:line``."""
        document = self.document
        return f"{document.path}:{line_of_key(document.text, (*self.keys, *keys))}"


def parse_table(
    section: Section, table: Mapping[str, Any], skip: tuple[str, ...] = ()
) -> tuple[list[Setting], list[UsageError]]:
    """Return the settings of a table, except the keys of ``skip``, and the errors in it."""
    settings: list[Setting] = []
    errors: list[UsageError] = []
    for keys, value in _entries(table, skip):
        location = section.location(*keys)
        try:
            words = tuple(_words(keys, value, section))
        except UsageError as error:
            error.message = f"{location}: {error.message}"
            errors.append(error)
            continue
        name = "header" if len(keys) == 2 else keys[0]
        has_plain_secret = any(_has_plain_secret(word, table) for word in words)
        settings.append(Setting(name, words, location, section.source, has_plain_secret))
    return settings, errors


def _entries(
    table: Mapping[str, Any], skip: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the keys and values of a table, and of the table of headers in it."""
    for key, value in table.items():
        if key == "headers" and isinstance(value, dict):
            yield from (((key, name), text) for name, text in value.items())
        elif key not in skip:
            yield (key,), value


def _has_plain_secret(word: str, table: Mapping[str, Any]) -> bool:
    """Return whether an argument contains a secret in plain text; a user name is not one."""
    name, _, value = word[2:].partition("=") if word.startswith("--") else ("", "", word)
    if name in ("auth", "proxy-auth") and ":" not in value:
        scheme = str(table.get("auth-type", "basic"))
        if name == "proxy-auth" or (scheme in SCHEMES and not SCHEMES[scheme].token):
            return False
    return redact_option(name, value) != value


def _words(keys: tuple[str, ...], value: Any, section: Section) -> Iterator[str]:
    """Yield the arguments for a key. Raises UsageError, without the location."""
    key, *header = keys
    if header:
        yield _header_word(header[0], value, section)
        return
    if key == "stdin":
        if value not in ("never", "auto"):
            raise UsageError('stdin must be "never" or "auto"')
        yield "--ignore-stdin" if value == "never" else "--no-ignore-stdin"
        return
    option = _OPTIONS_BY_NAME.get(key)
    if option is None:
        raise UsageError(f"unknown option {key}", hint=_hint_for_unknown(key))
    if key in _NOT_ALLOWED:
        raise UsageError(f"{key} is not allowed in the settings: it {_NOT_ALLOWED[key]}")
    if value is False and key != "verify":
        yield f"--no-{key}"
    elif option.takes_value:
        repeatable = option.kind in (OptionKind.REPEATABLE, OptionKind.ITEM)
        for element in value if repeatable and isinstance(value, list) else [value]:
            yield f"--{key}={_option_value(option, element, section)}"
    else:
        yield from _switch_words(option, value)


def _switch_words(option: Option, value: Any) -> Iterator[str]:
    if value is True:
        yield f"--{option.name}"
    elif option.kind is OptionKind.COUNT and type(value) is int and 0 <= value <= _MAX_COUNT:
        yield f"--no-{option.name}"
        for _ in range(value):
            yield f"--{option.name}"
    elif option.kind is OptionKind.OPTIONAL and isinstance(value, str):
        yield f"--{option.name}={value}"
    elif option.kind is OptionKind.COUNT:
        raise _wrong_type(option.name, value, f"a number from 0 to {_MAX_COUNT}")
    else:
        expected = "a table of headers" if option.name == "headers" else "true or false"
        raise _wrong_type(option.name, value, expected)


def _option_value(option: Option, value: Any, section: Section) -> str:
    """Return the value of an option as on a command line. Raises UsageError."""
    if option.name == "verify" and isinstance(value, bool):
        return "yes" if value else "no"
    if type(value) in (int, float) and option.kind is not OptionKind.ITEM and math.isfinite(value):
        return str(value)
    if not isinstance(value, str):
        is_list = option.kind is not OptionKind.VALUE
        expected = "a string, or a list of strings" if is_list else "a string"
        raise _wrong_type(option.name, value, expected)
    if "\0" in value:
        raise UsageError(f"{option.name} contains a NUL character")
    if option.choices and value not in option.choices and not option.plugins:
        known = ", ".join(option.choices)
        raise UsageError(f"{option.name}: unknown value {value!r}", hint=f"choose from: {known}")
    return _resolve_path(option.name, value, section)


def _header_word(name: str, value: Any, section: Section) -> str:
    """Return a header as an item if its value is a reference, else as ``--header``."""
    if not _FIELD_NAME.match(name):
        raise UsageError(f"invalid header name {name!r}")
    if value is False:
        return f"--header={name}:"
    if not isinstance(value, str):
        raise _wrong_type(f"header {name}", value, "a string (false removes a default header)")
    if any(mark in value for mark in "\r\n\0"):
        raise UsageError(f"header {name} must be one line")
    if value.startswith(REFERENCE_PREFIXES):
        return f"{name}:{_resolve_reference_path(value, section)}"
    return f"--header={name}:{value}" if value else f"--header={name};"


def _resolve_path(name: str, value: str, section: Section) -> str:
    """Return the value with a relative path made absolute: paths are relative to the file."""
    if name in _PATH_OPTIONS:
        is_path = "/" in value or not name.startswith("session")
        unchanged = (
            value.lower() in _NOT_PATHS or not value or value.startswith("@") or not is_path
        )
        return value if unchanged else _absolute(value, section)
    if name in ("auth", "proxy-auth", "cert-key-pass"):
        user, prefix, path = value.partition("@file:")
        if prefix and (not user or user.endswith(":")):
            return user + prefix + _absolute(path, section)
    return value


def _resolve_reference_path(value: str, section: Section) -> str:
    path = value.removeprefix("@file:")
    return value if path == value else f"@file:{_absolute(path, section)}"


def _absolute(path: str, section: Section) -> str:
    if path.startswith(("/", "~/")):
        return path
    return f"{section.document.path.rpartition('/')[0] or '.'}/{path}"


def _hint_for_unknown(key: str) -> str:
    """Return the hint for an unknown key, if possible the option that was meant."""
    by_letter = [option.name for option in OPTIONS if len(key) == 1 and key in option.letters]
    names = [name for name in _OPTIONS_BY_NAME if name not in _NOT_ALLOWED] + ["stdin", "headers"]
    from difflib import get_close_matches

    similar = by_letter or get_close_matches(key.replace("_", "-"), names, 1, 0.7)
    if similar and "." in similar[0]:  # TOML reads an unquoted dotted key as a table
        return f'did you mean "{similar[0]}"? With a dot in it, it stands in quotes'
    return f"did you mean {similar[0]}?" if similar else "use the long option names"


def _wrong_type(name: str, value: Any, expected: str) -> UsageError:
    other = "a list" if isinstance(value, list) else "a date or time"
    return UsageError(f"{name}: expected {expected}, found {_TYPE_NAMES.get(type(value), other)}")


def raise_first(errors: list[UsageError]) -> None:
    """Raise the first of the errors; do nothing if the list is empty."""
    if errors:
        raise errors[0]


def redact_option(name: str, value: str) -> str:
    """Return the value of an option with its secrets redacted: see ``Redaction.option``."""
    from httpcli.protocol.redaction import Redaction

    return Redaction().option(name, value)
