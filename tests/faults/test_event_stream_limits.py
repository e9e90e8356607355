"""Event streams: an event without an end cannot fill the memory."""

from __future__ import annotations

import pytest

from tests.support.http_connection import chunk, flood, response
from tests.support.memory import measure
from tests.support.run import run_process
from tests.support.servers import RawServer

PEAK = 80
"""MiB."""
LARGE_PEAK = 100
"""MiB for a complete event of nearly 8 MiB, which is also decoded."""
START = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunk("data: first\n\n")
)

ENDLESS = {
    "a comment line": (":", " "),
    "comments in an event": ("id: 1\n", ": here\n"),
    "comments in an event with CR": ("id: 1\r", ": here\r"),
    "an unknown line": ("", "x"),
    "unknown lines": ("data: 1\n", "unknown: x\n"),
    "ids": ("data: 1\n", "id: 1\n"),
    "types": ("data: 1\n", "event: a\n"),
    "times to reconnect": ("data: 1\n", "retry: 1\n"),
    "short data lines": ("", "data: xy\n"),
    "empty data lines": ("", "data\n"),
    "a data line": ("data: ", "é"),
}


@pytest.mark.wide
@pytest.mark.parametrize(("begin", "repeated"), ENDLESS.values(), ids=ENDLESS)
def test_event_without_end_is_refused(begin: str, repeated: str) -> None:
    with RawServer() as server:
        server.answer_always(START + chunk(begin or ":\n"), flood(chunk(repeated * 10_000)))
        result = measure("--reconnect", server.url)
    assert result.status == 13, result.err
    assert result.peak < PEAK
    assert "an event is larger than 8 MiB" in result.err


@pytest.mark.wide
@pytest.mark.parametrize("option", ["--events=json", "--max-events=5"])
@pytest.mark.parametrize("repeated", ["data: xy\n", "x"])
def test_event_without_end_is_refused_without_reconnecting(option: str, repeated: str) -> None:
    with RawServer() as server:
        server.answer_always(START, flood(chunk(repeated * 10_000)))
        result = measure(option, server.url)
    assert result.status == 13, result.err
    assert result.peak < PEAK
    assert "an event is larger than 8 MiB" in result.err


LARGE = {
    "ASCII": b"x" * 8_300_000,
    "control characters": b"\1" * 8_300_000,
    "invalid UTF-8": b"\xff" * 8_300_000,
    "JSON": b"[" + b"[]," * 2_700_000 + b"1]",
    "short lines": b"x\ndata: " * 900_000,
}


@pytest.mark.wide
@pytest.mark.parametrize(
    "options",
    [
        ["--events=json"],
        ["--events=json", "--reconnect", "--max-events=1", "--pretty=all"],
        ["--reconnect", "--max-events=1", "--pretty=all"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
def test_large_event_takes_little_memory(data: bytes, options: list[str]) -> None:
    with RawServer() as server:
        body = b"data: " + data + b"\n\n"
        server.answer_always(response(body, "Content-Type: text/event-stream"))
        result = measure(server.url, *options)
    assert result.status == 0, result.err
    assert result.peak < LARGE_PEAK


def test_long_id_is_not_sent_back() -> None:
    with RawServer() as server:
        first = f"retry: 1\nid: {'x' * 8000}\ndata: a\n\nid: {'y' * 9000}\ndata: b\n\n"
        server.answer(response(first, "Content-Type: text/event-stream"))
        server.answer(response("", status="204 No Content"))
        result = run_process("--reconnect", server.url)
    assert result.status == 0
    assert f"Last-Event-ID: {'x' * 8000}\r\n".encode() in server.requests[1].raw
    assert len(result.err) < 300


def test_server_cannot_choose_an_extreme_pause_before_reconnecting() -> None:
    with RawServer() as server:
        for milliseconds in (0, 10**18):
            events = f"retry: {milliseconds}\ndata: a\n\n"
            server.answer(response(events, "Content-Type: text/event-stream"))
        result = run_process("--reconnect", "--max-time=3", server.url)
    assert "reconnecting in 0.1 s" in result.err
    assert "reconnecting in 3600 s" in result.err


def test_endless_comment_line_is_refused_when_reconnecting() -> None:
    with RawServer() as server:
        server.answer_always(START + chunk(":"), flood(chunk("x" * 60_000)))
        result = measure("--reconnect", server.url)
    assert result.status == 13, result.err
    assert result.peak < PEAK


def test_any_number_of_comments_between_events_is_accepted() -> None:
    comments = chunk(": still here\n" * 50_000) * 20
    with RawServer() as server:
        server.answer_always(START + comments + chunk("data: last\n\n") + chunk(""))
        result = run_process("--reconnect", "--max-events=2", server.url)
    assert result.status == 0
    assert result.out.startswith(b"data: first")
    assert result.out.endswith(b"data: last\n\n")


@pytest.mark.wide
@pytest.mark.parametrize("option", ["--pretty=all", "--pretty=none", "--stream"])
def test_unparsed_stream_takes_no_memory(option: str) -> None:
    with RawServer() as server:
        server.answer_always(START, flood(chunk("x" * 60_000)))
        assert measure(option, server.url).peak < PEAK


def test_plain_response_is_not_an_event() -> None:
    with RawServer() as server:
        server.answer_always(response(b":" * 10_000_000))
        assert len(run_process("--reconnect", server.url).out) == 10_000_000


@pytest.mark.parametrize("option", ["--events=json", "--reconnect", "--max-events=5"])
def test_typed_limit_of_an_event_holds(option: str) -> None:
    with RawServer() as server:
        server.answer_always(START + chunk("data: " + "x" * 2000 + "\n\n"))
        result = run_process(option, "--max-event-size=1kB", server.url)
        unlimited = run_process(
            "--events=json", "--max-events=1", "--max-event-size=0", server.url
        )
    assert result.status == 13
    assert "an event is larger than 1,000 bytes" in result.err
    assert "--max-event-size" in result.err
    assert unlimited.status == 0
