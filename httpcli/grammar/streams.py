"""How long to listen and how long a message may be, as people write them."""

from __future__ import annotations

import re

from httpcli.grammar.units import seconds, whole_number
from httpcli.model.errors import Fault, UsageError
from httpcli.model.websocket import Wait

_SIZE = re.compile(r"([0-9]{1,15})(?:([KMG])(i?)B?|B)?", re.IGNORECASE)
_POWERS = {"K": 1, "M": 2, "G": 3}


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


def size(text: str, what: str) -> int:
    """Return a number of bytes: ``4096``, ``64KiB``, ``1MB``. Raises UsageError."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{what}: {text!r} is not a size",
            hint="a size is a number of bytes, or one with KB, KiB, MB, MiB, GB or GiB",
            fault=Fault(text, 0, len(text)),
        )
    power = _POWERS[match[2].upper()] if match[2] else 0
    number: int = int(match[1]) * (1024 if match[3] else 1000) ** power
    return number
