"""Files that exist already: ``--skip-existing`` and ``--newer`` together with ``--continue``."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import DATE, FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.run import run_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(50_000)


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


def answer_not_modified(
    _origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
) -> None:
    connection.send(f"HTTP/1.1 304 Not Modified\r\nDate: {DATE}\r\n\r\n".encode())


@pytest.mark.parametrize("command", ["-d", "download"])
def test_skip_existing_does_not_replace_a_file_by_a_resumed_download(
    origin: FileServer, tmp_path: Path, command: str
) -> None:
    origin.add_faults(truncate_body_at(20_000))
    assert run_process(command, "--retry=0", f"{origin.url}/f").status == 13
    assert (tmp_path / "f.part").exists()
    (tmp_path / "f").write_bytes(b"mine")
    result = run_process(command, "--continue", "--skip-existing", f"{origin.url}/f")
    assert (result.status, (tmp_path / "f").read_bytes()) == (0, b"mine")
    assert "already exists" in result.err
    assert (tmp_path / "f.part").stat().st_size == 20_000


def test_skip_existing_does_not_replace_a_file_that_appears_meanwhile(
    origin: FileServer, tmp_path: Path
) -> None:
    def write_file() -> None:
        deadline = time.monotonic() + TIMEOUT
        while not (tmp_path / "f.part").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        (tmp_path / "f").write_bytes(b"mine")

    origin.add_faults(truncate_body_at(20_000, write_file))
    result = run_process("-d", "--skip-existing", "--retry-delay=0", f"{origin.url}/f")
    assert (result.status, (tmp_path / "f").read_bytes()) == (0, b"mine")
    assert (tmp_path / "f-1").read_bytes() == CONTENT


@pytest.mark.parametrize("options", [["--newer"], ["--newer", "-c"]])
def test_file_that_is_not_newer_keeps_its_name_in_the_output(
    origin: FileServer, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    origin.add_faults(answer_not_modified)
    result = run_process("download", *options, f"{origin.url}/f")
    assert (result.status, result.out) == (0, b"f\n")
    assert "f: up to date" in result.err


def test_skip_existing_resumes_a_partial_file_without_a_complete_one(
    origin: FileServer, tmp_path: Path
) -> None:
    origin.add_faults(truncate_body_at(20_000))
    assert run_process("-d", "--retry=0", f"{origin.url}/f").status == 13
    assert run_process("-d", "-c", "--skip-existing", f"{origin.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert origin.requested_ranges[-1] is not None


def test_only_the_first_request_for_a_newer_file_is_conditional(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("old")
    cut = response("new version", 'ETag: "1"')[:-8]
    rest = response(
        " version", 'ETag: "1"', "Content-Range: bytes 3-10/11", status="206 Partial Content"
    )
    server.answer(cut, lambda connection: connection.close()).answer(rest)
    assert run_process("-d", "--newer", "--retry-delay=0", f"{server.url}/f").status == 0
    first, second = server.requests
    assert first.header("If-Modified-Since")
    assert second.header("If-Modified-Since") is None
    assert second.header("Range") == "bytes=3-"
    assert (tmp_path / "f").read_text() == "new version"
