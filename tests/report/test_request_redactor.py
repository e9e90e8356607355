"""Secret values are redacted, however a request encodes and splits them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.escaping import REDACTED
from httpcli.core.events import Event, RequestChunk, RequestStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.url import Url
from httpcli.report.redact import RequestRedactor


def shown(redaction: RequestRedactor, *events: Event) -> list[Event]:
    return [one for event in events for one in redaction.redact(event)] + list(redaction.flush())


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
