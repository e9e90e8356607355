"""Rows below each other, their cells in columns; nothing in them drives a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from httpcli.core.escaping import visible


def columns(rows: Sequence[Sequence[str]], *, to_the_right: Collection[int] = ()) -> str:
    """Return a line for each row; the columns with these numbers end where each other do."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        cells = (
            cell.rjust(width) if place in to_the_right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)
