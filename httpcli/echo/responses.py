"""Responses of the pages: reproducible text and JSON, and 400 for an invalid parameter."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from secrets import token_hex

from aiohttp import web


class RawJson:
    """JSON that is sent as it was received, including digits and white space."""

    def __init__(self, text: str) -> None:
        self.text = text


def json_response(
    value: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a response of JSON, with keys in the order given."""
    return web.Response(
        body=json_bytes(value), status=status, headers=headers, content_type="application/json"
    )


def unauthorized(challenge: str) -> web.Response:
    """Return a 401 response with a challenge."""
    headers = {"WWW-Authenticate": challenge}
    return json_response({"authenticated": False}, status=401, headers=headers)


def json_bytes(value: Mapping[str, object]) -> bytes:
    """Return indented JSON; a byte that is not UTF-8 becomes the escape of its surrogate."""
    replacements: dict[str, str] = {}

    def placeholder(raw: RawJson) -> str:
        # Random, so that no client can send the placeholder and have it replaced.
        name = token_hex()
        replacements[f'"{name}"'] = raw.text
        return name

    text = json.dumps(value, ensure_ascii=False, indent=2, default=placeholder)
    for name, raw_text in replacements.items():
        text = text.replace(name, raw_text, 1)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def text_response(
    text: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a response of plain text."""
    body = text.encode("utf-8", "backslashreplace")
    return web.Response(
        body=body, status=status, headers=headers, content_type="text/plain", charset="utf-8"
    )


def bad_parameter(description: str, text: str) -> web.HTTPBadRequest:
    """Return the 400 response for an invalid parameter."""
    return web.HTTPBadRequest(text=f"expected {description}, not {text!a}\n")


def parse_whole_number(text: str, low: int, high: int, description: str) -> int:
    """Parse a parameter that is an integer. Raises HTTPBadRequest."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(high)):
        number = int(text)
        if low <= number <= high:
            return number
    raise bad_parameter(f"{description} from {low} to {high}", text)


def parse_seconds(text: str, description: str) -> float:
    """Parse a parameter that is a time in seconds. Raises HTTPBadRequest."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if 0 <= number <= 3600:
        return number
    raise bad_parameter(f"{description} from 0 to 3600 seconds", text)
