"""Parsing of event streams: the cases of WHATWG HTML 9.2, cut at any byte."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import HttpcliError
from httpcli.protocol.event_stream import EventStream

ParsedEvent = tuple[str, str, str]
MESSAGE = "message"


def parse_events(*pieces: bytes) -> list[ParsedEvent]:
    stream = EventStream()
    return [event[:3] for piece in pieces for event in stream.feed(piece)]


CASES: list[tuple[str, bytes, list[ParsedEvent]]] = [
    ("data", b"data: a\n\n", [(MESSAGE, "a", "")]),
    ("several lines", b"data: YHOO\ndata: +2\ndata: 10\n\n", [(MESSAGE, "YHOO\n+2\n10", "")]),
    ("event type", b"event: add\ndata: 73\n\n", [("add", "73", "")]),
    (
        "type is reset after each event",
        b"event: a\ndata: 1\n\ndata: 2\n\n",
        [("a", "1", ""), (MESSAGE, "2", "")],
    ),
    (
        "comment, ids, reset id, space in data",
        b": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
        [(MESSAGE, "first", "1"), (MESSAGE, "second", ""), (MESSAGE, " third", "")],
    ),
    ("empty data", b"data\n\ndata\ndata\n\ndata:", [(MESSAGE, "", ""), (MESSAGE, "\n", "")]),
    ("one leading space is removed", b"data:test\n\ndata: test\n\n", [(MESSAGE, "test", "")] * 2),
    ("event without data is ignored", b"event: x\nid: 3\n\ndata: y\n\n", [(MESSAGE, "y", "3")]),
    (
        "id is kept for later events",
        b"id: 1\ndata: a\n\ndata: b\n\n",
        [(MESSAGE, "a", "1"), (MESSAGE, "b", "1")],
    ),
    (
        "id with NUL is ignored",
        b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
        [
            (MESSAGE, "a", "1"),
            (MESSAGE, "b", "1"),
        ],
    ),
    ("unfinished last event is dropped", b"data: a\n\ndata: b\n", [(MESSAGE, "a", "")]),
    ("CR", b"data: a\rdata: b\r\r", [(MESSAGE, "a\nb", "")]),
    ("CRLF", b"data: a\r\ndata: b\r\n\r\n", [(MESSAGE, "a\nb", "")]),
    ("mixed line ends", b"data: a\rdata: b\ndata: c\r\n\r", [(MESSAGE, "a\nb\nc", "")]),
    (
        "LF CR are two line ends",
        b"data: a\n\rdata: b\n\n",
        [(MESSAGE, "a", ""), (MESSAGE, "b", "")],
    ),
    ("byte order mark", b"\xef\xbb\xbfdata: a\n\n", [(MESSAGE, "a", "")]),
    (
        "only one byte order mark is removed",
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
        [(MESSAGE, "b", "")],
    ),
    (
        "byte order mark in the middle is data",
        b"data: \xef\xbb\xbfa\n\n",
        [(MESSAGE, "\ufeffa", "")],
    ),
    ("unknown fields", b"foo: 1\ndata: a\ndatax: b\nDATA: c\n\n", [(MESSAGE, "a", "")]),
    ("a colon in the value", b"data: a: b\n\n", [(MESSAGE, "a: b", "")]),
    (
        "space before the colon is part of the name",
        b"data : a\n\ndata: b\n\n",
        [(MESSAGE, "b", "")],
    ),
    (
        "other line separators are data",
        b"data: a\x0bb\x0cc\xe2\x80\xa8d\n\n",
        [(MESSAGE, "a\x0bb\x0cc\u2028d", "")],
    ),
    ("invalid UTF-8", b"data: \xff\n\n", [(MESSAGE, "\ufffd", "")]),
    ("UTF-8", "data: Zoë 😀\n\n".encode(), [(MESSAGE, "Zoë 😀", "")]),
    ("blank lines only", b"\n\n\n", []),
]


@pytest.mark.parametrize(("stream", "events"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_stream_is_parsed_into_events(stream: bytes, events: list[ParsedEvent]) -> None:
    assert parse_events(stream) == events
    assert parse_events(*(bytes([byte]) for byte in stream)) == events


@pytest.mark.parametrize(
    ("line", "milliseconds"),
    [
        (b"retry: 250", 250),
        (b"retry:0", 0),
        (b"retry: 1.5", None),
        (b"retry: 10s", None),
        (b"retry: -1", None),
        (b"retry:", None),
        ("retry: \u0661".encode(), None),
    ],
)
def test_retry_field_accepts_only_digits(line: bytes, milliseconds: int | None) -> None:
    stream = EventStream()
    assert list(stream.feed(line + b"\n")) == []
    assert stream.retry == milliseconds


def test_last_id_is_updated_when_its_event_ends() -> None:
    stream = EventStream("before")
    list(stream.feed(b"id: 5\ndata: x\n"))
    assert stream.last_id == "before"
    list(stream.feed(b"\n"))
    assert stream.last_id == "5"


@pytest.mark.parametrize(
    ("pieces", "boundaries"),
    [
        ((b"data: a\n\ndata: b\n\ndata:",), [18]),
        ((b"data: a", b"\n", b"\n", b"data"), [0, 0, 1, 0]),
        ((b"data: a\r\n\r", b"\ndata: b"), [10, 1]),
        ((b": still here\n: still\n",), [21]),
        ((b"event: x\n: comment\n",), [0]),
    ],
)
def test_boundary_is_the_last_position_between_events(
    pieces: Iterable[bytes], boundaries: list[int]
) -> None:
    stream = EventStream()
    offsets = []
    for piece in pieces:
        list(stream.feed(piece))
        offsets.append(stream.boundary)
    assert offsets == boundaries


def test_event_has_its_end_position() -> None:
    stream = EventStream()
    assert [event.end for event in stream.feed(b"data: a\r\n\r\n\ndata: b\n\n")] == [11, 21]


@given(
    st.lists(st.sampled_from([c[1] for c in CASES] + [b"\r", b"\n", b"data", b": x", b"id: 9"])),
    st.lists(st.integers(1, 9)),
)
def test_chunk_boundaries_do_not_change_the_events(parts: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(parts)
    pieces, rest = [], whole
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert parse_events(*pieces, rest) == parse_events(whole)


def test_memory_for_one_event_is_bounded() -> None:
    many = EventStream(max_size=1000)
    for _ in range(1000):
        assert list(many.feed(b": here\n")) == []
    endless_events = (
        *(b"data: x\n", b"x", b":", b"data: x\n:\n", b"id: 1\n", b"event: a\n", b"retry: 1\n"),
        *(b"unknown: x\n", b"data\r"),
    )
    for endless in endless_events:
        stream = EventStream(max_size=1000)
        with pytest.raises(HttpcliError, match="an event is larger than"):
            list(stream.feed(endless * 1001))
