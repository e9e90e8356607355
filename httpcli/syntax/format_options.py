"""The syntax of ``--format-options``: ``KEY:VALUE`` pairs, separated by commas.

The last value of a key is used.
"""

from __future__ import annotations

from collections.abc import Iterable

from httpcli.core.errors import Fault, UsageError
from httpcli.core.format_options import FormatOptions

_MAX_INDENT = 64
_BOOLEANS = {"true": True, "false": False}


def parse_format_options(texts: Iterable[str]) -> FormatOptions:
    """Return the formatting that all texts together describe.

    Raises UsageError with the place of the fault.

    >>> parse_format_options(["json.indent:2,headers.sort:true"]).json_indent
    2
    """
    settings: dict[str, bool | int] = {}
    for text in texts:
        start = 0
        for pair in text.split(","):
            if pair.strip():
                name, value = _parse_pair(text, start, pair)
                settings[name] = value
            start += len(pair) + 1
    return FormatOptions()._replace(**settings)  # type: ignore[arg-type] # _parse_pair checks the types


def _parse_pair(text: str, start: int, pair: str) -> tuple[str, bool | int]:
    key, colon, value = pair.partition(":")
    name = key.strip().replace(".", "_")
    known = FormatOptions._field_defaults
    if name not in known or "." not in key:
        names = ", ".join(known_name.replace("_", ".", 1) for known_name in known)
        raise _error(
            text, start, len(key), f"unknown key {key.strip()!r}", f"choose from: {names}"
        )
    if not colon:
        raise _error(text, start, len(pair), "missing value", f"{key.strip()}:VALUE")
    begin = start + len(key) + 1
    value = value.strip()
    if isinstance(known[name], bool):
        if value.lower() not in _BOOLEANS:
            raise _error(text, begin, len(value), "expected true or false", "")
        return name, _BOOLEANS[value.lower()]
    if not (value.isascii() and value.isdigit() and int(value[:9]) <= _MAX_INDENT):
        raise _error(text, begin, len(value), f"expected a number from 0 to {_MAX_INDENT}", "")
    return name, int(value)


def _error(text: str, start: int, length: int, message: str, hint: str) -> UsageError:
    return UsageError(
        f"--format-options: {message}", hint=hint, fault=Fault(text, start, start + length)
    )
