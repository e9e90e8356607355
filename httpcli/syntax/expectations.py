"""``--expect EXPR``: what is looked at, how it has to be, and what it is compared with.

::

    [not] SUBJECT RELATION VALUE

The subject settles which relations there are and how the value is read
(``grammar.expected``). By hand, since a JMESPath expression stands in the
middle, whose end only its own quotes and brackets tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from httpcli.core.errors import UsageError
from httpcli.core.expectation import Check, Subject
from httpcli.core.optional_dependencies import needs_extra
from httpcli.syntax.expect_tokens import Words, fault
from httpcli.syntax.expect_values import (
    as_digest,
    as_duration,
    as_json,
    as_number,
    as_pattern,
    as_size,
    as_text,
)

ReadFile = Callable[[str], bytes]
"""Return what a file holds. Raises UsageError."""


_ORDER: Final = ("==", "!=", "<=", ">=", "<", ">")
_MEMBER: Final = ("in",)
_TEXTUAL: Final = ("contains", "~", "exists")
_EVERY: Final = (*_ORDER, "~", "in", "contains", "exists")


class _Kind(NamedTuple):
    """Which relations a subject has, and how a value beside it is read."""

    relations: tuple[str, ...]
    read: Callable[[Words], Any]


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
    words = Words(text)
    negated = bool(words.take(_NOT))
    if words.ended():
        raise fault(words, "the expectation is missing", _EXAMPLES)
    check = _check(words, read_file)
    words.skip_space()
    if not words.ended():
        raise fault(words, "the expectation is over before this", "", to_end=True)
    return check._replace(text=text.strip(), negated=negated)


def _check(words: Words, read_file: ReadFile) -> Check:
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


def _unknown(words: Words, start: int, word: str) -> UsageError:
    end = start + max(len(word), 1)
    message = f"nothing is called {words.text[start:end]!r}"
    hint = f"choose from: {_SUBJECTS}"
    if word == Subject.HEADER.value:
        message, hint = "which header field?", "as in header.etag exists"
    elif word == "not":
        message, hint, start = "the expectation is missing", _EXAMPLES, len(words.text)
    return fault(words, message, hint, start, end)


def _header(words: Words) -> Check:
    name = words.take(_FIELD_NAME)
    if not name:
        raise fault(words, "the field's name is missing", "as in header.etag exists")
    return _compared(words, Check("", Subject.HEADER, "", name=name))


def _compared(words: Words, check: Check) -> Check:
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
        return check._replace(relation=relation)
    return check._replace(relation=relation, expected=_values(words, check.subject, relation))


def _values(words: Words, subject: Subject, relation: str) -> tuple[Any, ...]:
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


def _json(words: Words, subject: Subject) -> Check:
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
    from httpcli.syntax.jmespath import selector

    select = selector(expression.rstrip(), "--expect", words.text, offset)
    return _compared(words, Check("", subject, "", select=select))


def _schema(words: Words, read_file: ReadFile) -> Check:
    words.skip_space()
    path = words.rest()
    if not path.startswith("@") or len(path) < 2:
        raise fault(
            words, "the schema's file is wanted", "schema @FILE", words.at, len(words.text)
        )
    words.at = len(words.text)
    with needs_extra("jsonschema", "schema", "--expect 'schema @FILE'"):
        from httpcli.syntax.json_schema import schema
    find_fault = schema(read_file(path[1:]), path[1:])
    return Check("", Subject.SCHEMA, "valid", find_fault=find_fault)
