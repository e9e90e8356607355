r"""The syntax of ``--write-out``, curl's: ``%{name}``, ``%header{name}``, ``%%``, ``\n \t \r``.

Unlike in curl, an unknown name is an error before anything is sent.
"""

from __future__ import annotations

import re
from typing import Final

from httpcli.core.errors import Fault, UsageError
from httpcli.core.reports import WRITE_OUT_VARIABLES, WriteOutKind, WriteOutPiece

_PIECE = re.compile(r"%%|%(?P<kind>[A-Za-z]*)\{(?P<name>[^}]*)(?P<end>\}?)|\\.", re.DOTALL)
_ESCAPES: Final = {"%%": "%", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
_SWITCHES: Final = {
    "stdout": WriteOutKind.STDOUT,
    "stderr": WriteOutKind.STDERR,
    "onerror": WriteOutKind.ON_ERROR,
}


def parse_write_out(text: str) -> tuple[WriteOutPiece, ...]:
    r"""Return the pieces of a format. Raises UsageError with the place of the fault.

    >>> [piece.text for piece in parse_write_out(r"%{http_code} %%\n")]
    ['http_code', ' %\n']
    """
    pieces: list[WriteOutPiece] = []
    plain = ""
    at = 0
    for match in _PIECE.finditer(text):
        plain += text[at : match.start()]
        at = match.end()
        if match["kind"] is None:
            plain += _ESCAPES.get(match[0], match[0])  # keep an unknown escape
        elif match["kind"] in ("", "header"):
            if plain:
                pieces.append(WriteOutPiece(WriteOutKind.TEXT, plain))
            plain = ""
            pieces.append(_parse_variable(match))
        else:
            plain += match[0]
    plain += text[at:]
    return (*pieces, WriteOutPiece(WriteOutKind.TEXT, plain)) if plain else tuple(pieces)


def _parse_variable(match: re.Match[str]) -> WriteOutPiece:
    name = match["name"]
    if not match["end"]:
        raise _error(match, "the brace is not closed", "%{http_code}")
    if match["kind"]:
        if not name.strip():
            raise _error(match, "the field's name is missing", "%header{content-type}")
        return WriteOutPiece(WriteOutKind.HEADER, name.strip())
    if name in _SWITCHES:
        return WriteOutPiece(_SWITCHES[name])
    if name not in WRITE_OUT_VARIABLES:
        known = ", ".join((*WRITE_OUT_VARIABLES, *_SWITCHES))
        raise _error(
            match, f"nothing is called {name!r}", f"choose from: {known}, %header{{NAME}}"
        )
    return WriteOutPiece(WriteOutKind.VARIABLE, name)


def _error(match: re.Match[str], message: str, hint: str) -> UsageError:
    at = Fault(match.string, match.start(), match.end())
    return UsageError(f"--write-out: {message}", hint=hint, fault=at)
