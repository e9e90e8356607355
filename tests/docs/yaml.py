"""Parses the YAML of the documents' pipelines: mappings, lists, plain strings and ``|`` blocks.

Not PyYAML: examples should use only simple YAML, so anything else is an error here.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_KEY = re.compile(r"([\w.-]+):(?: +(.*))?\Z")


class _Line(NamedTuple):
    indent: int
    text: str


def read(text: str) -> Any:
    """Return the value of a document: dicts, lists and strings. Raises ValueError."""
    lines = [_Line(len(raw) - len(raw.lstrip(" ")), raw.strip()) for raw in text.splitlines()]
    value, rest = _value(lines)
    if any(line.text for line in rest):
        raise ValueError(f"not read: {rest[0].text}")
    return value


def _value(lines: list[_Line]) -> tuple[Any, list[_Line]]:
    lines = _skipped(lines)
    indent = lines[0].indent
    if lines[0].text.startswith("- "):
        items = []
        while lines and lines[0].indent == indent and lines[0].text.startswith("- "):
            inner = lines[0].text[2:]
            if _KEY.match(inner):
                item, lines = _value([_Line(indent + 2, inner), *lines[1:]])
            elif inner == "|":
                item, lines = _block(lines[1:], indent)
            else:
                item, lines = inner, _skipped(lines[1:])
            items.append(item)
        return items, lines
    members: dict[str, Any] = {}
    while lines and lines[0].indent == indent and (match := _KEY.match(lines[0].text)):
        key, value = match.groups()
        if value == "|":
            members[key], lines = _block(lines[1:], indent)
        elif value:
            members[key], lines = value.strip('"'), _skipped(lines[1:])
        else:
            members[key], lines = _value(lines[1:])
        lines = _skipped(lines)
    if not members:
        raise ValueError(f"neither a list nor a mapping: {lines[0].text}")
    return members, lines


def _block(lines: list[_Line], outer: int) -> tuple[str, list[_Line]]:
    end = next(
        (at for at, line in enumerate(lines) if line.text and line.indent <= outer), len(lines)
    )
    own = min(line.indent for line in lines[:end] if line.text)
    text = "\n".join(" " * (line.indent - own) + line.text for line in lines[:end])
    return text.rstrip("\n") + "\n", lines[end:]


def _skipped(lines: list[_Line]) -> list[_Line]:
    """Return the lines from the first that is neither empty nor a comment."""
    while lines and (not lines[0].text or lines[0].text.startswith("#")):
        lines = lines[1:]
    return lines
