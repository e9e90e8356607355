"""Responses are checked against expectations: subjects and relations as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from httpcli.core.connection_info import Connection
from httpcli.core.errors import UsageError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.expectation import checks_need_body
from httpcli.core.headers import Field, Fields
from httpcli.core.json_limits import JsonLimits
from httpcli.core.url import Url
from httpcli.report.expectation_checks import ExpectationChecker
from httpcli.syntax.expectations import parse_expectation

URL = Url("http", "h")
BODY = (
    '{"id": 42, "price": 1.10, "big": 9007199254740993, "tags": ["a", "b"], '
    '"state": "open", "n": null, "e": ""}'
)
SCHEMA = b'{"properties": {"id": {"type": "string"}}}'


def head(status: int = 200, *fields: str, hop: bool = False) -> ResponseStarted:
    pairs = (line.partition(": ") for line in fields)
    lines = tuple(Field(name, value) for name, _, value in pairs)
    return ResponseStarted("1.1", status, "Reason", Fields(lines), URL, is_followed=hop)


def exchange(body: str | bytes = BODY, *fields: str, status: int = 200) -> Iterator[Event]:
    yield RequestStarted("GET", "/", URL, Fields())
    yield head(302, "Location: /x", hop=True)
    yield ResponseChunk(b"gone")
    yield RequestStarted("GET", "/x", URL, Fields())
    until = datetime.now(UTC) + timedelta(days=10)
    known = Connection(
        "127.0.0.1:1", certificate_expires=until, certificate_time_left=timedelta(days=10)
    )
    yield head(status, *fields)._replace(connection=known)
    data = body.encode() if isinstance(body, str) else body
    for start in range(0, len(data), 7):
        yield ResponseChunk(data[start : start + 7])
    yield ResponseEnded(0.5)


def ticks() -> Iterator[float]:
    return (float(number) for number in count())


def checked(text: str, events: Iterator[Event]) -> ExpectationChecker:
    check = parse_expectation(text, lambda _path: SCHEMA)
    clock = ticks()
    expectations = ExpectationChecker([check], lambda: next(clock))
    for event in events:
        expectations.observe(event)
    return expectations


FIELDS = ("Content-Type: application/json", "X-Two: a=1", "X-Two: b=2", "X-N: 12")


@pytest.mark.parametrize(
    "text",
    [
        "status == 200",
        "status in 201,200",
        "status < 201",
        "status != 404",
        "not status == 404",
        "header.content-type ~ json",
        "header.Content-Type == application/json",
        "header.content-type contains 'ation/js'",
        "header.x-two == b=2",
        "header.x-two == 'a=1, b=2'",
        "header.x-two exists",
        "not header.etag exists",
        "not header.x-two == c=3",
        "header.x-two != c=3",
        "header.etag != x",
        "header.x-n < 13",
        "header.x-n >= 12",
        "header.x-n in 11, 12",
        "body contains 9007199254740993",
        r"body ~ /\"id\":\s*4\d/",
        "body exists",
        "size == 107",
        "size < 1kB",
        "not sha256 == " + "0" * 64,
        "json.id == 42",
        "json.id == 42.0",
        "json.id in 1,42",
        "json.price == 1.1",
        "json.price > 1.09999999999999999999",
        "json.big == 9007199254740993",
        "json.big != 9007199254740992",
        "json.big > 9007199254740992",
        'json.state == "open"',
        "json.state < 'openX'",
        "json.state ~ /^op/",
        "json.state contains 'pen'",
        "json.tags contains 'b'",
        'json.tags == ["a", "b"]',
        "json contains 'id'",
        "json.e exists",
        "json.n == null",
        "not json.n exists",
        "not json.id == true",
        "json(length(tags)) == 2",
        "not json.state < 5",
        "time > 1",
        "time.ttfb <= 1s",
        "redirects == 1",
        "cert.days > 9",
        "cert.days < 10.5",
        "not schema @x",
    ],
)
def test_met_expectation_is_no_failure(text: str) -> None:
    expectations = checked(text, exchange(BODY, *FIELDS))
    assert expectations.failures == ()
    assert expectations.outcome().status is ExitStatus.OK


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("status == 201", "200"),
        ("not status < 400", "200"),
        ("header.etag exists", "no such header"),
        ("header.etag == x", "no such header"),
        ("header.x-two == c=3", '"a=1", "b=2"'),
        ("header.x-two != b=2", '"a=1", "b=2"'),
        ("header.content-type < 5", '"application/json"'),
        ("size < 100", "107 bytes"),
        ("json.id == 41", "42"),
        ("json.id == true", "42"),
        ("json.price == 1.11", "1.10"),
        ("json.big == 9007199254740992", "9007199254740993"),
        ('json.state in "done","failed"', '"open"'),
        ("json.state < 5", '"open"'),
        ("json.missing exists", "null"),
        ("json.tags ~ a", '["a", "b"]'),
        ("json.id contains 4", "42"),
        ("time < 1ms", "2.000 s"),
        ("time.ttfb < 1ms", "1.000 s"),
        ("redirects == 0", "1"),
        ("cert.days > 14", "10.0"),
        ("schema @x", "$.id: 42 is not of type 'string'"),
        ("json(sum(tags)) == 1", "no value: In function sum(), invalid type for value: a, "),
    ],
)
def test_failure_names_the_expected_and_the_actual_value(text: str, got: str) -> None:
    (failure,) = checked(text, exchange(BODY, *FIELDS)).failures
    assert failure.startswith(f"expected {text}, got {got}")


def test_long_body_is_abbreviated_in_the_failure() -> None:
    (failure,) = checked("body contains ok", exchange("<html>" * 1000)).failures
    assert failure.startswith('expected body contains ok, got "<html><html>')
    assert len(failure) < 200


@pytest.mark.parametrize(
    ("text", "body", "why"),
    [
        ("json.a == 1", "<html>", "the body is not JSON (line 1, column 1: expecting value)"),
        ("not json.a == 1", "<html>", "the body is not JSON ("),
        ("json.a == 1", '{"a":\n ?', "the body is not JSON (line 2, column 2: "),
        ("json.a == 1", "", "the body is not JSON (it is empty)"),
        ("json == 1", "[" * 100_000, "the body is not JSON (line 1, column 1: nested too deeply"),
    ],
)
def test_invalid_json_fails_the_expectation_and_its_negation(
    text: str, body: str, why: str
) -> None:
    (failure,) = checked(text, exchange(body)).failures
    assert failure.startswith(f"expected {text}, got no value: {why}")


@pytest.mark.parametrize("text", ["status == 200", "not status == 200", "header.x exists"])
def test_every_expectation_fails_without_a_response(text: str) -> None:
    events = iter([RequestStarted("GET", "/", URL, Fields())])
    (failure,) = checked(text, events).failures
    assert failure.endswith("got no value: no response")


def test_certificate_expectation_fails_over_plain_http() -> None:
    (failure,) = checked("not cert.days > 14", iter([head()])).failures
    assert failure.endswith("got no value: no certificate")


def test_secret_value_is_redacted_in_the_failure() -> None:
    (failure,) = checked("header.set-cookie == x", exchange(BODY, "Set-Cookie: a=1")).failures
    assert failure == "expected header.set-cookie == …redacted…, got …redacted…"


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("iso-8859-1", b"caf\xe9"),
        ("windows-1252", b"caf\xe9"),
        ("x-cp1252", b"caf\xe9"),
        ("utf-8", b"caf\xc3\xa9"),
        ('"UTF-16"', "café".encode("utf-16")),
    ],
)
def test_body_is_decoded_in_its_charset(charset: str, body: bytes) -> None:
    events = exchange(body, f"Content-Type: text/plain; charset={charset}")
    assert checked("body == café", events).failures == ()


@pytest.mark.parametrize("charset", ["nobodys", "hex", "x\0y"])
def test_unknown_charset_is_read_as_utf_8(charset: str) -> None:
    events = exchange("café", f"Content-Type: text/plain; charset={charset}")
    assert checked("body == café", events).failures == ()


def test_too_large_body_is_not_buffered_and_the_failure_has_the_reason() -> None:
    events: list[Event] = [head(), *[ResponseChunk(b"x" * (1 << 18))] * 5, ResponseEnded(0.0)]
    for text in ("not body contains y", "json == 1"):
        check = parse_expectation(text, lambda _path: b"")
        checker = ExpectationChecker([check], limits=JsonLimits(size=1 << 20))
        for event in events:
            checker.observe(event)
        (failure,) = checker.failures
        assert failure.endswith("got no value: the body is larger than 1 MiB (--max-json-size)")
        assert checker.outcome().status is ExitStatus.INCOMPLETE
    assert checked("size == 1310720", iter(events)).failures == ()


def test_json_with_too_many_values_is_not_parsed() -> None:
    check = parse_expectation("json[0] == 1", lambda _path: b"")
    for values, status in ((3, ExitStatus.INCOMPLETE), (4, ExitStatus.OK)):
        checker = ExpectationChecker([check], limits=JsonLimits(values=values))
        for event in exchange("[1, 2, 3]"):
            checker.observe(event)
        assert checker.outcome().status is status


def test_all_failures_are_reported() -> None:
    checks = [
        parse_expectation(text, lambda _path: b"")
        for text in ("status == 201", "status == 200", "size == 1")
    ]
    expectations = ExpectationChecker(checks)
    for event in exchange("body"):
        expectations.observe(event)
    assert expectations.failures == (
        "expected status == 201, got 200",
        "expected size == 1, got 4 bytes",
    )
    assert expectations.outcome().status is ExitStatus.EXPECTATION
    assert [result.passed for result in expectations.results] == [False, True, False]


def test_message_is_checked_like_a_body() -> None:
    expectations = ExpectationChecker(
        [parse_expectation("json.type == 'hello'", lambda _path: b"")]
    )
    expectations.response.add(b'{"type": "hello"}')
    assert expectations.failures == ()


def test_body_is_needed_only_if_a_check_uses_it() -> None:
    def wants(text: str) -> bool:
        return checks_need_body([parse_expectation(text, lambda _path: b"{}")])

    assert [wants("status == 1"), wants("header.x exists"), wants("time.ttfb < 1")] == [False] * 3
    assert [wants("size == 1"), wants("json exists"), wants("time < 1")] == [True] * 3
    assert [wants("schema @x"), wants("sha256 == " + "0" * 64)] == [True] * 2


class _NoJsonSchema:
    """An import finder that hides jsonschema, as if it were not installed."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "jsonschema":
            raise ModuleNotFoundError("No module named 'jsonschema'", name=name)


def test_schema_without_its_library_names_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [*sys.modules]:
        if name == "httpcli.syntax.json_schema" or name.partition(".")[0] == "jsonschema":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_NoJsonSchema(), *sys.meta_path])
    with pytest.raises(UsageError) as caught:
        parse_expectation("schema @x", lambda _path: b"{}")
    assert "jsonschema" in caught.value.message
    assert caught.value.hint == (
        "install httpcli with the schema extra, for example: pipx install '.[schema]'"
    )
