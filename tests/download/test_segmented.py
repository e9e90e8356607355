"""Segmented downloads with scripted responses: growth, failing segments, what is on disk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.plan_options import RetryPolicy
from httpcli.core.request import Request
from tests.download.scripted import (
    ETAG,
    Reply,
    Result,
    ScriptedSend,
    failure,
    file_names,
    leave_partial,
    reply,
    run_download,
    spans_on_disk,
    truncated,
)

KIB = 1024
CONTENT = random.Random(3).randbytes(512 * KIB)
SIZE = len(CONTENT)
OTHER = CONTENT[::-1]
STEP = 4 * KIB


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segment small files, and early."""
    monkeypatch.setattr("httpcli.protocol.range_scheduler.MIN_SEGMENT_SIZE", 64 * KIB)
    monkeypatch.setattr("httpcli.protocol.range_scheduler.MIN_SEGMENT_TIME", 0.0)
    monkeypatch.setattr("httpcli.download.segmented.MIN_FILE_SIZE", 128 * KIB)
    monkeypatch.setattr("httpcli.download.segmented.MEASUREMENT_INTERVALS", (0.01,))


class RangeServer(ScriptedSend):
    """Answers range requests; ``faults`` replace the reply to the request of that number.

    The first response is slow until there is a second request, and, with ``break_first``,
    fails after that.
    """

    def __init__(
        self, faults: dict[int, Reply] | None = None, *, break_first: bool = False
    ) -> None:
        super().__init__()
        self.faults = faults or {}
        self._break_first = break_first
        self._second = asyncio.Event()
        self.watched_offset = SIZE
        self.is_watched_offset_sent = asyncio.Event()
        """Set when the first response was sent up to ``watched_offset``."""

    async def __call__(self, request: Request) -> AsyncGenerator[Event, None]:
        number = len(self.requests)
        self.requests.append(request)
        if number == 1:
            self._second.set()
        if number in self.faults:
            async for event in self.faults[number](request):
                yield event
            return
        start, end = requested(request)
        status, fields = 200, [Field("Accept-Ranges", "bytes"), Field("ETag", ETAG)]
        fields.append(Field("Content-Length", str(end - start)))
        if request.fields.has("Range"):
            status = 206
            fields.append(Field("Content-Range", f"bytes {start}-{end - 1}/{SIZE}"))
        yield RequestStarted("GET", "/f", request.url, request.fields)
        yield ResponseStarted("1.1", status, "", Fields(fields), request.url)
        at = start
        while at < end:
            # Never stop before the second request: growth needs bytes to measure.
            is_slow = number == 0 and at > 40 * STEP and not self._second.is_set()
            step = 64 if is_slow else STEP
            if number == 0 and at + step >= self.watched_offset:
                self.is_watched_offset_sent.set()
            yield ResponseChunk(CONTENT[at : min(at + step, end)])
            at += step
            await asyncio.sleep(0.001)
            if number == 0 and self._break_first and self._second.is_set():
                await asyncio.sleep(0.02)
                raise truncated()
        yield ResponseEnded(0.0)


def requested(request: Request) -> tuple[int, int]:
    """Return the range that a request asks for."""
    value = request.fields.first("Range")
    if value is None:
        return 0, SIZE
    start, _, last = value.removeprefix("bytes=").partition("-")
    return int(start), int(last) + 1 if last else SIZE


def fetch(directory: Path, send: ScriptedSend, retry: RetryPolicy | None = None) -> Result:
    """Download over at most two connections."""
    return run_download(directory, send, retry=retry, connections=2)


def part_of(request: Request, *, count: int, content: bytes = CONTENT, etag: str = ETAG) -> Reply:
    """Return a 206 that promises the range and breaks after ``count`` bytes."""
    start, end = requested(request)
    return reply(
        206,
        content[start : start + count],
        truncated(),
        etag=etag,
        content_range=f"{start}-{end - 1}/{SIZE}",
    )


def broken_after(count: int, *, content: bytes = CONTENT, etag: str = ETAG) -> Reply:
    """Return a reply that gives ``count`` bytes of the range and then fails."""

    async def events(request: Request) -> AsyncGenerator[Event, None]:
        async for event in part_of(request, count=count, content=content, etag=etag)(request):
            yield event

    return events


def is_complete(directory: Path, content: bytes = CONTENT) -> bool:
    """Return whether the file has its name and its content, and nothing else is left."""
    return file_names(directory) == ["f"] and (directory / "f").read_bytes() == content


def test_second_connection_requests_the_later_half(tmp_path: Path) -> None:
    send = RangeServer()
    assert fetch(tmp_path, send).status is ExitStatus.OK
    start, end = requested(send.requests[1])
    assert 0 < start < end == SIZE
    assert send.ranges[0] == (None, None)
    assert send.ranges[1][1] == ETAG
    assert is_complete(tmp_path)


def test_failed_segment_is_retried_after_its_last_byte(tmp_path: Path) -> None:
    send = RangeServer({1: broken_after(10_000)})
    assert fetch(tmp_path, send, RetryPolicy(max_retries=1, delay=0)).status is ExitStatus.OK
    assert requested(send.requests[2])[0] == requested(send.requests[1])[0] + 10_000
    assert is_complete(tmp_path)


@pytest.mark.parametrize(
    "refusal",
    [
        reply(503, b"busy"),
        reply(200, CONTENT),
        reply(206, CONTENT[:9], content_range=f"0-8/{SIZE}"),
        failure(
            HttpcliError("refused", status=ExitStatus.NOT_CONNECTED).as_transient(CONNECT_FAILURE)
        ),
    ],
    ids=["503", "200", "wrong range", "connection refused"],
)
def test_refused_second_connection_is_dropped(tmp_path: Path, refusal: Reply) -> None:
    send = RangeServer({1: refusal})
    assert fetch(tmp_path, send, RetryPolicy(max_retries=3, delay=0)).status is ExitStatus.OK
    assert len(send.requests) == 2
    assert is_complete(tmp_path)


def test_remaining_connection_takes_over_a_failed_one(tmp_path: Path) -> None:
    send = RangeServer(break_first=True)
    assert fetch(tmp_path, send).status is ExitStatus.OK
    assert is_complete(tmp_path)


def test_failure_of_all_segments_leaves_their_spans(tmp_path: Path) -> None:
    send = RangeServer({1: broken_after(10_000)}, break_first=True)
    errors = {number: failure(truncated()) for number in range(2, 9)}
    send.faults.update(errors)
    assert fetch(tmp_path, send).status is ExitStatus.INCOMPLETE
    assert file_names(tmp_path) == ["f.part", "f.part.json"]
    spans = spans_on_disk(tmp_path)
    assert spans is not None
    (start, head), (second, end) = spans
    assert (start, second) == (0, requested(send.requests[1])[0])
    assert end == second + 10_000
    data = (tmp_path / "f.part").read_bytes()
    assert data[:head] == CONTENT[:head]
    assert data[second:end] == CONTENT[second:end]


def test_gaps_of_an_earlier_run_are_filled(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100_000), (200_000, 300_000), content=CONTENT)
    send = RangeServer()
    assert fetch(tmp_path, send).status is ExitStatus.OK
    assert requested(send.requests[0]) == (100_000, 200_000)
    assert is_complete(tmp_path)


@pytest.mark.parametrize("etag", ['"v2"', 'W/"v1"', ""])
def test_part_without_the_validator_of_the_file_is_dropped(tmp_path: Path, etag: str) -> None:
    send = RangeServer({1: broken_after(STEP, content=OTHER, etag=etag)})
    assert fetch(tmp_path, send).status is ExitStatus.OK
    assert len(send.requests) == 2
    assert is_complete(tmp_path)


def test_file_is_restarted_if_the_last_connection_gets_another_version(tmp_path: Path) -> None:
    changed = reply(200, OTHER, etag='"v2"')
    send = RangeServer({1: changed, 2: changed, 3: changed}, break_first=True)
    result = fetch(tmp_path, send, RetryPolicy(max_retries=1, delay=0))
    assert result.status is ExitStatus.OK
    assert "f: starting over: the file has changed on the server" in result.messages
    assert len(send.requests) == 4
    assert is_complete(tmp_path, OTHER)


def test_first_response_has_the_bytes_that_a_refused_connection_does_not_get(
    tmp_path: Path,
) -> None:
    """The second connection gets half of its range, and then only other responses."""
    page = reply(200, b"<p>one connection only</p>", etag="")
    send = RangeServer({1: broken_after(100_000), **dict.fromkeys(range(2, 9), page)})
    assert fetch(tmp_path, send, RetryPolicy(max_retries=3, delay=0)).status is ExitStatus.OK
    assert len(send.requests) == 3
    assert is_complete(tmp_path)


def test_interrupted_restart_leaves_no_span_of_the_old_version(tmp_path: Path) -> None:
    send = RangeServer(
        {
            1: broken_after(STEP, content=OTHER, etag='"v2"'),
            2: reply(200, OTHER, etag='"v2"'),
            3: reply(200, OTHER[:5000], truncated(), etag='"v2"', length=SIZE),
            4: failure(truncated()),
        },
        break_first=True,
    )
    retry = RetryPolicy(max_retries=1, delay=0)
    assert fetch(tmp_path, send, retry).status is ExitStatus.INCOMPLETE
    assert spans_on_disk(tmp_path) == [(0, 5000)]
    assert (tmp_path / "f.part").read_bytes()[:5000] == OTHER[:5000]


def test_first_response_is_read_to_its_end_if_another_connection_fails_late(
    tmp_path: Path,
) -> None:
    """The second connection fails only when the first one has finished its own half."""
    send = RangeServer()

    async def late_failure(request: Request) -> AsyncGenerator[Event, None]:
        start, end = requested(request)
        fields = [
            Field("ETag", ETAG),
            Field("Content-Length", str(end - start)),
            Field("Content-Range", f"bytes {start}-{end - 1}/{SIZE}"),
        ]
        yield RequestStarted("GET", "/f", request.url, request.fields)
        yield ResponseStarted("1.1", 206, "", Fields(fields), request.url)
        yield ResponseChunk(CONTENT[start : start + 1000])
        send.watched_offset = start
        await send.is_watched_offset_sent.wait()
        yield ResponseChunk(CONTENT[start + 1000 : start + 2000])
        raise truncated()

    page = reply(200, b"<p>one connection only</p>", etag="")
    send.faults.update({1: late_failure, **dict.fromkeys(range(2, 9), page)})
    result = fetch(tmp_path, send, RetryPolicy(max_retries=3, delay=0))
    assert (result.status, result.messages) == (ExitStatus.OK, "")
    assert is_complete(tmp_path)
    assert len(send.requests) <= 4
