"""Failing downloads: the target keeps its old content or becomes the complete new file."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpcli.core.download import Span
from tests.support.file_server import (
    Fault,
    FileServer,
    FileVersion,
    send_and_close,
    truncate_body_at,
    truncate_response_at,
)
from tests.support.http_connection import ClientConnection, ReceivedRequest, chunk
from tests.support.partial_files import change_sidecar
from tests.support.run import run
from tests.support.run_result import RunResult

CONTENT = random.Random(1).randbytes(700_000)
OTHER = random.Random(2).randbytes(700_000)
LONGER = random.Random(3).randbytes(800_000)
V1 = FileVersion(CONTENT)
NO_RETRY = ("-d", "--retry=0")
RETRYING = ("-d", "--retry-delay=0")


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(V1) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return the path of the target, an existing good file."""
    path = tmp_path / "f"
    path.write_bytes(b"good")
    return path


def download(origin: FileServer, *argv: str) -> RunResult:
    return run(*argv, f"{origin.url}/f", "-o", "f")


def files_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name.startswith("f"))


@pytest.mark.parametrize("tenth", range(10))
def test_cut_download_is_resumed_in_the_same_run(
    origin: FileServer, target: Path, tenth: int
) -> None:
    at = len(CONTENT) * tenth // 10
    origin.add_faults(truncate_body_at(at))
    result = download(origin, *RETRYING)
    assert result.status == 0
    assert target.read_bytes() == CONTENT
    assert files_in(target.parent) == ["f"]
    assert origin.requested_ranges == [None, f"bytes={at}-" if at else None]
    if at:
        assert origin.requests[1].header("If-Range") == '"v1"'


@pytest.mark.parametrize("tenth", range(10))
def test_cut_download_is_resumed_in_the_next_run(
    origin: FileServer, target: Path, tenth: int
) -> None:
    at = len(CONTENT) * tenth // 10
    origin.add_faults(truncate_body_at(at))
    result = download(origin, *NO_RETRY)
    assert result.status == 13
    assert target.read_bytes() == b"good"
    assert ("--continue" in result.err) is bool(at)
    assert files_in(target.parent) == (["f", "f.part", "f.part.json"] if at else ["f"])
    assert download(origin, *NO_RETRY, "-c").status == 0
    assert target.read_bytes() == CONTENT
    assert files_in(target.parent) == ["f"]
    assert origin.requested_ranges == [None, f"bytes={at}-" if at else None]


@pytest.mark.parametrize("count", [0, 1, 9, 40, 100])
def test_cut_response_head_is_retried(origin: FileServer, target: Path, count: int) -> None:
    origin.add_faults(truncate_response_at(count), truncate_response_at(count))
    assert download(origin, *RETRYING).status == 0
    assert target.read_bytes() == CONTENT
    assert len(origin.requests) == 3


def test_failed_run_keeps_the_partial_file_of_an_earlier_run(
    origin: FileServer, target: Path
) -> None:
    origin.add_faults(
        truncate_body_at(100_000),
        truncate_response_at(40),
        send_and_close(b"HTTP/1.1 500 Oh\r\n\r\n"),
    )
    assert download(origin, *NO_RETRY).status == 13
    assert download(origin, *NO_RETRY, "-c").status == 13
    assert download(origin, *NO_RETRY).status == 5
    assert (target.parent / "f.part").stat().st_size == 100_000
    assert download(origin, *NO_RETRY, "-c").status == 0
    assert origin.requested_ranges[-1] == "bytes=100000-"
    assert target.read_bytes() == CONTENT


def test_many_cuts_do_not_stop_a_download_that_makes_progress(
    origin: FileServer, target: Path
) -> None:
    origin.add_faults(*[truncate_body_at(50_000)] * 13)
    assert download(origin, *RETRYING).status == 0
    assert target.read_bytes() == CONTENT
    assert len(origin.requests) == 14


def test_consecutive_failures_stop_the_download(origin: FileServer, target: Path) -> None:
    origin.add_faults(truncate_body_at(50_000), *[truncate_response_at(40)] * 9)
    assert download(origin, *RETRYING).status == 13
    assert target.read_bytes() == b"good"
    assert len(origin.requests) == 1 + 5


# The file changes between two attempts


CHANGES = [
    FileVersion(OTHER, '"v2"'),
    FileVersion(LONGER, '"v2"'),
    FileVersion(OTHER[:300_000], '"v2"'),
    FileVersion(OTHER[:90_000], '"v2"'),
    FileVersion(OTHER, "", "Mon, 02 Mar 2026 11:00:00 GMT"),
    FileVersion(OTHER, 'W/"v2"'),
    FileVersion(LONGER, "", ""),
]


@pytest.mark.parametrize("changed", CHANGES)
@pytest.mark.parametrize("retry_options", [RETRYING, NO_RETRY])
def test_changed_file_is_never_mixed_with_the_old_version(
    origin: FileServer, target: Path, changed: FileVersion, retry_options: tuple[str, ...]
) -> None:
    def change(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        truncate_body_at(100_000, before_close=lambda: setattr(origin, "version", changed))(
            origin, request, connection
        )

    origin.add_faults(change)
    result = download(origin, *retry_options)
    if retry_options == NO_RETRY:
        assert result.status == 13
        assert target.read_bytes() == b"good"
        result = download(origin, *NO_RETRY, "-c")
    assert result.status == 0
    assert target.read_bytes() == changed.content
    assert origin.requested_ranges[1] == "bytes=100000-"
    assert "starting over" in result.err


class IgnoresConditions(FileServer):
    """Ignores If-Range: sends the requested range of its current version."""

    def answer(self, request: ReceivedRequest) -> bytes:
        version = self.version
        self.version = version._replace(etag=version.etag)
        lines = [line for line in request.head.split(b"\r\n") if b"if-range" not in line.lower()]
        return super().answer(request._replace(head=b"\r\n".join(lines)))


@pytest.mark.parametrize("changed", CHANGES[:-1])
def test_change_is_detected_when_the_server_ignores_conditions(
    tmp_path: Path, changed: FileVersion
) -> None:
    with IgnoresConditions(V1) as origin:
        origin.add_faults(truncate_body_at(100_000))
        assert download(origin, *NO_RETRY).status == 13
        origin.version = changed
        result = download(origin, *NO_RETRY, "-c")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == changed.content
    assert "starting over" in result.err


def test_weak_validators_do_not_allow_resuming(origin: FileServer, target: Path) -> None:
    for weak in (FileVersion(CONTENT, 'W/"v1"', ""), FileVersion(CONTENT, "", "")):
        origin.version = weak
        origin.add_faults(truncate_body_at(100_000))
        assert download(origin, *NO_RETRY).status == 13
        result = download(origin, *NO_RETRY, "-c")
        assert result.status == 0
        assert "no ETag or Last-Modified that proves" in result.err
        assert target.read_bytes() == CONTENT
    assert origin.requested_ranges == [None] * 4


def test_last_modified_is_the_condition_without_an_etag(origin: FileServer, target: Path) -> None:
    origin.version = FileVersion(CONTENT, "")
    origin.add_faults(truncate_body_at(100_000))
    assert download(origin, *RETRYING).status == 0
    assert origin.requests[1].header("If-Range") == origin.version.modified
    assert target.read_bytes() == CONTENT


# Servers with unusual range responses


def test_server_without_ranges_makes_the_download_restart(
    origin: FileServer, target: Path
) -> None:
    origin.ranges = False
    origin.add_faults(truncate_body_at(100_000))
    result = download(origin, *RETRYING)
    assert result.status == 0
    assert "starting over: the server does not support ranges" in result.err
    assert target.read_bytes() == CONTENT


def _partial_response(first: int, last: int, size: str, *, of: bytes = CONTENT) -> Fault:
    def fault(origin: FileServer, _request: ReceivedRequest, connection: ClientConnection) -> None:
        content = of[first : last + 1]
        span = f"Content-Range: bytes {first}-{last}/{size}"
        connection.send(origin.head("206 Partial Content", len(content), span) + content)

    return fault


LAST = len(CONTENT) - 1


@pytest.mark.parametrize(
    "fault",
    [
        _partial_response(0, LAST, "700000"),
        _partial_response(99_999, LAST, "700000"),
        _partial_response(100_001, LAST, "700000"),
        _partial_response(100_000, LAST, "700001"),
        _partial_response(200_000, LAST, "700000", of=OTHER),
        send_and_close(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc"),
        send_and_close(
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100000-699999/700000\r\n"
            b"Content-Length: 3\r\n\r\nabc"
        ),
        send_and_close(
            b"HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 0\r\n\r\n"
        ),
        send_and_close(
            b"HTTP/1.1 416 No\r\nContent-Range: bytes */100000\r\nContent-Length: 0\r\n\r\n"
        ),
        send_and_close(b"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"),
        send_and_close(
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100000-100002/700000\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        ),
    ],
)
def test_range_response_that_does_not_match_is_not_appended(
    origin: FileServer, target: Path, fault: Fault
) -> None:
    origin.add_faults(truncate_body_at(100_000), fault)
    result = download(origin, *RETRYING)
    assert result.status == 0
    assert "starting over" in result.err
    assert target.read_bytes() == CONTENT
    assert origin.requested_ranges == [None, "bytes=100000-", None]


def test_range_response_shorter_than_requested_is_used(origin: FileServer, target: Path) -> None:
    origin.add_faults(
        truncate_body_at(100_000),
        _partial_response(100_000, 299_999, "700000"),
        _partial_response(300_000, 300_000, "*"),
    )
    assert download(origin, *RETRYING).status == 0
    assert origin.requested_ranges == [None, "bytes=100000-", "bytes=300000-", "bytes=300001-"]
    assert target.read_bytes() == CONTENT


def test_unrequested_range_response_is_an_error(origin: FileServer, target: Path) -> None:
    origin.add_faults(_partial_response(5, LAST, "700000"))
    result = download(origin, *NO_RETRY)
    assert result.status == 13
    assert target.read_bytes() == b"good"


def test_unrequested_first_range_is_used_and_continued(origin: FileServer, target: Path) -> None:
    origin.add_faults(_partial_response(0, 9_999, "700000"))
    assert download(origin, *NO_RETRY).status == 0
    assert origin.requested_ranges == [None, "bytes=10000-"]
    assert target.read_bytes() == CONTENT


def test_range_requested_by_the_user_is_saved(origin: FileServer, target: Path) -> None:
    result = run("-d", f"{origin.url}/f", "Range:bytes=10-19", "-o", "f")
    assert result.status == 0
    assert target.read_bytes() == CONTENT[10:20]


# Files that are already complete


def test_complete_partial_file_is_renamed_when_the_server_agrees(
    origin: FileServer, target: Path
) -> None:
    """A run may be killed between the last byte and the rename."""
    origin.add_faults(truncate_body_at(699_999))
    assert download(origin, *NO_RETRY).status == 13
    with (target.parent / "f.part").open("ab") as part:
        part.write(CONTENT[-1:])
    change_sidecar(
        target.parent, "f", lambda state: state._replace(spans=(Span(0, len(CONTENT)),))
    )
    result = download(origin, *NO_RETRY, "-c")
    assert (result.status, origin.requested_ranges[1]) == (0, "bytes=700000-")
    assert target.read_bytes() == CONTENT
    assert files_in(target.parent) == ["f"]


@pytest.mark.parametrize("with_output", [True, False])
def test_complete_file_is_not_downloaded_again(
    origin: FileServer, tmp_path: Path, *, with_output: bool
) -> None:
    argv = ("-d", "-c", f"{origin.url}/f", *(("-o", "f") if with_output else ()))
    assert run(*argv).status == 0
    before = (tmp_path / "f").stat()
    result = run(*argv)
    assert result.status == 0
    assert "f: already complete" in result.err
    assert (tmp_path / "f").stat().st_ino == before.st_ino
    assert files_in(tmp_path) == ["f"]


def test_newer_file_on_the_server_is_downloaded_again(origin: FileServer, tmp_path: Path) -> None:
    assert download(origin, *NO_RETRY).status == 0
    os.utime(tmp_path / "f", (1, 1))
    origin.version = FileVersion(OTHER, '"v2"')
    assert download(origin, *NO_RETRY, "-c").status == 0
    assert (tmp_path / "f").read_bytes() == OTHER


# Partial files from other programs


@pytest.mark.parametrize("name", ["f", "f.part"])
def test_partial_file_from_another_program_is_not_resumed(
    origin: FileServer, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(OTHER[:100_000])
    result = download(origin, *NO_RETRY, "-c")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert origin.requested_ranges == [None]
    assert files_in(tmp_path) == ["f"]


@pytest.mark.parametrize("name", ["f", "f.part"])
def test_continue_trust_resumes_an_unproven_file(
    origin: FileServer, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(CONTENT[:100_000])
    assert download(origin, *NO_RETRY, "--continue=trust").status == 0
    assert origin.requested_ranges == ["bytes=100000-"]
    assert origin.requests[0].header("If-Range") is None
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert files_in(tmp_path) == ["f"]


def test_continue_trust_keeps_the_file_until_the_download_completes(
    origin: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT[:100_000])
    origin.add_faults(truncate_body_at(5))
    assert download(origin, *NO_RETRY, "--continue=trust").status == 13
    assert (tmp_path / "f").read_bytes() == CONTENT[:100_000]
    assert download(origin, *NO_RETRY, "--continue").status == 0
    assert origin.requested_ranges[1] == "bytes=100005-"
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_continue_trust_accepts_a_complete_file(origin: FileServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    result = download(origin, *NO_RETRY, "--continue=trust")
    assert result.status == 0
    assert ": already complete" in result.err
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_partial_file_of_another_url_is_not_resumed(origin: FileServer, tmp_path: Path) -> None:
    origin.add_faults(truncate_body_at(100_000))
    assert download(origin, *NO_RETRY).status == 13
    result = run(*NO_RETRY, "-c", f"{origin.url}/other", "-o", "f")
    assert result.status == 0
    assert "another URL" in result.err
    assert origin.requested_ranges == [None, None]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_numbered_partial_file_is_resumed(origin: FileServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("mine")
    origin.add_faults(truncate_body_at(100_000))
    assert run(*NO_RETRY, f"{origin.url}/f").status == 13
    assert files_in(tmp_path) == ["f", "f-1.part", "f-1.part.json"]
    assert run(*NO_RETRY, "-c", f"{origin.url}/f").status == 0
    assert files_in(tmp_path) == ["f", "f-1"]
    assert (tmp_path / "f").read_text() == "mine"
    assert (tmp_path / "f-1").read_bytes() == CONTENT


# Framing and content codings


def _framed(head: str, *pieces: bytes) -> Fault:
    return send_and_close(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + b"".join(pieces))


@pytest.mark.parametrize(
    "fault",
    [
        _framed("Content-Length: 700001", CONTENT),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT)),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT), b"0\r\n"),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT)[:-9]),
        _framed("Content-Encoding: gzip", gzip.compress(CONTENT)[:-9]),
        _framed("Content-Encoding: gzip", gzip.compress(CONTENT)[:-1]),
        _framed("Content-Encoding: gzip", CONTENT[:2000]),
    ],
)
def test_incomplete_body_never_replaces_the_target(
    origin: FileServer, target: Path, fault: Fault
) -> None:
    origin.add_faults(fault)
    assert download(origin, *NO_RETRY).status == 13
    assert target.read_bytes() == b"good"


def test_no_partial_file_is_kept_of_a_coded_body(origin: FileServer, target: Path) -> None:
    origin.add_faults(_framed('Content-Encoding: gzip\r\nETag: "z"', gzip.compress(CONTENT)[:-9]))
    assert download(origin, *NO_RETRY).status == 13
    assert files_in(target.parent) == ["f"]


def test_cut_coded_body_is_downloaded_from_the_start(origin: FileServer, target: Path) -> None:
    origin.add_faults(_framed('Content-Encoding: gzip\r\nETag: "z"', gzip.compress(CONTENT)[:-9]))
    assert download(origin, *RETRYING).status == 0
    assert origin.requested_ranges == [None, None]
    assert target.read_bytes() == CONTENT


def test_body_without_a_length_ends_with_the_connection(origin: FileServer, target: Path) -> None:
    origin.add_faults(_framed("X-A: b", CONTENT))
    assert download(origin, *NO_RETRY).status == 0
    assert target.read_bytes() == CONTENT


# Redirects to URLs that expire


def test_expired_signed_url_is_requested_again(origin: FileServer, target: Path) -> None:
    """Each response for the first URL redirects to a newly signed location."""

    def sign(origin: FileServer, _request: ReceivedRequest, connection: ClientConnection) -> None:
        location = f"Location: /signed/{len(origin.requests)}"
        connection.send(origin.head("302 Found", 0, location))

    origin.add_faults(sign, truncate_body_at(100_000), sign)
    assert download(origin, *RETRYING).status == 0
    targets = [request.target for request in origin.requests]
    assert targets == ["/f", "/signed/1", "/f", "/signed/3"]
    assert origin.requested_ranges[2:] == ["bytes=100000-", "bytes=100000-"]
    assert origin.requests[3].header("If-Range") == '"v1"'
    assert target.read_bytes() == CONTENT


# Standard output: written bytes cannot be taken back


def test_stdout_gets_each_byte_once(origin: FileServer) -> None:
    origin.add_faults(truncate_body_at(100_000), truncate_body_at(100_000))
    result = run(*RETRYING, "-o", "-", f"{origin.url}/f")
    assert (result.status, result.out) == (0, CONTENT)
    assert origin.requested_ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_stdout_is_not_continued_after_a_change(origin: FileServer) -> None:
    def change(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        truncate_body_at(
            100_000, before_close=lambda: setattr(origin, "version", FileVersion(OTHER, '"v2"'))
        )(origin, request, connection)

    origin.add_faults(change)
    result = run(*RETRYING, "-o", "-", f"{origin.url}/f")
    assert (result.status, result.out) == (13, CONTENT[:100_000])
