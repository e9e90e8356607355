"""The text of an expectation, taken word by word, and the error that points into it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from httpcli.core.entry_points import needs_extra
from httpcli.core.errors import Fault, UsageError
from httpcli.core.expectation import Check, Subject
from httpcli.syntax.json_values import Json, NotJsonError, parse
from httpcli.syntax.units import parse_byte_count, parse_seconds

_SPACE = re.compile(r"\s*")
_PREFIX: Final = "--expect: "


class Tokens:
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

    def several(self, read: Callable[[Tokens], Any]) -> tuple[Any, ...]:
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


def fault(
    words: Tokens,
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


# The values beside a comparison of an expectation, each taken from its words.


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_PATTERN = re.compile(r"/(.*)/([a-z]*)\s*\Z", re.DOTALL)
_BETWEEN_COMMAS = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?![\w.])")
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}(?!\w)")
_UNIT = re.compile(r"[^\s,]+")
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
# It only finds the end: digits are counted, since of thousands int() makes no number.
_END_OF_VALUE = json.JSONDecoder(parse_int=len, parse_float=len)


def as_number(words: Tokens) -> Json:
    """Take a number, whole or with a fraction."""
    start = words.at
    typed = words.take(_NUMBER)
    if not typed:
        raise _wrong(words, start, "a number is wanted")
    return int(typed) if typed.lstrip("-").isdigit() and len(typed) < 1000 else Decimal(typed)


def as_size(words: Tokens) -> int:
    """Take a number of bytes, with a unit or without."""
    start = words.at
    try:
        return parse_byte_count(words.take(_UNIT), "size")
    except UsageError as error:
        raise fault(words, error.message, error.hint, start, words.at) from None


def as_duration(words: Tokens) -> float:
    """Take a time, in seconds where there is no unit."""
    start = words.at
    typed = words.take(_UNIT)
    if re.fullmatch(r"[0-9.]+", typed) and (unit := words.take(re.compile(r"(?:ms|s|m|h)\b"))):
        typed += unit
    try:
        return parse_seconds(typed, "time")
    except UsageError as error:
        raise fault(words, error.message, error.hint, start, words.at) from None


def as_digest(words: Tokens) -> str:
    """Take a SHA-256, in hexadecimal digits."""
    start = words.at
    digest = words.take(_DIGEST)
    if not digest:
        raise _wrong(words, start, "64 hexadecimal digits are wanted")
    return digest.lower()


def as_text(words: Tokens) -> str:
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


def as_json(words: Tokens) -> Json:
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


def as_pattern(words: Tokens) -> re.Pattern[str]:
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


def _unquoted(words: Tokens, quoted: str, start: int) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        text = parse(quoted)
    except NotJsonError as error:
        at = start + error.position
        raise fault(words, f"invalid text: {error}", "in '…' a \\ is itself", at, at + 1) from None
    return str(text)


def _wrong(words: Tokens, start: int, message: str, hint: str = "") -> UsageError:
    found = _UNIT.match(words.text, start)
    return fault(words, message, hint, start, found.end() if found else start)


# ``--expect EXPR``: what is looked at, how it has to be, and what it is compared with.
#
# ::
#
# [not] SUBJECT RELATION VALUE
#
# The subject settles which relations there are and how the value is read
# (``grammar.expected``). By hand, since a JMESPath expression stands in the middle, whose end
# only its own quotes and brackets tell.


ReadFile = Callable[[str], bytes]
"""Return what a file holds. Raises UsageError."""


_ORDER: Final = ("==", "!=", "<=", ">=", "<", ">")
_MEMBER: Final = ("in",)
_TEXTUAL: Final = ("contains", "~", "exists")
_EVERY: Final = (*_ORDER, "~", "in", "contains", "exists")


class _Kind(NamedTuple):
    """Which relations a subject has, and how a value beside it is read."""

    relations: tuple[str, ...]
    read: Callable[[Tokens], Any]


_KINDS: Final = {
    Subject.STATUS: _Kind((*_ORDER, *_MEMBER), as_number),
    Subject.HEADER: _Kind((*_ORDER, *_MEMBER, *_TEXTUAL), as_text),
    Subject.BODY: _Kind(("==", "!=", *_TEXTUAL), as_text),
    Subject.SIZE: _Kind((*_ORDER, *_MEMBER), as_size),
    Subject.SHA256: _Kind(("==", "!=", *_MEMBER), as_digest),
    Subject.JSON: _Kind((*_ORDER, *_MEMBER, *_TEXTUAL), as_json),
    Subject.TIME: _Kind(("<=", ">=", "<", ">"), as_duration),
    Subject.TTFB: _Kind(("<=", ">=", "<", ">"), as_duration),
    Subject.REDIRECTS: _Kind((*_ORDER, *_MEMBER), as_number),
    Subject.CERTIFICATE: _Kind((*_ORDER, *_MEMBER), as_number),
    Subject.MESSAGE: _Kind(("==", "!=", *_TEXTUAL), as_text),
    Subject.MESSAGE_JSON: _Kind((*_ORDER, *_MEMBER, *_TEXTUAL), as_json),
}
_WITH_MORE: Final = (Subject.HEADER, Subject.JSON, Subject.MESSAGE_JSON)
_PLAIN: Final = {each.value: each for each in _KINDS if each not in _WITH_MORE}
_SUBJECTS: Final = (
    "status, header.NAME, body, size, sha256, json.PATH, json(EXPR), schema @FILE, "
    "time, time.ttfb, redirects, cert.days, message, message.json.PATH, message.json(EXPR)"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
# A token (RFC 9110, 5.6.2), less what begins a relation.
_FIELD_NAME = re.compile(r"(?:[A-Za-z0-9#$%&'*+.^_`|-]|!(?!=))+")
_NOT = re.compile(r"not(?=\s)")
_EXAMPLES: Final = (
    "for example: status == 200, header.etag exists, body contains ok, json.items[0].id == 42"
)


def parse_expectation(text: str, read_file: ReadFile) -> Check:
    """Return what has to hold.

    ``read_file`` gives the file of a schema. Raises UsageError with the place
    of what is wrong.

    >>> parse_expectation("status in 200,204", bytes).expected
    (200, 204)
    """
    words = Tokens(text)
    negated = bool(words.take(_NOT))
    if words.ended():
        raise fault(words, "the expectation is missing", _EXAMPLES)
    check = _check(words, read_file)
    words.skip_space()
    if not words.ended():
        raise fault(words, "the expectation is over before this", "", to_end=True)
    return check._replace(text=text.strip(), negated=negated)


def _check(words: Tokens, read_file: ReadFile) -> Check:
    start = words.at
    if words.take(re.compile(r"schema(?![\w.])")):
        return _schema(words, read_file)
    if words.take(re.compile(r"header\.")):
        return _header(words)
    if named := words.take(re.compile(r"(?:message\.)?json(?=[\s.(\[=!<>~]|\Z)")):
        return _json(words, Subject(named))
    word = words.take(_WORD)
    if word not in _PLAIN:
        raise _unknown(words, start, word)
    return _compared(words, Check("", _PLAIN[word], ""))


def _unknown(words: Tokens, start: int, word: str) -> UsageError:
    end = start + max(len(word), 1)
    message = f"nothing is called {words.text[start:end]!r}"
    hint = f"choose from: {_SUBJECTS}"
    if word == Subject.HEADER.value:
        message, hint = "which header field?", "as in header.etag exists"
    elif word == "not":
        message, hint, start = "the expectation is missing", _EXAMPLES, len(words.text)
    return fault(words, message, hint, start, end)


def _header(words: Tokens) -> Check:
    name = words.take(_FIELD_NAME)
    if not name:
        raise fault(words, "the field's name is missing", "as in header.etag exists")
    return _compared(words, Check("", Subject.HEADER, "", name=name))


def _compared(words: Tokens, check: Check) -> Check:
    """Read the relation, and the value where it has one."""
    kind = _KINDS[check.subject]
    words.skip_space()
    start = words.at
    relation = words.relation(_EVERY)
    if relation not in kind.relations:
        choice = f"choose from: {' '.join(kind.relations)}"
        if not relation:
            message = "what of it?" if words.ended() else "a comparison is wanted"
            if words.take(_NOT):
                choice = "not stands before all the rest"
            raise fault(words, message, choice, start, start + 1)
        raise fault(words, f"{check.subject.value} has no {relation}", choice, start, words.at)
    if relation == "exists":
        return check._replace(operator=relation)
    return check._replace(operator=relation, expected=_values(words, check.subject, relation))


def _values(words: Tokens, subject: Subject, relation: str) -> tuple[Any, ...]:
    """Read what stands behind the relation."""
    words.skip_space()
    if words.ended():
        raise fault(words, "the value is missing", "")
    if relation == "~":
        return (as_pattern(words),)
    read = _KINDS[subject].read
    if relation == "in":
        return words.several(read)
    if subject is Subject.HEADER and relation in ("<", "<=", ">", ">="):
        read = as_number
    return (read(words),)


def _json(words: Tokens, subject: Subject) -> Check:
    """Read a JMESPath expression: in brackets, or up to the first comparison."""
    start = words.at
    if words.text.startswith("(", start):
        end = words.closing(start)
        if end < 0:
            raise fault(
                words, "the bracket is not closed", "json(EXPRESSION) > 3", start, start + 1
            )
        expression, offset = words.text[start + 1 : end], start + 1
        words.at = end + 1
    else:
        end = words.end_of_path(start, _EVERY)
        # What stands behind "json" itself is an index or nothing: json[0], json == 1.
        offset = start + 1 if words.text.startswith(".", start) else start
        expression = words.text[offset:end]
        words.at = end
        if not expression.strip() and offset == start:
            expression, offset = "@", start
    from httpcli.syntax.jmespath import compile_selector

    select = compile_selector(expression.rstrip(), "--expect", words.text, offset)
    return _compared(words, Check("", subject, "", select=select))


def _schema(words: Tokens, read_file: ReadFile) -> Check:
    words.skip_space()
    path = words.rest()
    if not path.startswith("@") or len(path) < 2:
        raise fault(
            words, "the schema's file is wanted", "schema @FILE", words.at, len(words.text)
        )
    words.at = len(words.text)
    with needs_extra("jsonschema", "schema", "--expect 'schema @FILE'"):
        from httpcli.syntax.json_schema import compile_schema
    find_fault = compile_schema(read_file(path[1:]), path[1:])
    return Check("", Subject.SCHEMA, "valid", find_error=find_fault)
