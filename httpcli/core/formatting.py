"""How bodies and heads are formatted: HTTPie's ``--format-options``, and one of ours."""

from collections.abc import Callable
from typing import Any, NamedTuple


class FormatOptions(NamedTuple):
    """What formatting does, beyond being done at all.

    Nothing is sorted unless it is asked for: order is part of what was sent.
    ``json_unescape``: escapes of printable characters are shown decoded, on a
    terminal. Indents are in characters.
    """

    headers_sort: bool = False
    json_format: bool = True
    json_indent: int = 4
    json_sort_keys: bool = False
    json_unescape: bool = True
    xml_format: bool = True
    xml_indent: int = 2


# What is shown of a JSON body in place of all of it.


class JsonSelection(NamedTuple):
    """``select`` gives of a JSON value what is shown; it raises ValueError where it cannot.

    ``raw``: a string is shown without quotes, and of an array each value on a line.
    """

    select: Callable[[Any], Any]
    raw: bool = False
