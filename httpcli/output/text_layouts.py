"""Small text layouts that several outputs share. Their output is safe for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from time import localtime, strftime

from httpcli.core.escaping import escape_controls


def columns(rows: Sequence[Sequence[str]], *, right_aligned: Collection[int] = ()) -> str:
    """Return the rows as a table. ``right_aligned``: numbers of columns, from 0."""
    cells = [[escape_controls(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        aligned = (
            cell.rjust(width) if column in right_aligned else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(aligned).rstrip() + "\n")
    return "".join(lines)


# Control characters and overrides that ``json.dumps`` does not escape, and line separators.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def json_line(value: object) -> str:
    """Return the value as JSON on one line, without loss, with a line end."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def clock_time(seconds: float) -> str:
    """Return the local time of day with milliseconds. ``seconds``: since 1970."""
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{int(seconds * 1000) % 1000:03d}"
