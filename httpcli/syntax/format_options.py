"""``--format-options``: ``KEY:VALUE`` pairs with commas between them, the last of a key wins."""

from __future__ import annotations

from collections.abc import Iterable

from httpcli.core.errors import Fault, UsageError
from httpcli.core.formatting import FormatOptions

_WIDEST_INDENT = 64
_WORDS = {"true": True, "false": False}


def parse_format_options(texts: Iterable[str]) -> FormatOptions:
    """Return what all of these come to, in their order. Raises UsageError with a caret.

    >>> parse_format_options(["json.indent:2,headers.sort:true"]).json_indent
    2
    """
    settings: dict[str, bool | int] = {}
    for text in texts:
        start = 0
        for pair in text.split(","):
            if pair.strip():
                name, value = _read(text, start, pair)
                settings[name] = value
            start += len(pair) + 1
    return FormatOptions()._replace(**settings)  # type: ignore[arg-type] # checked one by one


def _read(text: str, start: int, pair: str) -> tuple[str, bool | int]:
    key, colon, value = pair.partition(":")
    name = key.strip().replace(".", "_")
    known = FormatOptions._field_defaults
    if name not in known or "." not in key:
        names = ", ".join(each.replace("_", ".", 1) for each in known)
        raise _fault(
            text, start, len(key), f"no such key {key.strip()!r}", f"choose from: {names}"
        )
    if not colon:
        raise _fault(text, start, len(pair), "the value is missing", f"{key.strip()}:VALUE")
    begin = start + len(key) + 1
    value = value.strip()
    if isinstance(known[name], bool):
        if value.lower() not in _WORDS:
            raise _fault(text, begin, len(value), "true or false is wanted", "")
        return name, _WORDS[value.lower()]
    if not (value.isascii() and value.isdigit() and int(value[:9]) <= _WIDEST_INDENT):
        raise _fault(text, begin, len(value), f"a number up to {_WIDEST_INDENT} is wanted", "")
    return name, int(value)


def _fault(text: str, start: int, length: int, what: str, hint: str) -> UsageError:
    return UsageError(
        f"--format-options: {what}", hint=hint, fault=Fault(text, start, start + length)
    )
