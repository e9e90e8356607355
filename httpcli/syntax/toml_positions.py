"""Where a byte stands, as people count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence


def line_and_column(content: bytes, offset: int) -> str:
    """Return ``line:column`` of a byte, both from 1."""
    before = content[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"{line}:{column}"


# Where a key stands in a TOML text: the reader of the standard library keeps no lines.


_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_KEY})\s*\]")
_ASSIGNED = re.compile(rf"\s*({_KEY})\s*=")
_PARTS = re.compile(_PART)
_FENCES = ('"""', "'''")


def line_of_key(text: str, keys: Sequence[str]) -> int:
    """Return the line, from 1, of a key, ``("profile", "api", "url")``, or of what holds it.

    The text is TOML that was read already. What stands in an inline table is
    on that table's line.
    """
    best, depth = 1, 0
    wanted = tuple(keys)
    for line, path in _keys(text):
        common = min(len(path), len(wanted))
        if path[:common] != wanted[:common]:
            continue
        if common == len(wanted):  # the key itself, or the first of what it holds
            return line
        if common > depth:
            best, depth = line, common
    return best


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give the line and the full name of each key and table header."""
    table: tuple[str, ...] = ()
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            fence = "" if fence in line else fence
            continue
        header = _HEADER.match(line)
        assigned = None if header else _ASSIGNED.match(line)
        if header:
            table = _names(header[1])
            yield number, table
        elif assigned:
            yield number, (*table, *_names(assigned[1]))
        fence = next((mark for mark in _FENCES if line.count(mark) % 2), "")


def _names(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PARTS.findall(key))
