r"""``--write-out FORMAT``, as curl has it: ``%{name}``, ``%header{name}``, ``%%``, ``\n \t \r``.

Unlike there, a name that nobody knows is an error before anything is sent.
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

    >>> [piece.text for piece in parse_format(r"%{http_code} %%\n")]
    ['http_code', ' %\n']
    """
    pieces: list[WriteOutPiece] = []
    plain = ""
    at = 0
    for found in _PIECE.finditer(text):
        plain += text[at : found.start()]
        at = found.end()
        if found["kind"] is None:
            plain += _ESCAPES.get(found[0], found[0])  # what nobody knows stays, both characters
        elif found["kind"] in ("", "header"):
            if plain:
                pieces.append(WriteOutPiece(WriteOutKind.TEXT, plain))
            plain = ""
            pieces.append(_named(found))
        else:
            plain += found[0]
    plain += text[at:]
    return (*pieces, WriteOutPiece(WriteOutKind.TEXT, plain)) if plain else tuple(pieces)


def _named(found: re.Match[str]) -> WriteOutPiece:
    name = found["name"]
    if not found["end"]:
        raise _fault(found, "the brace is not closed", "%{http_code}")
    if found["kind"]:
        if not name.strip():
            raise _fault(found, "the field's name is missing", "%header{content-type}")
        return WriteOutPiece(WriteOutKind.HEADER, name.strip())
    if name in _SWITCHES:
        return WriteOutPiece(_SWITCHES[name])
    if name not in WRITE_OUT_VARIABLES:
        known = ", ".join((*WRITE_OUT_VARIABLES, *_SWITCHES))
        raise _fault(
            found, f"nothing is called {name!r}", f"choose from: {known}, %header{{NAME}}"
        )
    return WriteOutPiece(WriteOutKind.VARIABLE, name)


def _fault(found: re.Match[str], message: str, hint: str) -> UsageError:
    at = Fault(found.string, found.start(), found.end())
    return UsageError(f"--write-out: {message}", hint=hint, fault=at)
