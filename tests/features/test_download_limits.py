"""Limits of a download: shared rate, minimum rate, wrong length, retries, log lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import FileServer, FileVersion, truncate_response_at
from tests.support.http_connection import ClientConnection, ReceivedRequest, response, stall
from tests.support.run import run
from tests.support.servers import RawServer

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


@pytest.mark.wide
def test_files_share_one_rate_limit(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response(CONTENT[:40_000]))
    urls = [f"{server.url}/{name}" for name in "abc"]
    began = time.monotonic()
    assert run("download", "--limit-rate=100kB", "--jobs=3", *urls).status == 0
    assert time.monotonic() - began >= 1.1  # a separate limit per file would take 0.4 s
    assert [len((tmp_path / name).read_bytes()) for name in "abc"] == [40_000] * 3


@pytest.mark.wide
def test_stalled_download_is_aborted_and_resumed(origin: FileServer, tmp_path: Path) -> None:
    def stall_halfway(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap + content[:50_000])
        stall(connection)

    origin.add_faults(stall_halfway)
    result = run("-d", "--min-rate=1kB:300ms", "--retry-delay=0", f"{origin.url}/f")
    assert result.status == 0
    assert "slower than 1000 bytes per second for 0.3 s" in result.err
    assert origin.requested_ranges == [None, "bytes=50000-"]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_bytes_after_content_length_are_not_saved(server: RawServer, tmp_path: Path) -> None:
    """The length rules, as in curl and browsers; only a checksum can prove more."""
    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst and more")
    result = run("-d", "--retry=0", f"{server.url}/f", "-o", "f")
    assert result.status == 0
    assert "ignored 9 bytes after the end of the response" in result.err
    assert (tmp_path / "f").read_text() == "first"


@pytest.mark.parametrize("command", [("-d",), ("download",)])
def test_download_is_retried_five_times(origin: FileServer, command: tuple[str, ...]) -> None:
    origin.add_faults(*[truncate_response_at(9)] * 7)
    result = run(*command, "--retry-delay=0", f"{origin.url}/f")
    assert result.status == 13
    assert len(origin.requests) == 6
    assert "last attempt" in result.err


@pytest.mark.wide
def test_plain_progress_prints_a_line_periodically(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interval is half a minute; this test shortens it."""
    monkeypatch.setattr("httpcli.progress.lines._PLAIN_INTERVAL", 0.05)
    whole = response(CONTENT * 11)

    def wait(connection: ClientConnection) -> None:
        connection.stopping.wait(0.3)

    server.answer(whole[:-400_000], wait, whole[-400_000:])
    lines = run("download", "--progress=plain", f"{server.url}/f").err.splitlines()
    assert lines[0] == "f: 1.1 MiB"
    assert any(re.match(r"f: [4-6]\d% of 1\.1 MiB, .*/s, 0:00 left", line) for line in lines)
    assert lines[-1].startswith("f: 1.1 MiB in 0.")
    assert (tmp_path / "f").read_bytes() == CONTENT * 11
