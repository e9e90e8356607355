r"""The syntax of ``--write-out``, curl's: ``%{name}``, ``%header{name}``, ``%%``, ``\n \t \r``.

As in curl, an unknown name is a warning and prints nothing.
"""

from __future__ import annotations

import re
from typing import Final

from httpcli.core.named_tuple import NamedTuple
from httpcli.core.reports import WRITE_OUT_VARIABLES, WriteOutKind, WriteOutPiece

_PIECE = re.compile(r"%%|%(?P<kind>|header|output)\{(?P<name>[^}]*)(?P<end>\}?)|\\.", re.DOTALL)
_ESCAPES: Final = {"%%": "%", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
_SWITCHES: Final = {
    "stdout": WriteOutKind.STDOUT,
    "stderr": WriteOutKind.STDERR,
    "onerror": WriteOutKind.ON_ERROR,
}


class WriteOutFormat(NamedTuple):
    """A parsed format."""

    pieces: tuple[WriteOutPiece, ...]
    warnings: tuple[str, ...] = ()
    """One line for each part that has no meaning."""


def parse_write_out(text: str) -> WriteOutFormat:
    r"""Return the pieces of a format.

    >>> [piece.text for piece in parse_write_out(r"%{http_code} %%\n").pieces]
    ['http_code', ' %\n']
    """
    pieces: list[WriteOutPiece] = []
    warnings: list[str] = []
    plain = ""
    at = 0
    for match in _PIECE.finditer(text):
        plain += text[at : match.start()]
        at = match.end()
        if match["kind"] is None:
            plain += _ESCAPES.get(match[0], match[0])  # keep an unknown escape
        elif not match["end"]:
            warnings.append(f"--write-out: missing }} in {match[0]}")
            plain += match[0]
        elif (piece := _piece(match["kind"], match["name"])) is None:
            warnings.append(_warning(match))
        else:
            if plain:
                pieces.append(WriteOutPiece(WriteOutKind.TEXT, plain))
            plain = ""
            pieces.append(piece)
    plain += text[at:]
    if plain:
        pieces.append(WriteOutPiece(WriteOutKind.TEXT, plain))
    return WriteOutFormat(tuple(pieces), tuple(dict.fromkeys(warnings)))


def _piece(kind: str, name: str) -> WriteOutPiece | None:
    """Return a piece; None if the name is unknown or missing."""
    if kind == "header":
        return WriteOutPiece(WriteOutKind.HEADER, name.strip()) if name.strip() else None
    if kind == "output":
        return WriteOutPiece(WriteOutKind.OUTPUT, name) if name.removeprefix(">>") else None
    if name in _SWITCHES:
        return WriteOutPiece(_SWITCHES[name])
    return WriteOutPiece(WriteOutKind.VARIABLE, name) if name in WRITE_OUT_VARIABLES else None


def _warning(match: re.Match[str]) -> str:
    if match["kind"]:
        return f"--write-out: missing name in {match[0]}"
    from difflib import get_close_matches

    close = get_close_matches(match["name"], (*WRITE_OUT_VARIABLES, *_SWITCHES), 1)
    hint = f"; did you mean %{{{close[0]}}}?" if close else ""
    return f"--write-out: unknown variable {match['name']!r}{hint}"
