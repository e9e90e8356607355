"""Segmented downloads: one file over several connections, with correct and faulty servers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import (
    Fault,
    FileServer,
    FileVersion,
    send_and_close,
    truncate_body_at,
)
from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.run import run
from tests.support.run_result import RunResult

KIB = 1024
CONTENT = random.Random(1).randbytes(1024 * KIB)
OTHER = random.Random(2).randbytes(1024 * KIB)
FIRST = FileVersion(CONTENT)
UNTAGGED = FileVersion(CONTENT, etag="")


class RangeOrigin(FileServer):
    """Advertise ranges. Send the first response slowly until a second request arrives."""

    def __init__(self, version: FileVersion) -> None:
        super().__init__(version)
        self.add_faults(send_slowly)

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        return super().head(status, length, "Accept-Ranges: bytes", *more)


def send_slowly(
    origin: FileServer,
    request: ReceivedRequest,
    connection: ClientConnection,
    most: int = len(CONTENT),
) -> None:
    """Send the correct response slowly until a second request arrives, then the rest."""
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap)
    at = 0
    while len(origin.requests) < 2 and at < min(most, len(content)):
        connection.send(content[at : at + 512])
        at += 512
        connection.stopping.wait(0.002)
    if len(origin.requests) > 1:
        connection.stopping.wait(0.05)  # lets the second response start before this one ends
    connection.send(content[at:])


def send_slowly_for_a_while(
    origin: FileServer, request: ReceivedRequest, connection: ClientConnection
) -> None:
    """Send the correct response slowly, long enough for other requests to arrive."""
    send_slowly(origin, request, connection, most=100 * 512)


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segment small files, and early; otherwise each test needs seconds and megabytes."""
    monkeypatch.setattr("httpcli.protocol.range_scheduler.MIN_SEGMENT_SIZE", 64 * KIB)
    monkeypatch.setattr("httpcli.download.segmented.MIN_FILE_SIZE", 256 * KIB)
    monkeypatch.setattr("httpcli.protocol.range_scheduler.MIN_SEGMENT_TIME", 0.0)
    monkeypatch.setattr("httpcli.download.segmented.MEASUREMENT_INTERVALS", (0.04, 0.02))


@pytest.fixture
def origin() -> Iterator[RangeOrigin]:
    with RangeOrigin(FIRST) as made:
        yield made


def download(origin: FileServer, *options: str) -> RunResult:
    """Download the file of an origin over at most two connections."""
    return run("download", "--connections", "2", "--retry-delay", "0", *options, f"{origin.url}/f")


def test_file_is_downloaded_over_several_connections(origin: RangeOrigin, tmp_path: Path) -> None:
    result = download(origin)
    assert (result.status, result.out) == (0, b"f\n")
    assert (tmp_path / "f").read_bytes() == CONTENT
    whole, part = origin.requests[:2]
    assert (whole.header("Range"), whole.header("If-Range")) == (None, None)
    assert part.header("If-Range") == '"v1"'
    asked = part.header("Range") or ""
    start, _, end = asked.removeprefix("bytes=").partition("-")
    assert 0 < int(start) < int(end) == len(CONTENT) - 1
    assert {each.connection for each in origin.requests[:2]} == {0, 1}
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "home") == ["f"]


@pytest.mark.wide
@pytest.mark.parametrize(
    "options",
    [("--connections", "1"), ("-o", "-"), ()],
)
def test_file_is_not_segmented_unless_requested(
    origin: RangeOrigin, options: tuple[str, ...]
) -> None:
    origin.faults.clear()
    origin.add_faults(send_slowly_for_a_while)
    command = ["download"] if options else ["--download"]
    assert run(*command, f"{origin.url}/f", *options).status == 0
    assert origin.requested_ranges == [None]


@pytest.mark.parametrize(
    ("version", "advertises"),
    [
        (FIRST, False),
        (FileVersion(CONTENT, etag='W/"v1"', modified=""), True),
        (FileVersion(CONTENT, etag="", modified=""), True),
        (FileVersion(CONTENT[: 200 * KIB]), True),
    ],
    ids=["no Accept-Ranges", "weak validator", "no validator", "small"],
)
def test_file_is_not_segmented_when_unsafe_or_too_small(
    version: FileVersion, advertises: bool, tmp_path: Path
) -> None:
    with (RangeOrigin if advertises else FileServer)(version) as origin:
        origin.faults.clear()
        origin.add_faults(send_slowly_for_a_while)
        assert download(origin).status == 0
        assert origin.requested_ranges == [None]
    assert (tmp_path / "f").read_bytes() == version.content


def _send_other_version(version: FileVersion, *, honours: bool = True) -> Fault:
    """Send another version from now on; ``honours``: follow the If-Range header."""

    def fault(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        origin.version = version
        if honours:
            connection.send(origin.answer(request))
            return
        start = int((request.header("Range") or "").removeprefix("bytes=").partition("-")[0])
        part = version.content[start:]
        span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(version.content)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    return fault


@pytest.mark.parametrize("honours", [True, False], ids=["200", "206"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIRST, FileVersion(OTHER, etag='"v2"')),
        (UNTAGGED, FileVersion(OTHER, etag="", modified="Mon, 02 Mar 2026 11:00:00 GMT")),
        (FIRST, FileVersion(OTHER[:-1], etag='"v2"')),
    ],
    ids=["ETag", "Last-Modified", "size"],
)
def test_part_of_another_version_does_not_stop_the_first_response(
    before: FileVersion, after: FileVersion, honours: bool, tmp_path: Path
) -> None:
    with RangeOrigin(before) as origin:
        origin.add_faults(_send_other_version(after, honours=honours))
        result = download(origin)
    assert result.status == 0
    assert len(origin.requests) == 2
    assert (tmp_path / "f").read_bytes() == before.content


def test_server_that_ignores_ranges_gets_one_connection(
    origin: RangeOrigin, tmp_path: Path
) -> None:
    def ignore_range(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.head("200 OK", len(CONTENT)) + CONTENT)

    origin.add_faults(ignore_range)
    assert download(origin).status == 0
    assert len(origin.requests) == 2
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize("shift", [-1, 1, -4096])
def test_segment_with_a_wrong_range_is_discarded(
    origin: RangeOrigin, tmp_path: Path, shift: int
) -> None:
    def wrong_range(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        asked = (request.header("Range") or "").removeprefix("bytes=")
        start = int(asked.partition("-")[0]) + shift
        part = CONTENT[start:]
        span = f"Content-Range: bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    origin.add_faults(wrong_range)
    assert download(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_segment_shorter_than_requested_is_continued(origin: RangeOrigin, tmp_path: Path) -> None:
    def short_segment(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        start = int((request.header("Range") or "").removeprefix("bytes=").partition("-")[0])
        part = CONTENT[start : start + 5000]
        span = f"Content-Range: bytes {start}-{start + 4999}/{len(CONTENT)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    origin.add_faults(short_segment)
    assert download(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert _start(origin, 2) == _start(origin, 1) + 5000


def _start(origin: FileServer, number: int) -> int:
    return int((origin.requested_ranges[number] or "").removeprefix("bytes=").partition("-")[0])


@pytest.mark.parametrize("count", [1, 5000, 100_000])
def test_interrupted_segment_is_resumed_after_its_last_byte(
    origin: RangeOrigin, tmp_path: Path, count: int
) -> None:
    origin.add_faults(truncate_body_at(count))
    assert download(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    later = {_start(origin, number) for number in range(2, len(origin.requests))}
    assert _start(origin, 1) + count in later


@pytest.mark.parametrize(
    "status", ["503 Service Unavailable", "429 Too Many Requests", "403 Forbidden"]
)
def test_refused_second_connection_is_not_retried(
    origin: RangeOrigin, tmp_path: Path, status: str
) -> None:
    origin.add_faults(send_and_close(response("no", status=status)))
    assert download(origin, "--connections", "8").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(origin.requests) == 2


def test_reset_second_connection_does_not_fail_the_download(
    origin: RangeOrigin, tmp_path: Path
) -> None:
    origin.add_faults(lambda _origin, _request, connection: connection.reset())
    assert download(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_interrupted_first_connection_is_resumed(origin: RangeOrigin, tmp_path: Path) -> None:
    def interrupt(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        for at in range(0, 100 * KIB, 512):
            connection.send(content[at : at + 512])
            if len(origin.requests) > 1:
                break
            connection.stopping.wait(0.002)
        connection.close()

    origin.faults.clear()
    origin.add_faults(interrupt)
    assert download(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(origin.requests) >= 3


@pytest.mark.wide
def test_partial_segments_are_resumed_by_the_next_run(origin: RangeOrigin, tmp_path: Path) -> None:
    def reset_connection(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        origin.wait_for_requests(2)
        connection.reset()

    def stall_then_reset(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        at = 0
        while len(origin.requests) < 2:
            connection.send(content[at : at + 512])
            at += 512
            connection.stopping.wait(0.002)
        connection.stopping.wait(0.3)  # lets the other segment arrive
        connection.reset()

    origin.faults.clear()
    origin.add_faults(
        stall_then_reset,
        truncate_body_at(50_000),
        reset_connection,
        reset_connection,
        reset_connection,
    )
    assert download(origin, "--retry", "0").status != 0
    sidecar = json.loads((tmp_path / "f.part.json").read_text())
    assert len(sidecar["done"]) == 2
    origin.faults.clear()
    before = len(origin.requests)
    assert download(origin, "-c").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    resumed = [each for each in origin.requests[before:] if each.header("Range")]
    assert len(resumed) >= 2
    assert all(each.header("If-Range") == '"v1"' for each in resumed)
    assert not any(
        f"bytes={start}-" in (each.header("Range") or "")
        for each in resumed
        for start, _ in sidecar["done"]
    )


class SigningOrigin(RangeOrigin):
    """Redirect each request for the file to its own URL, which is valid for one request."""

    def answer(self, request: ReceivedRequest) -> bytes:
        targets = [each.target for each in self.requests]
        if request.target == "/f":
            return FileServer.head(self, "302 Found", 0, f"Location: /signed/{len(targets)}")
        if targets.count(request.target) > 1:
            return FileServer.head(self, "403 Forbidden", 0)
        return super().answer(request)


def test_each_segment_requests_its_own_signed_url(tmp_path: Path) -> None:
    def redirect(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.answer(request))

    def slow_segment(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        for at in range(0, len(content), 8 * KIB):
            connection.send(content[at : at + 8 * KIB])
            connection.stopping.wait(0.002 if len(origin.requests) > 4 else 0.01)

    with SigningOrigin(FIRST) as origin:
        origin.faults.clear()
        origin.add_faults(redirect, slow_segment, redirect, truncate_body_at(100_000))
        assert download(origin).status == 0
        targets = [each.target for each in origin.requests]
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert targets.count("/f") >= 3
    signed = [each for each in targets if each != "/f"]
    assert len(set(signed)) == len(signed)


def test_checksum_of_a_segmented_file_is_verified(origin: RangeOrigin, tmp_path: Path) -> None:
    wrong = "0" * 64
    result = download(origin, "--checksum", f"sha256:{wrong}")
    assert result.status == 13
    assert wrong in result.err
    assert [each.name for each in tmp_path.iterdir() if each.name != "home"] == []
