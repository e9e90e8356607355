"""Small text layouts that several outputs share. Their output is safe for a terminal."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from time import localtime, strftime

from httpcli.core.escaping import escape_controls, escape_in_json

_SLICE = 1 << 16
"""Characters of a string that are quoted at once."""


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


def json_line(value: object) -> str:
    """Return the value as JSON on one line, without loss, with a line end."""
    return escape_in_json(json.dumps(value, ensure_ascii=False)) + "\n"


def json_line_pieces(members: Mapping[str, str]) -> Iterator[str]:
    """Yield the text of ``json_line`` in pieces: a long string is never quoted as a whole."""
    if sum(map(len, members.values())) <= _SLICE:
        yield json_line(members)
        return
    separator = "{"
    for name, text in members.items():
        yield f'{separator}"{name}": "'
        for start in range(0, len(text), _SLICE):
            quoted = json.dumps(text[start : start + _SLICE], ensure_ascii=False)
            yield escape_in_json(quoted)[1:-1]
        yield '"'
        separator = ", "
    yield "}\n"


def clock_time(seconds: float) -> str:
    """Return the local time of day with milliseconds. ``seconds``: since 1970."""
    return f"{strftime('%H:%M:%S', localtime(seconds))}.{int(seconds * 1000) % 1000:03d}"
