"""Options of formatted output, in a module of their own to keep start-up fast."""

from collections.abc import Callable
from typing import Any, NamedTuple

JSON_DEPTH = 10_000
"""The depth limit of JSON, in arrays and objects; a deeper text is rejected or left unchanged."""


class FormatOptions(NamedTuple):
    """The options of ``--format-options``; indents are in characters.

    Nothing is sorted by default: the order is part of the message.
    """

    headers_sort: bool = False
    json_format: bool = True
    json_indent: int = 4
    json_sort_keys: bool = False
    json_unescape: bool = True
    """Whether escaped printable characters are decoded on a terminal."""
    xml_format: bool = True
    xml_indent: int = 2


class JsonSelection(NamedTuple):
    """The part of a JSON body that is printed."""

    select: Callable[[Any], Any]
    """Takes the JSON value and returns the selected one. Raises ValueError if it cannot."""
    raw: bool = False
    """Whether strings are printed without quotes, and the items of an array one a line."""
