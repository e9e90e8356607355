"""The syntax of ``--expect EXPR``: what to check, the comparison, and the expected value.

::

    expectation := ["not"] SUBJECT OPERATOR VALUE  |  ["not"] "schema" "@"FILE

The subject determines which operators are allowed and how the value is read.
The subject may contain a JMESPath expression, whose end depends on its quotes and
brackets; therefore the text is scanned by hand. Every error points to its place
in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from httpcli.core.errors import Fault, UsageError
from httpcli.core.expectation import Check, Subject
from httpcli.core.lazy_load import needs_extra
from httpcli.core.named_tuple import NamedTuple
from httpcli.syntax.lossless_json import Json, NotJsonError, parse
from httpcli.syntax.units import parse_byte_count, parse_seconds

ReadFile = Callable[[str], bytes]
"""Return the content of a file. Raises UsageError."""

_ORDER: Final = ("==", "!=", "<=", ">=", "<", ">")
_MEMBER: Final = ("in",)
_TEXTUAL: Final = ("contains", "~", "exists")
_OPERATORS: Final = (*_ORDER, "~", "in", "contains", "exists")

_SPACE = re.compile(r"\s*")
_NOT = re.compile(r"not(?=\s)")
_SCHEMA = re.compile(r"schema(?![\w.])")
_HEADER = re.compile(r"header\.")
_JSON = re.compile(r"(?:message\.)?json(?=[\s.(\[=!<>~]|\Z)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
# A token (RFC 9110, 5.6.2), except where an operator begins.
_HEADER_NAME = re.compile(r"(?:[A-Za-z0-9#$%&'*+.^_`|-]|!(?!=))+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_PATTERN = re.compile(r"/(.*)/([a-z]*)\s*\Z", re.DOTALL)
_BETWEEN_COMMAS = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?![\w.])")
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}(?!\w)")
_WORD = re.compile(r"[^\s,]+")
_TIME_UNIT = re.compile(r"(?:ms|s|m|h)\b")
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}

_SUBJECTS: Final = (
    "status, header.NAME, body, size, sha256, json.PATH, json(EXPR), schema @FILE, "
    "time, time.ttfb, redirects, cert.days, message, message.json.PATH, message.json(EXPR)"
)
_EXAMPLES: Final = (
    "for example: status == 200, header.etag exists, body contains ok, json.items[0].id == 42"
)


class _Scanner:
    """Reads the text of an expectation from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        """Index of the next character."""
        self.in_list = False
        """Whether the value is one of several, so that a comma ends it."""

    def is_at_end(self) -> bool:
        """Return whether nothing but white space follows."""
        return not self.text[self.at :].strip()

    def skip_space(self) -> None:
        """Skip white space."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        """Skip white space, and return the match of the pattern; empty if it does not match."""
        self.skip_space()
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def remaining(self) -> str:
        """Return the text that follows, without white space at its end."""
        return self.text[self.at :].rstrip()

    def take_operator(self) -> str:
        """Take an operator; empty if none follows."""
        for operator in _OPERATORS:
            if self._has_operator(operator, self.at):
                self.at += len(operator)
                return operator
        return ""

    def take_list(self, read: Callable[[_Scanner], Any]) -> tuple[Any, ...]:
        """Take values separated by commas."""
        self.in_list = True
        values = []
        while True:
            self.skip_space()
            if self.is_at_end() or self.text.startswith(",", self.at):
                hint = "separate values with commas: 200,204"
                raise self.error("missing value", hint)
            values.append(read(self))
            self.skip_space()
            if not self.text.startswith(",", self.at):
                return tuple(values)
            self.at += 1

    def find_closing_bracket(self, start: int) -> int:
        """Return where the bracket that opens at ``start`` is closed; -1 if it is not."""
        for at, depth in self._bracket_depths(start):
            if depth == 0:
                return at
        return -1

    def find_operator(self, start: int) -> int:
        """Return where the first operator outside brackets and quotes is; else the end."""
        for at, depth in self._bracket_depths(start):
            if depth:
                continue
            for operator in _OPERATORS:
                is_separate = not operator.isalpha() or self.text[at - 1].isspace()
                if is_separate and self._has_operator(operator, at):
                    return at
        return len(self.text)

    def _has_operator(self, operator: str, at: int) -> bool:
        if not self.text.startswith(operator, at):
            return False
        following = self.text[at + len(operator) : at + len(operator) + 1]
        return not operator.isalpha() or not (following.isalnum() or following == "_")

    def _bracket_depths(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield each position outside quotes, and how many brackets are open after it."""
        depth, quote, is_escaped = 0, "", False
        for at in range(start, len(self.text)):
            character = self.text[at]
            if quote:
                if is_escaped:
                    is_escaped = False
                elif character == "\\":
                    is_escaped = True
                elif character == quote:
                    quote = ""
                continue
            if character in "\"'`":
                quote = character
                continue
            depth += (character in "([{") - (character in ")]}")
            yield at, depth

    def error(
        self,
        message: str,
        hint: str,
        start: int | None = None,
        end: int | None = None,
    ) -> UsageError:
        """Return the error that points at ``text[start:end]``, by default the next character."""
        start = self.at if start is None else start
        if not self.text[start:].strip():
            start = len(self.text)  # something is missing at the end
        end = start + 1 if end is None else end
        fault = Fault(self.text, start, min(max(end, start), len(self.text)))
        return UsageError(f"--expect: {message}", hint=hint, fault=fault)

    def word_error(self, message: str, start: int, hint: str = "") -> UsageError:
        """Return the error that points at the word at ``start``."""
        word = _WORD.match(self.text, start)
        return self.error(message, hint, start, word.end() if word else start)


# The values. Each function takes a value from the scanner. Raises UsageError.


def _take_number(scanner: _Scanner) -> Json:
    start = scanner.at
    digits = scanner.take(_NUMBER)
    if not digits:
        raise scanner.word_error("expected a number", start)
    is_integer = digits.lstrip("-").isdigit() and len(digits) < 1000
    return int(digits) if is_integer else Decimal(digits)


def _take_size(scanner: _Scanner) -> int:
    """Take a number of bytes, with or without a unit."""
    start = scanner.at
    try:
        return parse_byte_count(scanner.take(_WORD), "size")
    except UsageError as error:
        raise scanner.error(error.message, error.hint, start, scanner.at) from None


def _take_duration(scanner: _Scanner) -> float:
    """Take a time, in seconds if it has no unit."""
    start = scanner.at
    text = scanner.take(_WORD)
    if re.fullmatch(r"[0-9.]+", text):
        text += scanner.take(_TIME_UNIT)
    try:
        return parse_seconds(text, "time")
    except UsageError as error:
        raise scanner.error(error.message, error.hint, start, scanner.at) from None


def _take_digest(scanner: _Scanner) -> str:
    """Take a SHA-256 in hexadecimal digits."""
    start = scanner.at
    digest = scanner.take(_DIGEST)
    if not digest:
        raise scanner.word_error("expected 64 hexadecimal digits", start)
    return digest.lower()


def _take_text(scanner: _Scanner) -> str:
    """Take a text: in quotes, or everything to the end (in a list, to the comma)."""
    start = scanner.at
    if scanner.text[start : start + 1] in ("'", '"'):
        quoted = scanner.take(_QUOTED)
        if not quoted:
            raise scanner.error("missing closing quote", "", start, start + 1)
        return _unquote(scanner, quoted, start)
    if scanner.in_list:
        return scanner.take(_BETWEEN_COMMAS)
    text = scanner.remaining()
    scanner.at += len(text)
    return text


def _take_json(scanner: _Scanner) -> Json:
    start = scanner.at
    if scanner.text.startswith("'", start):
        return _take_text(scanner)  # a string as JMESPath writes it
    try:
        end = _END_OF_VALUE.raw_decode(scanner.text, start)[1]
    except (json.JSONDecodeError, RecursionError, ValueError):
        end = -1
    if end < 0 or scanner.text[end : end + 1].isalnum():
        hint = 'a JSON value: 42, true, "text"; in a shell: --expect \'json.x == "text"\''
        raise scanner.word_error("expected a JSON value", start, hint)
    scanner.at = end
    try:
        return parse(scanner.text[start:end])
    except NotJsonError as error:
        raise scanner.word_error(str(error), start) from None


# Used only to find the end: numbers are not converted, since int() limits their digits.
_END_OF_VALUE = json.JSONDecoder(parse_int=len, parse_float=len)


def _take_pattern(scanner: _Scanner) -> re.Pattern[str]:
    """Take the remaining text as a regular expression: /…/ with flags, in quotes, or bare."""
    start = scanner.at
    flags = 0
    match = _PATTERN.match(scanner.text, start)
    if match is not None:
        source, offset = match[1], start + 1
        for index, letter in enumerate(match[2], match.start(2)):
            if letter not in _FLAGS:
                hint = "choose from: i m s"
                raise scanner.error(f"unknown flag {letter}", hint, index, index + 1)
            flags |= _FLAGS[letter]
        scanner.at = len(scanner.text)
    else:
        source, offset = _take_text(scanner), start
    try:
        return re.compile(source, flags)
    except (re.error, OverflowError, RecursionError) as error:
        position = getattr(error, "pos", None) or 0
        reason = getattr(error, "msg", None) or "it is too large"
        at = min(offset + position, len(scanner.text))
        raise scanner.error(f"invalid regular expression: {reason}", "", at, at + 1) from None


def _unquote(scanner: _Scanner, quoted: str, start: int) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        return str(parse(quoted))
    except NotJsonError as error:
        at = start + error.position
        message, hint = f"invalid string: {error}", "to write backslashes as they are, use '...'"
        raise scanner.error(message, hint, at, at + 1) from None


# The subjects, and the expectation as a whole.


class _SubjectSyntax(NamedTuple):
    """The syntax of the text after a subject."""

    operators: tuple[str, ...]
    """The operators that it can be compared by."""
    take_value: Callable[[_Scanner], Any]
    """Reads the value after the operator."""


_SYNTAX: Final = {
    Subject.STATUS: _SubjectSyntax((*_ORDER, *_MEMBER), _take_number),
    Subject.HEADER: _SubjectSyntax((*_ORDER, *_MEMBER, *_TEXTUAL), _take_text),
    Subject.BODY: _SubjectSyntax(("==", "!=", *_TEXTUAL), _take_text),
    Subject.SIZE: _SubjectSyntax((*_ORDER, *_MEMBER), _take_size),
    Subject.SHA256: _SubjectSyntax(("==", "!=", *_MEMBER), _take_digest),
    Subject.JSON: _SubjectSyntax((*_ORDER, *_MEMBER, *_TEXTUAL), _take_json),
    Subject.TIME: _SubjectSyntax(("<=", ">=", "<", ">"), _take_duration),
    Subject.TTFB: _SubjectSyntax(("<=", ">=", "<", ">"), _take_duration),
    Subject.REDIRECTS: _SubjectSyntax((*_ORDER, *_MEMBER), _take_number),
    Subject.CERTIFICATE: _SubjectSyntax((*_ORDER, *_MEMBER), _take_number),
    Subject.MESSAGE: _SubjectSyntax(("==", "!=", *_TEXTUAL), _take_text),
    Subject.MESSAGE_JSON: _SubjectSyntax((*_ORDER, *_MEMBER, *_TEXTUAL), _take_json),
}
_WITH_ARGUMENT: Final = (Subject.HEADER, Subject.JSON, Subject.MESSAGE_JSON)
_PLAIN_SUBJECTS: Final = {
    subject.value: subject for subject in _SYNTAX if subject not in _WITH_ARGUMENT
}


def parse_expectation(text: str, read_file: ReadFile) -> Check:
    """Return the check that an expectation describes.

    ``read_file`` reads the file of a schema. Raises UsageError with the place of
    the fault.

    >>> parse_expectation("status in 200,204", bytes).expected
    (200, 204)
    """
    scanner = _Scanner(text)
    negated = bool(scanner.take(_NOT))
    if scanner.is_at_end():
        raise scanner.error("missing check", _EXAMPLES)
    check = _parse_check(scanner, read_file)
    scanner.skip_space()
    if not scanner.is_at_end():
        end = len(text.rstrip())
        raise scanner.error("unexpected text after the check", "", scanner.at, end)
    return check._replace(text=text.strip(), negated=negated)


def _parse_check(scanner: _Scanner, read_file: ReadFile) -> Check:
    start = scanner.at
    if scanner.take(_SCHEMA):
        return _parse_schema(scanner, read_file)
    if scanner.take(_HEADER):
        return _parse_header(scanner)
    if subject := scanner.take(_JSON):
        return _parse_json(scanner, Subject(subject))
    name = scanner.take(_NAME)
    if name not in _PLAIN_SUBJECTS:
        raise _unknown_subject(scanner, start, name)
    return _parse_comparison(scanner, Check("", _PLAIN_SUBJECTS[name], ""))


def _unknown_subject(scanner: _Scanner, start: int, name: str) -> UsageError:
    end = start + max(len(name), 1)
    message = f"unknown subject {scanner.text[start:end]!r}"
    hint = f"choose from: {_SUBJECTS}"
    if name == Subject.HEADER.value:
        message, hint = "missing header name", "example: header.etag exists"
    elif name == "not":
        message, hint, start = "missing check", _EXAMPLES, len(scanner.text)
    return scanner.error(message, hint, start, end)


def _parse_header(scanner: _Scanner) -> Check:
    name = scanner.take(_HEADER_NAME)
    if not name:
        raise scanner.error("missing header name", "example: header.etag exists")
    return _parse_comparison(scanner, Check("", Subject.HEADER, "", name=name))


def _parse_json(scanner: _Scanner, subject: Subject) -> Check:
    """Read a JMESPath expression: in brackets, or up to the first operator."""
    text, start = scanner.text, scanner.at
    if text.startswith("(", start):
        end = scanner.find_closing_bracket(start)
        if end < 0:
            hint = "example: json(length(items)) > 3"
            raise scanner.error("missing closing parenthesis", hint, start, start + 1)
        expression, offset = text[start + 1 : end], start + 1
        scanner.at = end + 1
    else:
        end = scanner.find_operator(start)
        # An index, or nothing, follows "json" directly: json[0], json == 1.
        offset = start + 1 if text.startswith(".", start) else start
        expression = text[offset:end]
        scanner.at = end
        if not expression.strip() and offset == start:
            expression, offset = "@", start
    from httpcli.syntax.jmespath import compile_selector

    select = compile_selector(expression.rstrip(), "--expect", text, offset)
    return _parse_comparison(scanner, Check("", subject, "", select=select))


def _parse_schema(scanner: _Scanner, read_file: ReadFile) -> Check:
    scanner.skip_space()
    reference = scanner.remaining()
    if not reference.startswith("@") or len(reference) < 2:
        start, end = scanner.at, len(scanner.text)
        raise scanner.error("missing schema file", "use schema @FILE", start, end)
    scanner.at = len(scanner.text)
    with needs_extra("jsonschema", "schema", "--expect 'schema @FILE'"):
        from httpcli.syntax.json_schema import compile_schema
    path = reference[1:]
    find_error = compile_schema(read_file(path), path)
    return Check("", Subject.SCHEMA, "valid", find_error=find_error)


def _parse_comparison(scanner: _Scanner, check: Check) -> Check:
    """Read the operator, and the value if it has one."""
    allowed = _SYNTAX[check.subject].operators
    scanner.skip_space()
    start = scanner.at
    operator = scanner.take_operator()
    if operator not in allowed:
        hint = f"choose from: {' '.join(allowed)}"
        if operator:
            message = f"{check.subject.value} does not support {operator}"
            raise scanner.error(message, hint, start, scanner.at)
        message = "missing operator"
        if scanner.take(_NOT):
            hint = "put not in front of the whole check"
        raise scanner.error(message, hint, start, start + 1)
    if operator == "exists":
        return check._replace(operator=operator)
    values = _parse_values(scanner, check.subject, operator)
    return check._replace(operator=operator, expected=values)


def _parse_values(scanner: _Scanner, subject: Subject, operator: str) -> tuple[Any, ...]:
    scanner.skip_space()
    if scanner.is_at_end():
        raise scanner.error("missing value", "")
    if operator == "~":
        return (_take_pattern(scanner),)
    take_value = _SYNTAX[subject].take_value
    if operator == "in":
        return scanner.take_list(take_value)
    if subject is Subject.HEADER and operator in ("<", "<=", ">", ">="):
        take_value = _take_number
    return (take_value(scanner),)
