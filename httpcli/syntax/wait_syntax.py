"""How long to listen, as people write it."""

from __future__ import annotations

from httpcli.core.errors import UsageError
from httpcli.core.websocket import Wait
from httpcli.syntax.units import seconds, whole_number


def wait(text: str, what: str) -> Wait:
    """Return how long to listen: ``2s``, ``500ms``, ``0.5`` or a count of messages, ``3``.

    Raises UsageError.
    """
    if text.isascii() and text.isdecimal():
        return Wait(messages=whole_number(text, what))
    try:
        return Wait(seconds=seconds(text, what))
    except UsageError as error:
        error.hint = "a time with its unit, 2s, or a number of messages, 3"
        raise
