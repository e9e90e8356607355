"""The pieces of an expectation: a reader of its text, and the values beside a comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from httpcli.grammar.exact_json import Json, NotJsonError, parse
from httpcli.grammar.units import byte_count, seconds
from httpcli.model.errors import Fault, UsageError

_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_PATTERN = re.compile(r"/(.*)/([a-z]*)\s*\Z", re.DOTALL)
_BETWEEN_COMMAS = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?![\w.])")
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}(?!\w)")
_UNIT = re.compile(r"[^\s,]+")
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_PREFIX: Final = "--expect: "


class Words:
    """The text of an expectation, read from ``at`` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.several_wanted = False

    def ended(self) -> bool:
        """Tell whether nothing but white space is left."""
        return not self.text[self.at :].strip()

    def skip_space(self) -> None:
        """Go on to what is no white space."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        """Take what fits next, behind white space; empty where nothing does."""
        self.skip_space()
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def rest(self) -> str:
        """Return what is left, less white space at its end."""
        return self.text[self.at :].rstrip()

    def relation(self, known: tuple[str, ...]) -> str:
        """Take one of these; a word only where it ends. Empty where there is none."""
        for each in known:
            end = self.at + len(each)
            if self.text.startswith(each, self.at) and _ends(self.text, end, each):
                self.at = end
                return each
        return ""

    def pattern(self) -> re.Pattern[str]:
        """Take the rest as a regular expression: /…/ with flags, in quotes, or bare."""
        start = self.at
        flags = 0
        found = _PATTERN.match(self.text, start)
        if found is not None:
            source, offset = found[1], start + 1
            for place, letter in enumerate(found[2], found.start(2)):
                if letter not in _FLAGS:
                    raise fault(
                        self, f"no such flag: {letter}", "choose from: i m s", place, place + 1
                    )
                flags |= _FLAGS[letter]
            self.at = len(self.text)
        else:
            source, offset = as_text(self), start
        try:
            return re.compile(source, flags)
        except (re.error, OverflowError, RecursionError) as error:
            place = getattr(error, "pos", None) or 0
            what = getattr(error, "msg", None) or "it is too large"
            at = min(offset + place, len(self.text))
            raise fault(self, f"invalid regular expression: {what}", "", at, at + 1) from None

    def several(self, read: Callable[[Words], Any]) -> tuple[Any, ...]:
        """Take values with commas between them."""
        self.several_wanted = True
        found = []
        while True:
            self.skip_space()
            if self.ended() or self.text.startswith(",", self.at):
                raise fault(
                    self, "a value is missing", "values stand with commas between: 200,204"
                )
            found.append(read(self))
            self.skip_space()
            if not self.text.startswith(",", self.at):
                return tuple(found)
            self.at += 1

    def closing(self, start: int) -> int:
        """Return where the bracket that opens at ``start`` closes; -1 where it does not."""
        for at, depth in _levels(self.text, start):
            if depth == 0:
                return at
        return -1

    def end_of_path(self, start: int, relations: tuple[str, ...]) -> int:
        """Return where the first relation outside of brackets and quotes begins, or the end."""
        for at, depth in _levels(self.text, start):
            if depth:
                continue
            for each in relations:
                is_word = each.isalpha()
                if is_word and not self.text[at - 1].isspace():
                    continue
                if self.text.startswith(each, at) and _ends(self.text, at + len(each), each):
                    return at
        return len(self.text)


def _ends(text: str, end: int, relation: str) -> bool:
    """Tell whether a relation that is a word ends there."""
    return not relation.isalpha() or not (
        text[end : end + 1].isalnum() or text[end : end + 1] == "_"
    )


def _levels(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Give each place outside of quotes, and how many brackets are open behind it."""
    depth, quote, escaped = 0, "", False
    for at in range(start, len(text)):
        character = text[at]
        if quote:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
            continue
        if character in "\"'`":
            quote = character
            continue
        depth += (character in "([{") - (character in ")]}")
        yield at, depth


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


# It only finds the end: digits are counted, since of thousands int() makes no number.
_END_OF_VALUE = json.JSONDecoder(parse_int=len, parse_float=len)


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


def fault(
    words: Words,
    message: str,
    hint: str,
    start: int | None = None,
    end: int | None = None,
    *,
    to_end: bool = False,
) -> UsageError:
    """Return the error that points at a place, by default at the next character."""
    text = words.text
    start = words.at if start is None else start
    if not text[start:].strip():
        start = len(text)  # it is missing at the end
    end = len(text.rstrip()) if to_end else (start + 1 if end is None else end)
    at = Fault(text, start, min(max(end, start), len(text)))
    return UsageError(f"{_PREFIX}{message}", hint=hint, fault=at)
