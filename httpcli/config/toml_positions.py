"""Positions in a TOML text, for errors: ``tomllib`` reports none for keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence


def line_and_column(content: bytes, offset: int) -> str:
    """Return the position of a byte as ``line:column``, both from 1."""
    before = content[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"{line}:{column}"


_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE_HEADER = re.compile(rf"\s*\[\[?\s*({_KEY})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_KEY})\s*=")
_NAMES = re.compile(_NAME)
_LONG_QUOTES = ('"""', "'''")


def line_of_key(text: str, keys: Sequence[str]) -> int:
    """Return the line, from 1, of a key such as ``("profile", "api", "url")``.

    The text is valid TOML. For a key in an inline table this is the line of the
    table; for an unknown key, the line of the innermost table that is known.
    """
    nearest, nearest_depth = 1, 0
    wanted = tuple(keys)
    for line, path in _find_keys(text):
        depth = min(len(path), len(wanted))
        if path[:depth] != wanted[:depth]:
            continue
        if depth == len(wanted):  # the key itself, or the first key inside it
            return line
        if depth > nearest_depth:
            nearest, nearest_depth = line, depth
    return nearest


def _find_keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line and the path of each table header and key."""
    table: tuple[str, ...] = ()
    long_quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if long_quote:  # inside a string of several lines
            long_quote = "" if long_quote in line else long_quote
            continue
        header = _TABLE_HEADER.match(line)
        assignment = None if header else _ASSIGNMENT.match(line)
        if header:
            table = _split_key(header[1])
            yield number, table
        elif assignment:
            yield number, (*table, *_split_key(assignment[1]))
        long_quote = next((quote for quote in _LONG_QUOTES if line.count(quote) % 2), "")


def _split_key(key: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in _NAMES.findall(key))
