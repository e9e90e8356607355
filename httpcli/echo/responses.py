"""How the pages answer: text and JSON that are the same every time, and 400 that says why."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from secrets import token_hex

from aiohttp import web


class RawJson:
    """JSON that stands in an answer as it was received, digits and white space included."""

    def __init__(self, text: str) -> None:
        self.text = text


def json_response(
    value: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with JSON, keys in the order given."""
    return web.Response(
        body=json_bytes(value), status=status, headers=headers, content_type="application/json"
    )


def unauthorized(challenge: str) -> web.Response:
    """Answer 401 with a challenge."""
    headers = {"WWW-Authenticate": challenge}
    return json_response({"authenticated": False}, status=401, headers=headers)


def json_bytes(value: Mapping[str, object]) -> bytes:
    """Write JSON for people. A byte that was not UTF-8 stands as its surrogate's escape."""
    kept: dict[str, str] = {}

    def keep(verbatim: RawJson) -> str:
        # No client can guess the name, so none can have it replaced elsewhere.
        name = token_hex()
        kept[f'"{name}"'] = verbatim.text
        return name

    text = json.dumps(value, ensure_ascii=False, indent=2, default=keep)
    for name, verbatim in kept.items():
        text = text.replace(name, verbatim, 1)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def text_response(
    text: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with plain text."""
    body = text.encode("utf-8", "backslashreplace")
    return web.Response(
        body=body, status=status, headers=headers, content_type="text/plain", charset="utf-8"
    )


def bad_parameter(what: str, text: str) -> web.HTTPBadRequest:
    """Make the 400 for a parameter that is not what it should be."""
    return web.HTTPBadRequest(text=f"expected {what}, not {text!a}\n")


def parse_whole_number(text: str, low: int, high: int, what: str) -> int:
    """Read a parameter. Raises HTTPBadRequest."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(high)):
        number = int(text)
        if low <= number <= high:
            return number
    raise bad_parameter(f"{what} from {low} to {high}", text)


def parse_seconds(text: str, what: str) -> float:
    """Read a parameter, in seconds. Raises HTTPBadRequest."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if 0 <= number <= 3600:
        return number
    raise bad_parameter(f"{what} from 0 to 3600 seconds", text)
