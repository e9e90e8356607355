"""How bodies and heads are formatted: HTTPie's ``--format-options``, and one of ours."""

from typing import NamedTuple


class Formatting(NamedTuple):
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
