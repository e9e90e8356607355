"""JSON's tokens as they stand in text that comes in pieces, and what may stand before them."""

from __future__ import annotations

import re
from typing import Final

SEPARATOR: Final = "\x1e"
"""The record separator of JSON text sequences (RFC 7464): as white space here."""

WHITE: Final = " \t\n\r" + SEPARATOR

CONTENT: Final = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
"""What stands between the quotes of a string: a pattern, for ``re.DOTALL``."""

UNQUOTED: Final = (
    r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null|NaN|-?Infinity"
)
"""A number or a word: a pattern."""

_CONTENT = re.compile(CONTENT, re.DOTALL)

# What keeps a response from being run as a script: it is no JSON, and stays.
_PREFIX = re.compile(r"\ufeff?(?:\)\]\}',?|while\(1\);|for\(;;\);)?")
_PREFIX_BEGINS = ("\ufeff", ")", "w", "f")
LONGEST_PREFIX: Final = 10


def prefix_of(text: str, *, last: bool) -> str | None:
    """Return what stands before the JSON, often nothing; None: more text has to come first."""
    if not last and len(text) < LONGEST_PREFIX and text.startswith(_PREFIX_BEGINS):
        return None
    match = _PREFIX.match(text)
    return match[0] if match else ""


def string_end(text: str, start: int) -> tuple[int, bool]:
    """Look from ``start``, inside a string, for its end.

    Returns where the text after it begins, 0 where it goes on in the next
    piece, and whether that piece then begins with an escaped character.
    """
    inside = _CONTENT.match(text, start)
    end = inside.end() if inside else start
    if text.startswith('"', end):
        return end + 1, False
    return 0, end < len(text)
