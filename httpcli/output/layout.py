"""Rows below each other, their cells in columns; nothing in them drives a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from time import localtime, strftime

from httpcli.core.escaping import escape_controls


def columns(rows: Sequence[Sequence[str]], *, to_the_right: Collection[int] = ()) -> str:
    """Return a line for each row; the columns with these numbers end where each other do."""
    shown = [[escape_controls(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        cells = (
            cell.rjust(width) if place in to_the_right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


# One JSON value on one line that can stand anywhere, a terminal too.


# As in output.safety, but for what JSON itself escapes; line ends of other kinds, too.
_ACTING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def json_line(value: object) -> str:
    """Return the line, with its end. Nothing in it drives a terminal, and nothing is lost."""
    text = json.dumps(value, ensure_ascii=False)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


# When something came, as people read it.


def clock_time(seconds: float) -> str:
    """Return the local time of day, to the millisecond. ``seconds`` are since 1970."""
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{int(seconds * 1000) % 1000:03d}"
