"""A checksum that the user typed is verified, whichever way a download ends."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.file_server import FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(300_000)
WRONG = random.Random(2).randbytes(300_000)
RIGHT_SUM = "md5:" + hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running.may_be_idle()


NAMED = ("-o", "f")
CHECKED = ("--checksum", RIGHT_SUM)


@pytest.mark.parametrize("name", [NAMED, ()])
def test_skipped_file_with_another_checksum_is_an_error(
    origin: FileServer, tmp_path: Path, name: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_bytes(WRONG)
    result = run_process("-d", "--skip-existing", *CHECKED, f"{origin.url}/f", *name)
    assert result.status == 13
    assert "--overwrite downloads it again" in result.err
    assert (tmp_path / "f").read_bytes() == WRONG


@pytest.mark.parametrize("name", [NAMED, ()])
def test_skipped_file_with_its_checksum_is_a_success(
    origin: FileServer, tmp_path: Path, name: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    result = run_process("-d", "--skip-existing", *CHECKED, f"{origin.url}/f", *name)
    assert result.status == 0
    assert "f: already exists, not downloaded" in result.err
    assert len(origin.requests) == (0 if name else 1)


def test_skipped_file_is_verified_by_a_list_from_a_url(
    origin: FileServer, server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(WRONG)
    server.answer(response(f"{RIGHT_SUM.removeprefix('md5:')}  f\n"))
    result = run_process(
        *("-d", "--skip-existing", "--checksum", f"{server.url}/MD5SUMS"),
        *(f"{origin.url}/f", "-o", "f"),
    )
    assert result.status == 13


def test_skipped_file_is_not_replaced_by_its_resumed_partial_file(
    origin: FileServer, tmp_path: Path
) -> None:
    origin.add_faults(truncate_body_at(100_000))
    assert run_process("-d", "--retry=0", f"{origin.url}/f").status == 13
    (tmp_path / "f").write_bytes(b"mine")
    result = run_process("-dc", "--skip-existing", f"{origin.url}/f")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == b"mine"


def test_each_file_of_a_list_is_verified(origin: FileServer, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_bytes(WRONG)
    (tmp_path / "right").write_bytes(CONTENT)
    lines = [
        line
        for name in ("wrong", "right")
        for line in (f"{origin.url}/{name}", f"  out={name}", f"  checksum={RIGHT_SUM}")
    ]
    (tmp_path / "list").write_text("\n".join(lines))
    result = run_process("download", "--skip-existing", "--input", "list")
    assert result.status == 13
    assert "wrong md5: expected" in result.err
    assert "right: already exists, not downloaded" in result.err


@pytest.mark.parametrize("name", [NAMED, ()])
def test_unchanged_file_with_another_checksum_is_downloaded_again(
    server: RawServer, tmp_path: Path, name: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_bytes(WRONG)
    server.answer(response("", status="304 Not Modified"))
    server.answer(response(CONTENT))
    result = run_process("-d", "--newer", *CHECKED, f"{server.url}/f", *name)
    assert result.status == 0
    assert "starting over" in result.err
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert server.requests[1].header("If-Modified-Since") is None


def test_file_that_is_not_older_is_verified_with_continue_and_without_a_typed_name(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(WRONG)
    server.answer(response("", status="304 Not Modified"))
    server.answer(response(CONTENT))
    result = run_process("download", "-c", "--newer", *CHECKED, f"{server.url}/f")
    assert result.status == 0
    assert result.out.decode().strip() == "f"
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_unchanged_file_is_printed_by_its_name_with_continue(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(WRONG)
    server.answer(response("", status="304 Not Modified"))
    result = run_process("download", "-c", "--newer", f"{server.url}/f")
    assert (result.status, result.out) == (0, b"f\n")


@pytest.mark.parametrize("options", [("-dc",), ("-d", "--continue=trust"), ("download", "-c")])
def test_complete_file_with_another_checksum_is_downloaded_again(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The server confirms the size with 416."""
    (tmp_path / "f").write_bytes(WRONG)
    result = run_process(*options, *CHECKED, f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert origin.requested_ranges == ["bytes=300000-", None]


def test_complete_file_is_verified_when_the_server_ignores_ranges(
    origin: FileServer, tmp_path: Path
) -> None:
    origin.ranges = False
    (tmp_path / "f").write_bytes(WRONG)
    result = run_process("-dc", *CHECKED, f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_complete_file_keeps_its_old_content_if_the_new_one_fails_too(
    origin: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    wrong = "md5:" + "0" * 32
    result = run_process("-dc", "--checksum", wrong, f"{origin.url}/f", "-o", "f")
    assert result.status == 13
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.glob("f*")) == ["f"]


def test_complete_file_with_its_checksum_is_not_downloaded(
    origin: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    result = run_process("-dc", *CHECKED, f"{origin.url}/f", "-o", "f")
    assert result.status == 0
    assert ": already complete" in result.err
    assert origin.requested_ranges == ["bytes=300000-"]


def test_checksum_from_the_server_is_verified_for_a_complete_file(
    server: RawServer, tmp_path: Path
) -> None:
    import base64

    (tmp_path / "f").write_bytes(WRONG)
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    server.answer(response(CONTENT, f"Repr-Digest: sha-256=:{digest}:"))
    assert run_process("-dc", f"{server.url}/f", "-o", "f").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_special_file_is_never_skipped_unverified(origin: FileServer, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "f")
    result = run_process("-d", "--skip-existing", *CHECKED, f"{origin.url}/f", "-o", "f")
    assert result.status == 17
    assert "not a regular file" in result.err


@pytest.mark.parametrize("command", ["-d", "download"])
def test_failure_names_the_file_and_the_server_once(server: RawServer, command: str) -> None:
    server.answer(response("x" * 100))
    result = run_process(command, "--checksum", f"md5:{'0' * 32}", f"{server.url}/f")
    assert result.status == 13
    assert "f: wrong md5" in result.err
    assert "f: f:" not in result.err
    server.answer(response("x" * 100)[:-50], lambda connection: connection.close())
    result = run_process(command, "--retry=0", f"{server.url}/g")
    assert result.status == 13
    assert f"{server.address}: {server.address}" not in result.err
    assert f"{server.address}/g: {server.address}" not in result.err
