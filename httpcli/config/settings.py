"""How options are written out where secrets must not be read; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from httpcli.auth.registry import SCHEMES
from httpcli.config.file import ConfigDocument
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.escaping import REDACTED
from httpcli.core.headers import TOKEN
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS
from httpcli.protocol.secrets import is_secret, without_secrets
from httpcli.syntax.file_values import REFERENCE_PREFIXES
from httpcli.syntax.toml_positions import line_of_key

_USERINFO = re.compile(r"(?<=//)[^/?#]*@|^(?:[a-z]+:)?[^/?#]*@")
_NAMED = re.compile(r"[^:;=]*[:;=]+")


def redact_option(name: str, value: str) -> str:
    """Return an option's value as it may be shown; the same text where it has no secret.

    ``name`` is the option's long name; ``url`` is the base of a profile. What
    is given by reference is no secret: the reference stands there.
    """
    if name in ("auth", "proxy-auth"):
        return _credentials(value)
    if name == "cert-key-pass":
        return _unless_reference(value)
    if name in ("header", "proxy-header", "param", "cookie", ""):
        found = _NAMED.match(value)
        secret = found is not None and (name == "cookie" or is_secret(found[0].rstrip(":;= ")))
        if found is None or not secret or found.end() == len(value):
            return value
        return found[0] + _unless_reference(value[found.end() :].lstrip())
    if name in ("url", "proxy"):
        return _url(value)
    return value


def _credentials(value: str) -> str:
    if value.startswith(REFERENCE_PREFIXES):
        return value
    user, colon, password = value.partition(":")
    if not colon:  # a user who is asked, or a token: who knows
        return REDACTED
    return f"{user}:{_unless_reference(password)}"


def _unless_reference(value: str) -> str:
    return value if not value or value.startswith(REFERENCE_PREFIXES) else REDACTED


def _url(value: str) -> str:
    """Return a URL without its userinfo: a user alone may be a token."""
    return without_secrets(_USERINFO.sub(f"{REDACTED}@", value, count=1))


# A table of ``config.toml`` becomes words of the command line; pure.


_NOT_HERE = {
    **dict.fromkeys(
        ("help", "manual", "version", "debug", "show-cert", "batch"), "is for one run"
    ),
    **dict.fromkeys(("method", "output"), "is for one request"),
    **dict.fromkeys(("raw", "upload-file", "field", "json-field", "file"), "is one body"),
}
_PATHS = frozenset({"cert", "cert-key", "verify", "unix-socket", "session", "session-read-only"})
_NO_PATHS = frozenset({"yes", "true", "no", "false"})
_MOST = 9
_FIELD_NAME = re.compile(rf"{TOKEN}\Z")
_WHAT = {bool: "true or false", int: "a number", float: "a number", str: "a text", dict: "a table"}
_KINDS = {option.name: option for option in OPTIONS}


class Setting(NamedTuple):
    """One key of a file.

    ``words`` say it as the command line does, ``source`` is ``file:line``.
    ``rank``: of two settings the one with the lower counts. ``exposed``: a
    secret stands there in clear.
    """

    name: str
    words: tuple[str, ...]
    source: str
    rank: int
    exposed: bool = False


class Section(NamedTuple):
    """A table of the file, by the keys that lead to it."""

    document: ConfigDocument
    keys: tuple[str, ...]
    rank: int

    def source(self, *keys: str) -> str:
        """Return where a key of it stands, as ``file:line``."""
        document = self.document
        return f"{document.path}:{line_of_key(document.text, (*self.keys, *keys))}"


def parse_table(
    section: Section, table: Mapping[str, Any], apart: tuple[str, ...] = ()
) -> tuple[list[Setting], list[UsageError]]:
    """Return the settings of a table, less the keys that stand apart, and what is wrong in it."""
    settings: list[Setting] = []
    faults: list[UsageError] = []
    for keys, value in _entries(table, apart):
        source = section.source(*keys)
        try:
            words = tuple(_words(keys, value, section))
        except UsageError as error:
            error.message = f"{source}: {error.message}"
            faults.append(error)
            continue
        name = "header" if len(keys) == 2 else keys[0]
        exposed = any(_is_exposed(word, table) for word in words)
        settings.append(Setting(name, words, source, section.rank, exposed))
    return settings, faults


def _entries(
    table: Mapping[str, Any], apart: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give the keys of a table, and of the table of header fields in it."""
    for key, value in table.items():
        if key == "headers" and isinstance(value, dict):
            yield from (((key, name), text) for name, text in value.items())
        elif key not in apart:
            yield (key,), value


def _is_exposed(word: str, table: Mapping[str, Any]) -> bool:
    """Tell whether a word has a secret in clear; a user alone is none, a token is."""
    name, _, value = word[2:].partition("=") if word.startswith("--") else ("", "", word)
    if name in ("auth", "proxy-auth") and ":" not in value:
        named = str(table.get("auth-type", "basic"))
        if name == "proxy-auth" or (named in SCHEMES and not SCHEMES[named].token):
            return False
    return redact_option(name, value) != value


def _words(keys: tuple[str, ...], value: Any, section: Section) -> Iterator[str]:
    """Give the words that say a key. Raises UsageError, without its place."""
    key, *field = keys
    if field:
        yield _field(field[0], value, section)
        return
    if key == "stdin":
        if value not in ("never", "auto"):
            raise UsageError("stdin is neither never nor auto")
        yield "--ignore-stdin" if value == "never" else "--no-ignore-stdin"
        return
    option = _KINDS.get(key)
    if option is None:
        raise UsageError(f"there is no option {key}", hint=_hint(key))
    if key in _NOT_HERE:
        raise UsageError(f"{key} has no place in the settings: it {_NOT_HERE[key]}")
    if value is False and key != "verify":
        yield f"--no-{key}"
    elif option.takes_value:
        many = option.kind in (OptionKind.MANY, OptionKind.ITEM)
        for one in value if many and isinstance(value, list) else [value]:
            yield f"--{key}={_text(option, one, section)}"
    else:
        yield from _switches(option, value)


def _switches(option: Option, value: Any) -> Iterator[str]:
    if value is True:
        yield f"--{option.name}"
    elif option.kind is OptionKind.COUNT and type(value) is int and 0 <= value <= _MOST:
        yield f"--no-{option.name}"
        for _ in range(value):
            yield f"--{option.name}"
    elif option.kind is OptionKind.OPTIONAL and isinstance(value, str):
        yield f"--{option.name}={value}"
    elif option.kind is OptionKind.COUNT:
        raise _wrong(option.name, value, f"a number from 0 to {_MOST}")
    else:
        fields = option.name == "headers"
        raise _wrong(option.name, value, "a table of fields" if fields else "true or false")


def _text(option: Option, value: Any, section: Section) -> str:
    """Return the value of an option as it is typed."""
    if option.name == "verify" and isinstance(value, bool):
        return "yes" if value else "no"
    if type(value) in (int, float) and option.kind is not OptionKind.ITEM and math.isfinite(value):
        return str(value)
    if not isinstance(value, str):
        wanted = "a text, or a list of texts" if option.kind is not OptionKind.VALUE else "a text"
        raise _wrong(option.name, value, wanted)
    if "\0" in value:
        raise UsageError(f"{option.name} has a NUL in it")
    if option.choices and value not in option.choices and not option.plugins:
        known = ", ".join(option.choices)
        raise UsageError(f"{option.name}: unknown value {value!r}", hint=f"choose from: {known}")
    return _from_folder(option.name, value, section)


def _field(name: str, value: Any, section: Section) -> str:
    """Return a header field as an item, or as the explicit option where it is literal."""
    if not _FIELD_NAME.match(name):
        raise UsageError(f"{name!r} is not the name of a header field")
    if value is False:
        return f"--header={name}:"
    if not isinstance(value, str):
        raise _wrong(f"the field {name}", value, "a text (false takes a default away)")
    if any(mark in value for mark in "\r\n\0"):
        raise UsageError(f"the field {name} is not on one line")
    if value.startswith(REFERENCE_PREFIXES):
        return f"{name}:{_reference(value, section)}"
    return f"--header={name}:{value}" if value else f"--header={name};"


def _from_folder(name: str, value: str, section: Section) -> str:
    """Return a value; a path in it begins at the file's folder, wherever one stands."""
    if name in _PATHS:
        is_path = "/" in value or not name.startswith("session")
        plain = value.lower() in _NO_PATHS or not value or value.startswith("@") or not is_path
        return value if plain else _rooted(value, section)
    if name in ("auth", "proxy-auth", "cert-key-pass"):
        user, mark, path = value.partition("@file:")
        if mark and (not user or user.endswith(":")):
            return user + mark + _rooted(path, section)
    return value


def _reference(value: str, section: Section) -> str:
    path = value.removeprefix("@file:")
    return value if path == value else f"@file:{_rooted(path, section)}"


def _rooted(path: str, section: Section) -> str:
    if path.startswith(("/", "~/")):
        return path
    return f"{section.document.path.rpartition('/')[0] or '.'}/{path}"


def _hint(key: str) -> str:
    """Say which option was probably meant."""
    meant = [option.name for option in OPTIONS if len(key) == 1 and key in option.letters]
    names = [name for name in _KINDS if name not in _NOT_HERE] + ["stdin", "headers"]
    from difflib import get_close_matches

    alike = meant or get_close_matches(key.replace("_", "-"), names, 1, 0.7)
    if alike and "." in alike[0]:  # a plain key would be a table with a key in it
        return f'did you mean "{alike[0]}"? With a dot in it, it stands in quotes'
    return f"did you mean {alike[0]}?" if alike else "options have their long names here"


def _wrong(name: str, value: Any, wanted: str) -> UsageError:
    is_ = _WHAT.get(type(value), "a list" if isinstance(value, list) else "a date or time")
    return UsageError(f"{name} is {is_}, not {wanted}")


def raise_first(faults: list[UsageError]) -> None:
    """Raise the first of the faults, if there is one."""
    fault: HttpcliError | None = next(iter(faults), None)
    if fault is not None:
        raise fault
