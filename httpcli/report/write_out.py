"""A format of ``--write-out`` filled with what a transfer came to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from httpcli.core.headers import Fields
from httpcli.core.write_out import Part, Piece
from httpcli.report.variables import Value


class Written(NamedTuple):
    """A text for stdout, or ``to_stderr``; ``given``: it came from the other side."""

    text: str
    to_stderr: bool = False
    given: bool = False


def filled(
    pieces: Iterable[Piece],
    variables: Mapping[str, Value],
    fields: Fields,
    *,
    failed: bool,
) -> list[Written]:
    """Return what is written, in order. ``fields`` are the last response's."""
    written: list[Written] = []
    to_stderr = False
    for piece in pieces:
        match piece.part:
            case Part.STDERR:
                to_stderr = True
            case Part.STDOUT:
                to_stderr = False
            case Part.ON_ERROR:
                if not failed:
                    break
            case Part.TEXT:
                written.append(Written(piece.text, to_stderr))
            case Part.HEADER:
                written.append(Written(fields.first(piece.text) or "", to_stderr, given=True))
            case Part.VARIABLE:
                text = _SPECIAL.get(piece.text, _plain)(piece.text, variables, fields)
                written.append(Written(text, to_stderr, given=True))
    return written


def _plain(name: str, variables: Mapping[str, Value], _fields: Fields) -> str:
    """Return one value as curl writes it: a status in three digits, a time with six behind 0."""
    value = variables[name]
    if name == "http_version":
        return str(value or 0)
    if name in ("http_code", "response_code"):
        return f"{value:03}"
    if isinstance(value, float):
        return f"{value:.6f}"
    return str(value)


def _json(_name: str, variables: Mapping[str, Value], _fields: Fields) -> str:
    """Return all variables as one JSON object on one line; what is not known is null."""
    told = {name: None if value == "" else value for name, value in variables.items()}
    return json.dumps(told, sort_keys=True)


def _header_json(_name: str, _variables: Mapping[str, Value], fields: Fields) -> str:
    """Return the response's fields as one JSON object: names in lower case, values in lists."""
    values: dict[str, list[str]] = {}
    for field in fields:
        values.setdefault(field.name.lower(), []).append(field.value)
    return json.dumps(values)


_SPECIAL: dict[str, Callable[[str, Mapping[str, Value], Fields], str]] = {
    "json": _json,
    "header_json": _header_json,
}
