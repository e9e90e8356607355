"""A download that starts over says so and why; hints are printed only where they come true."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import FileServer, FileVersion, send_and_close, truncate_body_at
from tests.support.http_connection import response, signal_event, stall
from tests.support.run import run_process, start_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(500_000)
WITHOUT_VALIDATOR = FileVersion(CONTENT, "", "")
TRUST = "--continue=trust resumes it anyway"


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize("name", ["f", "f.part"])
@pytest.mark.parametrize("options", [("-dc",), ("download", "-c")])
def test_partial_file_of_another_program_starts_over_and_says_why(
    origin: FileServer, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(CONTENT[:100_000])
    result = run_process(*options, f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert "starting over: " in result.err
    assert f"; {TRUST}" in result.err
    (tmp_path / "f").rename(tmp_path / name)
    (tmp_path / name).write_bytes(CONTENT[:100_000])
    argv = (*options, "--continue=trust", f"{origin.url}/f", "-o", "f")
    assert run_process(*argv).status == 0
    assert origin.requested_ranges[-1] == "bytes=100000-"


def test_larger_existing_file_starts_over_without_a_hint(
    origin: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT + b"more")
    result = run_process("-dc", f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert "starting over: the existing file is not the one on the server" in result.err
    assert "trust" not in result.err


def test_retry_without_a_validator_says_that_it_starts_over(origin: FileServer) -> None:
    origin.version = WITHOUT_VALIDATOR
    origin.add_faults(truncate_body_at(100_000), truncate_body_at(200_000))
    result = run_process("-d", "--retry-delay=0", f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert result.err.count("no ETag or Last-Modified that proves") == 2
    assert result.err.count(TRUST) == 2
    assert origin.requested_ranges == [None] * 3


def test_retry_with_trust_resumes_without_a_validator(origin: FileServer) -> None:
    origin.version = WITHOUT_VALIDATOR
    origin.add_faults(truncate_body_at(100_000))
    argv = ("-d", "--continue=trust", "--retry-delay=0", f"{origin.url}/f", "-o", "f")
    assert run_process(*argv).status == 0
    assert origin.requested_ranges == [None, "bytes=100000-"]


def test_retry_of_compressed_content_says_that_it_starts_over(server: RawServer) -> None:
    import gzip

    coded = gzip.compress(CONTENT)
    answer = response(coded, "Content-Encoding: gzip", 'ETag: "v1"')
    server.answer(answer[:-1000], lambda connection: connection.close()).answer(answer)
    result = run_process("-d", "--retry-delay=0", f"{server.url}/f", "-o", "f")
    assert result.status == 0
    assert "starting over: this response cannot be resumed" in result.err


def test_every_restart_of_a_server_without_parts_is_reported(origin: FileServer) -> None:
    origin.ranges = False
    origin.add_faults(truncate_body_at(100_000), truncate_body_at(200_000))
    result = run_process("-d", "--retry-delay=0", f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert result.err.count("starting over") == 2


def stopped_in_the_middle(head: bytes, server: RawServer, *argv: str) -> str:
    """Interrupt a download after its first bytes; return what it printed on stderr."""
    sent = threading.Event()
    server.answer(head + CONTENT[:300_000], signal_event(sent), stall)
    with start_process(*argv, f"{server.url}/f", "-o", "f") as child:
        assert sent.wait(30)
        part = Path("f.part")
        while child.poll() is None and not (part.exists() and part.stat().st_size):
            threading.Event().wait(0.01)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    return err.decode()


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n"


@pytest.mark.parametrize("options", [("-d",), ()])
def test_ctrl_c_without_a_validator_names_only_trust(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    err = stopped_in_the_middle(LENGTH + b"\r\n", server, *options)
    assert "to resume it anyway: --download --continue=trust" in err
    assert "--continue " not in err
    assert names(tmp_path) == ["f.part", "f.part.json"]


@pytest.mark.parametrize("options", [("-d",), ()])
def test_ctrl_c_of_a_server_without_ranges_leaves_nothing(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    err = stopped_in_the_middle(
        LENGTH + b'ETag: "v1"\r\nAccept-Ranges: none\r\n\r\n', server, *options
    )
    assert "--continue" not in err
    assert names(tmp_path) == []


def test_ctrl_c_of_an_answer_to_a_post_gives_no_hint(server: RawServer, tmp_path: Path) -> None:
    err = stopped_in_the_middle(LENGTH + b'ETag: "v1"\r\n\r\n', server, "-d", "POST")
    assert "--continue" not in err
    assert names(tmp_path) == []


def test_ctrl_c_of_a_typed_range_gives_no_hint(server: RawServer, tmp_path: Path) -> None:
    head = LENGTH + b'ETag: "v1"\r\n\r\n'
    server.answer(head + CONTENT[:300_000], lambda connection: connection.close())
    result = run_process("--retry=0", f"{server.url}/f", "Range:bytes=5-", "-o", "f")
    assert result.status == 13
    assert "--continue" not in result.err
    assert names(tmp_path) == []


def test_partial_file_that_is_not_resumed_is_mentioned(origin: FileServer) -> None:
    origin.add_faults(truncate_body_at(100_000))
    argv = ("-d", "--retry=0", f"{origin.url}/f", "-o", "f")
    assert run_process(*argv).status == 13
    result = run_process(*argv)
    assert result.status == 0
    assert "starting over: the partial file of an earlier run is not resumed" in result.err


def test_several_partial_files_get_true_hints(origin: FileServer, server: RawServer) -> None:
    unproven = LENGTH + b"\r\n" + CONTENT[:100_000]
    server.answer(unproven, lambda connection: connection.close())
    origin.add_faults(truncate_body_at(100_000))
    result = run_process("download", "--retry=0", f"{origin.url}/a", f"{server.url}/b")
    assert result.status == 13
    assert "1 partial file was kept; to resume: --continue\n" in result.err
    assert "1 partial file was kept, but the server cannot prove" in result.err


def test_retry_notices_are_notes_as_for_other_requests(origin: FileServer) -> None:
    origin.add_faults(send_and_close(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))
    result = run_process("-d", "--retry-delay=0", f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert "retrying" in result.err
    assert "warning" not in result.err
