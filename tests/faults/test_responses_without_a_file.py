"""A successful response without the file, such as 204, never replaces a file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.support.file_server import (
    Fault,
    FileServer,
    FileVersion,
    send_and_close,
    truncate_body_at,
)
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(300_000)
CUT = 100_000
NO_FILE = {
    "204": response(status="204 No Content"),
    "205": response(status="205 Reset Content"),
    "202": response("come back later", status="202 Accepted"),
    "207": response("<multistatus/>", status="207 Multi-Status"),
    "208": response("<multistatus/>", status="208 Already Reported"),
    "226": response("a difference", "IM: vcdiff", status="226 IM Used"),
    "206 of another part": response(
        "abc", "Content-Range: bytes 5-7/8", status="206 Partial Content"
    ),
    "206 without a range": response("abc", status="206 Partial Content"),
    "206 with several parts": response(
        "--x--", "Content-Type: multipart/byteranges; boundary=x", status="206 Partial Content"
    ),
    "200 with a part": response("abc", "Content-Range: bytes 5-7/8"),
    "206 with two ranges": response(
        "abc",
        "Content-Range: bytes 0-2/3",
        "Content-Range: bytes 0-2/9",
        status="206 Partial Content",
    ),
}
without_file = pytest.mark.parametrize("reply", NO_FILE.values(), ids=NO_FILE)


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@without_file
@pytest.mark.parametrize("options", [("-o", "f"), ("--overwrite",)], ids=["output", "overwrite"])
def test_existing_file_is_kept(
    server: RawServer, tmp_path: Path, reply: bytes, options: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_bytes(b"good")
    server.answer_always(reply)
    result = run_process("-d", *options, f"{server.url}/f")
    assert result.status == 13
    assert result.err.startswith("httpcli: ")
    assert files(tmp_path) == ["f"]
    assert (tmp_path / "f").read_bytes() == b"good"


@pytest.mark.wide
@without_file
@pytest.mark.parametrize("options", [(), ("--newer",), ("--skip-existing",), ("--remote-time",)])
def test_no_file_is_made(
    server: RawServer, tmp_path: Path, reply: bytes, options: tuple[str, ...]
) -> None:
    server.answer_always(reply)
    assert run_process("-d", *options, f"{server.url}/f").status == 13
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "name", [name for name in NO_FILE if "with" not in name and "of" not in name]
)
def test_partial_file_is_kept_and_can_be_resumed(tmp_path: Path, name: str) -> None:
    with FileServer(FileVersion(CONTENT)) as origin:
        url = f"{origin.url}/f"
        origin.add_faults(truncate_body_at(CUT), send_and_close(NO_FILE[name]))
        assert run_process("-d", "--retry=0", url, "-o", "f").status == 13
        result = run_process("-dc", "--retry=0", url, "-o", "f")
        assert result.status == 13
        assert f"the server sent no file, but {name}" in result.err
        assert (tmp_path / "f.part").stat().st_size == CUT
        assert run_process("-dc", url, "-o", "f").status == 0
        assert origin.requested_ranges[2] == f"bytes={CUT}-"
    assert (tmp_path / "f").read_bytes() == CONTENT


PAGE = response("<html>Log in</html>", "Content-Type: text/html; charset=utf-8")
LOGIN = {
    "page": [send_and_close(PAGE)],
    "redirect to a page": [
        send_and_close(response("", "Location: /login", status="302 Found")),
        send_and_close(PAGE),
    ],
}


@pytest.mark.parametrize("login", LOGIN.values(), ids=LOGIN)
@pytest.mark.parametrize("is_next_run", [True, False], ids=["next run", "retry"])
def test_page_does_not_replace_a_partial_file(
    tmp_path: Path, login: list[Fault], *, is_next_run: bool
) -> None:
    with FileServer(FileVersion(CONTENT)) as origin:
        url = f"{origin.url}/f"
        origin.add_faults(truncate_body_at(CUT), *login)
        if is_next_run:
            assert run_process("-d", "--retry=0", url, "-o", "f").status == 13
        result = run_process("-dc", "--retry-delay=0", url, "-o", "f")
        assert result.status == 13
        assert "the server sent an HTML page" in result.err
        assert files(tmp_path) == ["f.part", "f.part.json"]
        assert run_process("-dc", url, "-o", "f").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize("name", [(), ("-o", "f")], ids=["unnamed", "named"])
def test_directory_is_no_file_to_skip(
    server: RawServer, tmp_path: Path, name: tuple[str, ...]
) -> None:
    (tmp_path / "f").mkdir()
    server.may_be_idle()
    server.answer_always(response("new"))
    result = run_process("-d", "--skip-existing", f"{server.url}/f", *name)
    assert result.status == 17
    assert "directory" in result.err


def test_retry_after_a_cut_does_not_take_an_empty_response_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"good")
    with FileServer(FileVersion(CONTENT)) as origin:
        origin.add_faults(truncate_body_at(CUT), send_and_close(NO_FILE["204"]))
        result = run_process("-d", "--retry-delay=0", f"{origin.url}/f", "-o", "f")
    assert result.status == 13
    assert (tmp_path / "f").read_bytes() == b"good"


@pytest.mark.parametrize("name", ["204", "202"])
def test_download_command_reports_each_url_without_a_file(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a").write_bytes(b"good")
    server.answer_always(NO_FILE[name])
    result = run_process("download", "--overwrite", f"{server.url}/a", f"{server.url}/b")
    assert (result.status, result.out) == (13, b"")
    assert result.err.count(f"the server sent no file, but {name}") >= 2
    assert files(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"good"


def test_standard_output_gets_nothing(server: RawServer) -> None:
    server.answer_always(NO_FILE["202"])
    result = run_process("-d", "-o", "-", f"{server.url}/f")
    assert (result.status, result.out) == (13, b"")


def test_redirect_to_a_response_without_a_file_keeps_the_file(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"good")
    server.answer(response("", f"Location: {server.url}/g", status="302 Found"))
    server.answer(NO_FILE["204"])
    assert run_process("-d", "--overwrite", f"{server.url}/f").status == 13
    assert (tmp_path / "f").read_bytes() == b"good"


def test_report_has_the_response_without_a_file(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(NO_FILE["204"])
    assert run_process("-d", f"{server.url}/f", "--report=json=report").status == 13
    report = json.loads((tmp_path / "report").read_text())
    assert "204" in json.dumps(report)


# Successful responses that are the file


def test_empty_file_is_a_file(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response(""))
    assert run_process("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == b""


@pytest.mark.parametrize("status", ["201 Created", "203 Non-Authoritative Information", "299 Odd"])
def test_other_successful_response_is_the_file(
    server: RawServer, tmp_path: Path, status: str
) -> None:
    server.answer_always(response("content", status=status))
    assert run_process("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == b"content"


@pytest.mark.parametrize(
    ("method", "status"), [("POST", "202 Accepted"), ("PROPFIND", "207 Multi-Status")]
)
def test_response_to_another_method_is_the_file(
    server: RawServer, tmp_path: Path, method: str, status: str
) -> None:
    server.answer_always(response("content", status=status))
    assert run_process("-d", method, f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == b"content"


def test_whole_file_as_a_part_is_the_file(server: RawServer, tmp_path: Path) -> None:
    whole = response("content", "Content-Range: bytes 0-6/7", status="206 Partial Content")
    server.answer_always(whole)
    assert run_process("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == b"content"
