"""Options of formatted output, in a separate module to keep start-up fast."""

from collections.abc import Callable
from typing import Any

from httpcli.core.named_tuple import NamedTuple

JSON_DEPTH = 10_000
"""The depth limit of JSON, in arrays and objects; a deeper text is rejected or left unchanged."""


class FormatOptions(NamedTuple):
    """The options of ``--format-options``."""

    headers_sort: bool = False
    """Whether headers are sorted by name; by default they keep the order of the message."""
    json_format: bool = True
    json_indent: int = 4
    """Spaces of each level."""
    json_sort_keys: bool = False
    """Whether the keys of objects are sorted; by default they keep their order."""
    json_unescape: bool = True
    """Whether escaped printable characters are decoded on a terminal."""
    xml_format: bool = True
    xml_indent: int = 2
    """Spaces of each level."""


class JsonSelection(NamedTuple):
    """The part of a JSON body that is printed."""

    select: Callable[[Any], Any]
    """Returns the selected part of a JSON value. Raises ValueError if it cannot be applied."""
    raw: bool = False
    """Whether strings are printed without quotes, and each item of an array on its own line."""
