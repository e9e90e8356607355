"""Parsing of ``--expect``, and the positions of its errors."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import UsageError
from httpcli.core.expectation import Check, Subject
from httpcli.syntax.expectations import parse_expectation
from httpcli.syntax.lossless_json import dump, parse

SHA256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"


def read_no_file(path: str) -> bytes:
    raise UsageError(f"{path}: cannot be read: no such file or directory")


def check_of(text: str) -> Check:
    return parse_expectation(text, read_no_file)


@pytest.mark.parametrize(
    ("text", "subject", "relation", "expected"),
    [
        ("status == 200", Subject.STATUS, "==", (200,)),
        ("status==200", Subject.STATUS, "==", (200,)),
        ("  status  !=  404 ", Subject.STATUS, "!=", (404,)),
        ("status in 200,201,204", Subject.STATUS, "in", (200, 201, 204)),
        ("status in 200, 201 ,204", Subject.STATUS, "in", (200, 201, 204)),
        ("status < 400", Subject.STATUS, "<", (400,)),
        ("status >= 200", Subject.STATUS, ">=", (200,)),
        ("header.etag exists", Subject.HEADER, "exists", ()),
        ("header.x == a b ", Subject.HEADER, "==", ("a b",)),
        ('header.x == "a\\tb "', Subject.HEADER, "==", ("a\tb ",)),
        (r"header.x == 'a\tb'", Subject.HEADER, "==", (r"a\tb",)),
        ("header.x in a b, 'c,d' ,e", Subject.HEADER, "in", ("a b", "c,d", "e")),
        ("header.content-length <= 12.5", Subject.HEADER, "<=", (Decimal("12.5"),)),
        ('body contains "ok"', Subject.BODY, "contains", ("ok",)),
        ("body contains it's", Subject.BODY, "contains", ("it's",)),
        ("body == ''", Subject.BODY, "==", ("",)),
        ("body exists", Subject.BODY, "exists", ()),
        ("size < 1MB", Subject.SIZE, "<", (1_000_000,)),
        ("size in 0,1KiB", Subject.SIZE, "in", (0, 1024)),
        (f"sha256 == {SHA256}", Subject.SHA256, "==", (SHA256.lower(),)),
        ("time < 800ms", Subject.TIME, "<", (0.8,)),
        ("time < 2", Subject.TIME, "<", (2.0,)),
        ("time <= 1 m", Subject.TIME, "<=", (60.0,)),
        ("time.ttfb < 200ms", Subject.TTFB, "<", (0.2,)),
        ("redirects == 1", Subject.REDIRECTS, "==", (1,)),
        ("cert.days > 14", Subject.CERTIFICATE, ">", (14,)),
        ("cert.days > -1", Subject.CERTIFICATE, ">", (-1,)),
        ("json.id == 42", Subject.JSON, "==", (42,)),
        ('json.state in "done","failed"', Subject.JSON, "in", ("done", "failed")),
        ("json.state == 'it is'", Subject.JSON, "==", ("it is",)),
        ("json.x in 1, [2, 3], null", Subject.JSON, "in", (1, [2, 3], None)),
        ('json == {"a": [1, 2]}', Subject.JSON, "==", ({"a": [1, 2]},)),
        ("json.x == 12345678901234567890123", Subject.JSON, "==", (12345678901234567890123,)),
        ("json.x exists", Subject.JSON, "exists", ()),
        ("message == ready", Subject.MESSAGE, "==", ("ready",)),
        ("message ~ 'a|b'", Subject.MESSAGE, "~", (re.compile("a|b"),)),
        ("message exists", Subject.MESSAGE, "exists", ()),
        ('message.json.type == "ready"', Subject.MESSAGE_JSON, "==", ("ready",)),
        ("message.json(length(a)) in 1,2", Subject.MESSAGE_JSON, "in", (1, 2)),
        ("message.json == [1]", Subject.MESSAGE_JSON, "==", ([1],)),
    ],
)
def test_expectation_is_parsed(
    text: str, subject: Subject, relation: str, expected: tuple[Any, ...]
) -> None:
    check = check_of(text)
    assert (check.subject, check.operator, check.expected) == (subject, relation, expected)
    assert (check.text, check.negated) == (text.strip(), False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("header.content-type ~ json", "content-type"),
        ("header.content-type~json", "content-type"),
        ("header.X.Y!=a", "X.Y"),
        ("header.a!b exists", "a!b"),
    ],
)
def test_header_name_ends_at_the_relation(text: str, name: str) -> None:
    assert check_of(text).name == name


@pytest.mark.parametrize(
    ("text", "pattern", "flags"),
    [
        (r"body ~ /v\d+/", r"v\d+", 0),
        (r"body ~ /a\/b/c/", r"a\/b/c", 0),
        ("body ~ /^ok$/im", "^ok$", re.IGNORECASE | re.MULTILINE),
        ("body ~ /a.b/s ", "a.b", re.DOTALL),
        ("body ~ two words", "two words", 0),
        ("body ~ 'a/b'", "a/b", 0),
        ("body ~ /", "/", 0),
    ],
)
def test_pattern_is_between_slashes_or_bare(text: str, pattern: str, flags: int) -> None:
    (compiled,) = check_of(text).expected
    assert (compiled.pattern, compiled.flags & ~re.UNICODE) == (pattern, flags)


DOCUMENT = parse(
    '{"a": {"b": [1, {"c == d": 2}], "in": 3}, "items": [{"id": 1}, {"id": 2}], "x": "<"}'
)


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("json.a.b[0] == 1", "1"),
        ('json.a.b[1]."c == d" == 2', "2"),
        ("json.a.in == 3", "3"),
        ("json.a.in in 3,4", "3"),
        ("json.items[?id == `2`].id == [2]", "[2]"),
        ("json.items[?id > `1` && id < `3`] | [0].id < 3", "2"),
        ("json.missing || x ~ /</", '"<"'),
        ("json.x contains 'in'", '"<"'),
        ("json(length(items)) > 1", "2"),
        ("json( length( items ) )>1", "2"),
        ("json(items[?id == `1`] == items[:1]) == true", "true"),
        ("json exists", dump(DOCUMENT)),
        ("json.[x, x] exists", '["<", "<"]'),
        ("json.x=='<'", '"<"'),
    ],
)
def test_path_ends_at_the_first_relation_outside_brackets_and_quotes(
    text: str, selected: str
) -> None:
    select = check_of(text).select
    assert select is not None
    assert dump(select(DOCUMENT)) == selected


def test_json_root_may_be_an_array() -> None:
    select = check_of("json[1].id == 2").select
    assert select is not None
    assert select(parse('[{"id": 1}, {"id": 2}]')) == 2


def test_not_negates_the_check() -> None:
    check = check_of("not status == 500")
    assert (check.negated, check.subject, check.text) == (
        True,
        Subject.STATUS,
        "not status == 500",
    )


@pytest.mark.parametrize(
    ("text", "message", "fault"),
    [
        ("", "missing check", ""),
        ("not", "missing check", ""),
        ("not not status == 1", "missing check", None),
        ("status", "missing operator", ""),
        ("status 200", "missing operator", "2"),
        ("status = 200", "missing operator", "="),
        ("status ==", "missing value", ""),
        ("status == abc", "expected a number", "abc"),
        ("status == 2x", "expected a number", "2x"),
        ("status == 200 x", "unexpected text after the check", "x"),
        ("status ~ 2", "status does not support ~", "~"),
        ("status exists", "status does not support exists", "exists"),
        ("status in", "missing value", ""),
        ("status in 200,", "missing value", ""),
        ("status in ,200", "missing value", ","),
        ("status not in 200", "missing operator", "n"),
        ("state == 3", "unknown subject 'state'", "state"),
        ("time.tfb < 1", "unknown subject 'time.tfb'", "time.tfb"),
        ("= 3", "unknown subject '='", "="),
        ("header exists", "missing header name", "header"),
        ("header.", "missing header name", ""),
        ("header.: x", "missing header name", ":"),
        ("header.x < abc", "expected a number", "abc"),
        ("json.a[ == 3", "invalid expression: unexpected here", "=="),
        ("json.a.. == 3", "invalid expression: unexpected here", "."),
        ("json. == 3", "invalid expression: missing expression", None),
        ("json(a == 3", "missing closing parenthesis", "("),
        ("json(nope(@)) == 3", "invalid expression: unknown function nope()", "nope"),
        ("json.a", "missing operator", ""),
        ("json.a ==", "missing value", ""),
        ("json.a == done", "expected a JSON value", "done"),
        ("json.a == 42abc", "expected a JSON value", "42abc"),
        ("json.a == NaN", "NaN is not JSON", "NaN"),
        ('json.a in "b",', "missing value", ""),
        ('json.a == "b" c', "unexpected text after the check", "c"),
        ("body ~ /(/", "invalid regular expression: missing ), unterminated subpattern", "("),
        ("body ~ *", "invalid regular expression: nothing to repeat", "*"),
        ("body ~ /a/ix", "unknown flag x", "x"),
        ('body contains "ok', "missing closing quote", '"'),
        ('body contains "\\q"', "invalid string: invalid \\escape", "\\"),
        ("body contains", "missing value", ""),
        ("size < 1XB", "size: invalid size '1XB'", "1XB"),
        ("time < soon", "time: invalid time 'soon'", "soon"),
        ("time == 1", "time does not support ==", "=="),
        ("sha256 == abc", "expected 64 hexadecimal digits", "abc"),
        ("schema x.json", "missing schema file", "x.json"),
        ("schema", "missing schema file", ""),
    ],
)
def test_error_points_at_the_fault(text: str, message: str, fault: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        check_of(text)
    assert caught.value.message == f"--expect: {message}"
    marked = caught.value.fault
    assert marked is not None
    assert marked.text == text
    if fault is not None:
        assert text[marked.start : marked.end] == fault
        assert fault or marked.start == len(text)


def test_missing_schema_file_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no such file"):
        check_of("schema @missing.json")


WORDS = (
    *("status", "header.x", "body", "size", "json.a", "json(a)", "time", "schema", "not"),
    *("==", "!=", "<", ">=", "in", "contains", "~", "exists", "200", '"a"', "/a/", "1MB", "5ms"),
    *(",", " ", "  ", "'", '"', "(", "[", "{", "`", ".", "é", "\n", "@x"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=30))
def test_any_text_is_an_expectation_or_a_usage_error(text: str) -> None:
    fault = None
    try:
        check: Check | None = check_of(text)
    except UsageError as error:
        check, fault = None, error.fault
    if check is None:
        assert fault is None or 0 <= fault.start <= fault.end <= len(fault.text)
    else:
        assert check.text == text.strip()


@given(st.text())
def test_quoted_text_is_decoded(text: str) -> None:
    quoted = dump(text)
    assert check_of(f"body contains {quoted}").expected == (text,)
    assert check_of(f"json.a in {quoted}, {quoted}").expected == (text, text)
