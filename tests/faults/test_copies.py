"""A copy, a hash or a report is of the complete content, and of nothing else."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from tests.support.file_server import Fault, FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
COPIES = ("--tee=t", "--hash=sha256", "--retry-delay=0")

VERSIONS = {
    "resumed": FileVersion(CONTENT),
    "started over without a validator": FileVersion(CONTENT, etag="", modified=""),
}


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.parametrize("command", [("-d", "-o", "f"), ("download", "-o", "f"), ("-do-",)])
def test_copy_of_a_retried_download_is_complete(
    tmp_path: Path, version: FileVersion, command: tuple[str, ...]
) -> None:
    faults: list[Fault] = [truncate_body_at(100_000), truncate_body_at(50_000)]
    with FileServer(version).add_faults(*faults) as origin:
        result = run_process(*command, *COPIES, f"{origin.url}/f")
    if command == ("-do-",) and not version.etag:
        assert result.status == 13  # what was written cannot be taken back
        assert not (tmp_path / "t").exists()
        return
    assert result.status == 0
    assert (tmp_path / "t").read_bytes() == CONTENT
    assert f"sha256:{DIGEST}  received" in result.err


def test_copy_of_a_large_download_is_made(tmp_path: Path) -> None:
    content = random.Random(2).randbytes(17 << 20)
    with FileServer(FileVersion(content)) as origin:
        result = run_process("download", *COPIES, f"{origin.url}/f")
        assert len(origin.requests) == 1
    assert result.status == 0
    assert (tmp_path / "t").read_bytes() == content
    assert hashlib.sha256(content).hexdigest() in result.err


def test_several_downloads_have_no_common_copy(server: RawServer, tmp_path: Path) -> None:
    server.may_be_idle()
    result = run_process("download", "--tee=t", f"{server.url}/a", f"{server.url}/b")
    assert result.status == 10
    assert "--tee names one file" in result.err
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("body", ["new", ""])
@pytest.mark.parametrize("option", ["--tee=t", "-ot"])
def test_bytes_of_a_killed_run_are_not_in_the_file(
    server: RawServer, tmp_path: Path, body: str, option: str
) -> None:
    (tmp_path / "t.part").write_bytes(b"x" * 1000)
    server.answer_always(response(body))
    assert run_process(option, server.url).status == 0
    assert (tmp_path / "t").read_text() == body
    assert not (tmp_path / "t.part").exists()


@pytest.mark.parametrize("layout", ["json", "har"])
def test_bytes_of_a_killed_run_are_not_in_the_report(
    server: RawServer, tmp_path: Path, layout: str
) -> None:
    (tmp_path / "r.part").write_bytes(b"x" * 100_000)
    server.answer_always(response("body"))
    assert run_process(f"--report={layout}=r", server.url).status == 0
    assert json.loads((tmp_path / "r").read_text())


def test_sidecar_that_is_a_directory_is_no_bug(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_text("old")
    (tmp_path / "f.part.json").mkdir()
    server.answer_always(response("new"))
    result = run_process("-dc", f"{server.url}/f", "-o", "f")
    assert result.status == 0
    assert "starting over: f.part.json cannot be read" in result.err
    assert (tmp_path / "f").read_text() == "new"
