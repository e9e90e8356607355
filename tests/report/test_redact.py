"""Secrets are redacted by name and by value, however a message encodes and splits them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.connection_info import Timings
from httpcli.core.escaping import REDACTED
from httpcli.core.events import Event, RequestChunk, RequestStarted, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.reports import RecordedBody, RecordedExchange
from httpcli.core.url import Url
from httpcli.report.redact import Redactor, RequestRedactor


def shown(redactor: RequestRedactor, *events: Event) -> list[Event]:
    return [*(out for event in events for out in redactor.redact(event)), *redactor.flush()]


def body_text(events: list[Event]) -> str:
    return b"".join(event.data for event in events if isinstance(event, RequestChunk)).decode()


@given(st.lists(st.integers(0, 40), max_size=6))
def test_secret_is_redacted_however_the_body_is_split(cuts: list[int]) -> None:
    data = b"begin hunter2 middle hunter2hunter2 end"
    places = sorted({0, *cuts, len(data)})
    pieces = [data[a:b] for a, b in pairwise(places)]
    events = shown(RequestRedactor(["hunter2"]), *map(RequestChunk, pieces))
    assert body_text(events) == f"begin {REDACTED} middle {REDACTED}{REDACTED} end"


@pytest.mark.parametrize(
    ("secret", "written"),
    [('say "x"', 'say \\"x\\"'), ("a b", "a+b"), ("é", "%C3%A9"), ("é", "\\u00e9"), ("e", "e")],
)
def test_each_encoding_of_a_secret_is_redacted_once(secret: str, written: str) -> None:
    events = shown(RequestRedactor([secret]), RequestChunk(f"[{written}]".encode()))
    assert body_text(events) == f"[{REDACTED}]"


def test_longer_of_two_overlapping_secrets_is_redacted() -> None:
    events = shown(RequestRedactor(["ab", "abc"]), RequestChunk(b"abc ab"))
    assert body_text(events) == f"{REDACTED} {REDACTED}"


def test_secret_in_the_request_target_is_redacted() -> None:
    head = RequestStarted("GET", "/?q=a+b", Url("http", "h"), Fields())
    (event,) = shown(RequestRedactor(["a b"]), head)
    assert isinstance(event, RequestStarted)
    assert event.target == f"/?q={REDACTED}"


def test_compressed_body_is_redacted_completely() -> None:
    fields = Fields([Field("Content-Encoding", "gzip")])
    head = RequestStarted("POST", "/", Url("http", "h"), fields)
    assert body_text(shown(RequestRedactor(["x"]), head, RequestChunk(b"\x1f\x8b"))) == REDACTED


def fields(*pairs: tuple[str, str]) -> Fields:
    return Fields(Field(name, value) for name, value in pairs)


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Accept", "text/plain", "text/plain"),
        ("Authorization", "Bearer t", REDACTED),
        ("X-Api-Key", "k", REDACTED),
        ("Cookie", "a=1; b=2", f"a={REDACTED}; b={REDACTED}"),
        ("Set-Cookie", "a=1; Path=/; Secure", f"a={REDACTED}; Path=/; Secure"),
        ("Location", "https://u:p@h/?token=t&a=1", f"https://{REDACTED}@h/?token={REDACTED}&a=1"),
        ("X-Other", "say hunter2", f"say {REDACTED}"),
    ],
)
def test_headers_are_redacted(name: str, value: str, redacted: str) -> None:
    (field,) = Redactor(frozenset({"hunter2"})).redact_fields(fields((name, value)))
    assert (field.name, field.value) == (name, redacted)


def test_header_given_by_reference_is_redacted() -> None:
    (field,) = Redactor(frozenset()).redact_fields(Fields([Field("X-A", "v", secret=True)]))
    assert field.value == REDACTED


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://h/a?b=1#c", "https://h/a?b=1#c"),
        ("https://h/?api_key=k&b=1", f"https://h/?api_key={REDACTED}&b=1"),
        ("https://h/#access_token=t&a=1", f"https://h/#access_token={REDACTED}&a=1"),
        ("https://u:p@h/hunter2", f"https://{REDACTED}@h/{REDACTED}"),
    ],
)
def test_urls_are_redacted(url: str, redacted: str) -> None:
    assert Redactor(frozenset({"hunter2"})).redact_url(url) == redacted


@pytest.mark.parametrize(
    ("media_type", "body", "redacted"),
    [
        ("application/x-www-form-urlencoded", "a=1&password=p", f"a=1&password={REDACTED}"),
        ("application/json", '{"a": "b", "token" : "t"}', f'{{"a": "b", "token" : "{REDACTED}"}}'),
        ("application/json", '{"secret": 17, "a": 1}', f'{{"secret": "{REDACTED}", "a": 1}}'),
        ("application/json", '{"token": "cut', f'{{"token": "{REDACTED}"'),
        ("text/plain", "password=p hunter2", f"password=p {REDACTED}"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="pwd"\r\n\r\np\r\n--x--',
            f'--x\r\nContent-Disposition: form-data; name="pwd"\r\n\r\n{REDACTED}\r\n--x--',
        ),
    ],
)
def test_bodies_are_redacted(media_type: str, body: str, redacted: str) -> None:
    data = body.encode()
    seen = Redactor(frozenset({"hunter2"})).redact_body(
        RecordedBody(len(data), data), fields(("Content-Type", media_type)), 10_000
    )
    assert seen == RecordedBody(len(data), redacted.encode())


def test_a_secret_at_the_end_of_an_incomplete_body_is_removed() -> None:
    redactor = Redactor(frozenset({"hunter2"}))
    cut = RecordedBody(100, b"x" * 20 + b"hunte", complete=False)
    seen = redactor.redact_body(cut, Fields(), 20)
    assert redactor.margin == len("hunter2")
    assert seen == RecordedBody(100, b"x" * 18, complete=False)


def test_exchange_is_redacted_completely() -> None:
    url = Url("http", "h", path="/hunter2", query="token=t")
    request = RequestStarted("POST", url.target, url, fields(("Content-Encoding", "gzip")))
    response = ResponseStarted("1.1", 200, "OK", fields(("X-Echo", "hunter2")), url)
    exchange = RecordedExchange(
        request,
        RecordedBody(3, b"\x1f\x8b."),
        response,
        RecordedBody(7, b"hunter2"),
        Timings(0.0),
        error="cannot reach http://u:p@h",
    )
    seen = Redactor(frozenset({"hunter2"})).redact_exchange(exchange, 100)
    assert "hunter2" not in str(seen)
    assert seen.request.target == f"/{REDACTED}?token={REDACTED}"
    assert seen.request_body == RecordedBody(3, b"", complete=False)
    assert seen.response_body == RecordedBody(7, REDACTED.encode())
    assert seen.error == f"cannot reach http://{REDACTED}@h"
