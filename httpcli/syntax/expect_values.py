"""The values beside a comparison of an expectation, each taken from its words."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Final

from httpcli.core.errors import UsageError
from httpcli.syntax.expect_tokens import Words, fault
from httpcli.syntax.json_exact import Json, parse
from httpcli.syntax.json_values import NotJsonError
from httpcli.syntax.units import byte_count, seconds

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_PATTERN = re.compile(r"/(.*)/([a-z]*)\s*\Z", re.DOTALL)
_BETWEEN_COMMAS = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?![\w.])")
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}(?!\w)")
_UNIT = re.compile(r"[^\s,]+")
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
# It only finds the end: digits are counted, since of thousands int() makes no number.
_END_OF_VALUE = json.JSONDecoder(parse_int=len, parse_float=len)


def as_number(words: Words) -> Json:
    """Take a number, whole or with a fraction."""
    start = words.at
    typed = words.take(_NUMBER)
    if not typed:
        raise _wrong(words, start, "a number is wanted")
    return int(typed) if typed.lstrip("-").isdigit() and len(typed) < 1000 else Decimal(typed)


def as_size(words: Words) -> int:
    """Take a number of bytes, with a unit or without."""
    start = words.at
    try:
        return byte_count(words.take(_UNIT), "size")
    except UsageError as error:
        raise fault(words, error.message, error.hint, start, words.at) from None


def as_duration(words: Words) -> float:
    """Take a time, in seconds where there is no unit."""
    start = words.at
    typed = words.take(_UNIT)
    if re.fullmatch(r"[0-9.]+", typed) and (unit := words.take(re.compile(r"(?:ms|s|m|h)\b"))):
        typed += unit
    try:
        return seconds(typed, "time")
    except UsageError as error:
        raise fault(words, error.message, error.hint, start, words.at) from None


def as_digest(words: Words) -> str:
    """Take a SHA-256, in hexadecimal digits."""
    start = words.at
    digest = words.take(_DIGEST)
    if not digest:
        raise _wrong(words, start, "64 hexadecimal digits are wanted")
    return digest.lower()


def as_text(words: Words) -> str:
    """Take a text: in quotes, or bare to the end (beside others, to the comma)."""
    start = words.at
    if words.text[start : start + 1] in ("'", '"'):
        quoted = words.take(_QUOTED)
        if not quoted:
            raise fault(words, "the quote is not closed", "", start, start + 1)
        return _unquoted(words, quoted, start)
    if words.several_wanted:
        return words.take(_BETWEEN_COMMAS)
    text = words.rest()
    words.at += len(text)
    return text


def as_json(words: Words) -> Json:
    """Take a JSON value, as far as it goes."""
    start = words.at
    if words.text.startswith("'", start):
        return as_text(words)  # as JMESPath writes it
    try:
        end = _END_OF_VALUE.raw_decode(words.text, start)[1]
    except (json.JSONDecodeError, RecursionError, ValueError):
        end = -1
    if end < 0 or words.text[end : end + 1].isalnum():
        hint = 'a JSON value: 42, true, "text"; in a shell: --expect \'json.x == "text"\''
        raise _wrong(words, start, "a JSON value is wanted", hint)
    words.at = end
    try:
        return parse(words.text[start:end])
    except NotJsonError as error:
        raise _wrong(words, start, str(error)) from None


def as_pattern(words: Words) -> re.Pattern[str]:
    """Take the rest as a regular expression: /…/ with flags, in quotes, or bare."""
    start = words.at
    flags = 0
    found = _PATTERN.match(words.text, start)
    if found is not None:
        source, offset = found[1], start + 1
        for place, letter in enumerate(found[2], found.start(2)):
            if letter not in _FLAGS:
                raise fault(
                    words, f"no such flag: {letter}", "choose from: i m s", place, place + 1
                )
            flags |= _FLAGS[letter]
        words.at = len(words.text)
    else:
        source, offset = as_text(words), start
    try:
        return re.compile(source, flags)
    except (re.error, OverflowError, RecursionError) as error:
        place = getattr(error, "pos", None) or 0
        what = getattr(error, "msg", None) or "it is too large"
        at = min(offset + place, len(words.text))
        raise fault(words, f"invalid regular expression: {what}", "", at, at + 1) from None


def _unquoted(words: Words, quoted: str, start: int) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        text = parse(quoted)
    except NotJsonError as error:
        at = start + error.place
        raise fault(words, f"invalid text: {error}", "in '…' a \\ is itself", at, at + 1) from None
    return str(text)


def _wrong(words: Words, start: int, message: str, hint: str = "") -> UsageError:
    found = _UNIT.match(words.text, start)
    return fault(words, message, hint, start, found.end() if found else start)
