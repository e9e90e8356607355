"""The syntax of times, sizes and counts; it does not depend on the locale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, UsageError

if TYPE_CHECKING:
    from httpcli.core.websocket import WaitLimit

# Patterns are strings: a run without such numbers does not pay for compiling them.
_DURATION = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|s|m|h)?"
_SECONDS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZE = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([KMGTPkmgtp])([Ii]?))?[Bb]?"
_SIZE_PREFIXES = "kmgtp"
_MAX_DIGITS = 18
"""Digits of a number: a longer one is a mistake and does not fit into 64 bits."""


def parse_seconds(text: str, name: str) -> float:
    """Return a time in seconds: ``10``, ``0.5``, ``10s``, ``500ms``, ``2m``, ``1h``.

    ``name`` names the value in the error. Raises UsageError for a text that is
    not a time, is negative or has more than 18 digits.
    """
    match = re.fullmatch(_DURATION, text)
    if match is None or len(match[1]) > _MAX_DIGITS:
        raise UsageError(
            f"{name}: invalid time {text!r}",
            hint="use seconds, or a number with ms, s, m or h: 10, 0.5, 500ms, 2m",
            fault=Fault(text, 0, len(text)),
        )
    return float(match[1]) * _SECONDS[match[2]]


def parse_whole_number(text: str, name: str) -> int:
    """Return an integer of 0 or more, in ASCII digits; ``name`` names it in the error.

    Raises UsageError for any other text and for more than 18 digits.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise UsageError(
            f"{name}: invalid number {text!r}",
            hint="use a whole number: 0, 1, 2, …",
            fault=Fault(text, 0, len(text)),
        )
    return int(text)


def parse_byte_count(text: str, name: str) -> int:
    """Return a number of bytes: ``1000``, ``1kB`` (1000), ``1.5MB``, ``1KiB`` (1024), ``2G``.

    The case of a unit does not matter: bits or thousandths are never meant.
    ``name`` names the value in the error. Raises UsageError for any other text.
    """
    match = re.fullmatch(_SIZE, text)
    if match is None or len(match[1]) > _MAX_DIGITS:
        raise UsageError(
            f"{name}: invalid size {text!r}",
            hint="use bytes, or a number with a unit: 1000, 500kB, 1.5MB, 1MiB",
            fault=Fault(text, 0, len(text)),
        )
    power = _SIZE_PREFIXES.index(match[2].lower()) + 1 if match[2] else 0
    factor: int = (1024 if match[3] else 1000) ** power
    whole, _, fraction = match[1].partition(".")
    count: int = int(whole or 0) * factor + int(fraction or 0) * factor // 10 ** len(fraction)
    return count


def parse_wait(text: str, name: str) -> WaitLimit:
    """Return how long to wait for messages: ``2s``, ``500ms``, ``0.5``, or their number, ``3``.

    Raises UsageError.
    """
    from httpcli.core.websocket import WaitLimit

    if text.isascii() and text.isdecimal():
        return WaitLimit(messages=parse_whole_number(text, name))
    try:
        return WaitLimit(seconds=parse_seconds(text, name))
    except UsageError as error:
        error.hint = "use a time with a unit (2s) or a number of messages (3)"
        raise
