"""Downloading one response to a file: its name, its directory, and the messages."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from tests.support.http_connection import chunk, close, response
from tests.support.run import run, run_process
from tests.support.servers import RawServer

BODY = bytes(range(256)) * 400
MONDAY = "Mon, 02 Mar 2026 10:00:00 GMT"


def file_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


def test_body_is_saved_under_the_name_in_the_url(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/a/b%20c.bin?x=1")
    assert (result.status, result.out) == (0, b"")
    assert file_names(tmp_path) == ["b c.bin"]
    assert (tmp_path / "b c.bin").read_bytes() == BODY
    assert "b c.bin: 100.0 KiB" in result.err or "b c.bin: 100 KiB" in result.err


def test_accept_encoding_is_always_identity(server: RawServer) -> None:
    run("-d", f"{server.url}/f", "Accept-Encoding:gzip")
    assert server.request.header_values("Accept-Encoding") == ["identity"]
    assert server.request.header("Range") is None


def test_redirect_is_followed_and_does_not_change_the_file_name(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(response("", "Location: /elsewhere.exe", status="302 Found"))
    server.answer(response("content"))
    assert run("-d", f"{server.url}/mine.txt").status == 0
    assert (tmp_path / "mine.txt").read_text() == "content"


def test_content_disposition_sets_the_name_unless_output_is_given(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response("x", 'Content-Disposition: attachment; filename="../named.txt"'))
    run("-d", f"{server.url}/f")
    run("-d", f"{server.url}/f", "-o", "typed")
    assert file_names(tmp_path) == ["named.txt", "typed"]


def test_remote_name_option_of_curl_downloads(server: RawServer, tmp_path: Path) -> None:
    assert run("-O", f"{server.url}/f").status == 0
    assert file_names(tmp_path) == ["f"]


@pytest.mark.parametrize(("status", "expected"), [("404 Not Found", 4), ("503 Busy", 5)])
def test_http_error_is_shown_and_leaves_the_target_unchanged(
    server: RawServer, tmp_path: Path, status: str, expected: int
) -> None:
    (tmp_path / "f").write_text("good")
    server.answer_always(response("what went wrong\n", status=status))
    result = run("-d", "--retry=0", f"{server.url}/f", "-o", "f")
    assert result.status == expected
    assert result.out == b""
    assert "what went wrong" in result.err
    assert f"HTTP {status}" in result.err
    assert file_names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "good"


def test_redirect_without_a_location_is_not_saved(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("choose", status="300 Multiple Choices"))
    assert run("-d", f"{server.url}/f").status == 3
    assert file_names(tmp_path) == []


def test_503_response_is_retried(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("busy", status="503 Busy"))
    server.answer(response(BODY))
    result = run("-d", "--retry-delay=0", f"{server.url}/f")
    assert result.status == 0
    assert "HTTP 503 Busy; retrying in 0 s (4 left)" in result.err
    assert "busy\n" not in result.err
    assert (tmp_path / "f").read_bytes() == BODY


def test_quiet_prints_nothing(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run("-dq", f"{server.url}/f")
    assert (result.status, result.out, result.err) == (0, b"", "")
    assert file_names(tmp_path) == ["f"]


def test_requested_headers_are_printed_on_stderr(server: RawServer) -> None:
    server.answer(response("content\n", "X-Seen: yes"))
    result = run("-d", "--print=Hh", f"{server.url}/f")
    assert result.out == b""
    assert "GET /f HTTP/1.1" in result.err
    assert "X-Seen: yes" in result.err
    assert "content" not in result.err


def test_dash_writes_to_standard_output(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run("-d", "-o", "-", f"{server.url}/f")
    assert (result.status, result.out) == (0, BODY)
    assert file_names(tmp_path) == []


@pytest.mark.wide
def test_piped_stdout_does_not_receive_the_file(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run_process("-d", f"{server.url}/f")
    assert (result.status, result.out) == (0, b"")
    assert (tmp_path / "f").read_bytes() == BODY


# Existing files


def test_existing_name_gets_a_number(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("new"))
    for name in ("f.tar.gz", "f-1.tar.gz"):
        (tmp_path / name).write_text("old")
    run("-d", f"{server.url}/f.tar.gz")
    assert file_names(tmp_path) == ["f-1.tar.gz", "f-2.tar.gz", "f.tar.gz"]
    assert (tmp_path / "f-2.tar.gz").read_text() == "new"


def test_file_named_by_output_is_replaced(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    server.answer(response("new"))
    run("-d", f"{server.url}/f", "-o", "f")
    assert (tmp_path / "f").read_text() == "new"


def test_overwrite_replaces_the_file(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    server.answer(response("new"))
    run("-d", "--overwrite", f"{server.url}/f")
    assert file_names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "new"


@pytest.mark.parametrize("output", [(), ("-o", "f")])
def test_skip_existing_keeps_the_file(
    server: RawServer, tmp_path: Path, output: tuple[str, ...]
) -> None:
    server.may_be_idle().answer(response("new"))
    (tmp_path / "f").write_text("old")
    result = run("-d", "--skip-existing", f"{server.url}/f", *output)
    assert result.status == 0
    assert "f: already exists, not downloaded" in result.err
    assert (tmp_path / "f").read_text() == "old"
    assert len(server.requests) == (0 if output else 1)


@pytest.mark.parametrize("output", [(), ("-o", "f")])
def test_newer_downloads_only_a_newer_file(
    server: RawServer, tmp_path: Path, output: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_text("old")
    os.utime(tmp_path / "f", (784111777, 784111777))
    server.answer(response("", "Content-Length: 0", status="304 Not Modified"))
    result = run("-d", "--newer", f"{server.url}/f", *output)
    assert result.status == 0
    assert ": up to date" in result.err
    assert (tmp_path / "f").read_text() == "old"
    assert server.request.header("If-Modified-Since") == "Sun, 06 Nov 1994 08:49:37 GMT"
    server.answer(response("new"))
    assert run("-d", "--newer", f"{server.url}/f", *output).status == 0
    assert (tmp_path / "f").read_text() == "new"
    assert file_names(tmp_path) == ["f"]


def test_newer_without_a_local_file_downloads(server: RawServer, tmp_path: Path) -> None:
    run("-d", "--newer", f"{server.url}/f")
    assert server.request.header("If-Modified-Since") is None
    assert file_names(tmp_path) == ["f"]


# Directory, modification time, and size limit


def test_create_dirs_creates_missing_directories(server: RawServer, tmp_path: Path) -> None:
    missing = run("-d", f"{server.url}/f", "--output-dir=a/b")
    assert missing.status == 17
    assert "--create-dirs" in missing.err
    server.assert_not_called()
    assert run("-d", f"{server.url}/f", "--output-dir=a/b", "--create-dirs").status == 0
    assert run("-d", f"{server.url}/f", "--create-dirs", "-o", "c/d/e").status == 0
    assert run("-d", f"{server.url}/f", "--output-dir=a", "-o", "g").status == 0
    assert (tmp_path / "a" / "b" / "f").exists()
    assert (tmp_path / "c" / "d" / "e").exists()
    assert (tmp_path / "a" / "g").exists()


def test_remote_time_sets_the_servers_modification_time(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("x", f"Last-Modified: {MONDAY}"))
    run("-d", "--remote-time", f"{server.url}/f")
    run("-d", f"{server.url}/g")
    assert (tmp_path / "f").stat().st_mtime == 1772445600
    assert abs((tmp_path / "g").stat().st_mtime - time.time()) < 60


@pytest.mark.parametrize("with_length", [True, False])
def test_download_over_max_size_is_aborted(
    server: RawServer, tmp_path: Path, *, with_length: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    server.answer(response(BODY)) if with_length else server.answer(head, BODY, close)
    result = run("-d", "--max-size=50kB", f"{server.url}/f")
    assert result.status == 1
    assert "--max-size" in result.err
    assert file_names(tmp_path) == []


# Content codings


def test_compressed_response_is_decoded_and_saved(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(gzip.compress(BODY), "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/f.bin").status == 0
    assert (tmp_path / "f.bin").read_bytes() == BODY


@pytest.mark.parametrize("name", ["f.tar.gz", "f.tgz", "F.GZ"])
def test_archive_with_its_own_coding_is_not_decoded(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    archive = gzip.compress(BODY)
    server.answer(response(archive, "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/{name}").status == 0
    assert (tmp_path / name).read_bytes() == archive


@pytest.mark.parametrize(("name", "coding"), [("f.br", "br"), ("f.tar.zst", "zstd")])
def test_brotli_and_zstd_archives_are_not_decoded(
    server: RawServer, tmp_path: Path, name: str, coding: str
) -> None:
    server.answer(response(BODY, f"Content-Encoding: {coding}"))
    assert run("-d", f"{server.url}/{name}").status == 0
    assert (tmp_path / name).read_bytes() == BODY


def test_archive_with_another_coding_is_decoded(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(gzip.compress(BODY), "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/f.zst").status == 0
    assert (tmp_path / "f.zst").read_bytes() == BODY


def test_chunked_body_is_saved(server: RawServer, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, chunk(BODY), chunk(BODY), chunk(b""))
    assert run("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == BODY * 2


# Invalid options


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--continue"], "--continue needs --download"),
        (["--overwrite", "-o", "f"], "--overwrite needs --download"),
        (["-d", "--continue=maybe"], "--continue=maybe"),
        (["-d", "--output="], "missing file name"),
        (["-d", "--output-dir="], "--output-dir: missing directory"),
        (["-d", "--max-size=much"], ": invalid size"),
        (["-d", "HEAD"], "HEAD"),
    ],
)
def test_invalid_options_are_reported_before_any_request(
    server: RawServer, argv: list[str], message: str
) -> None:
    server.may_be_idle()
    method = [argument for argument in argv if argument == "HEAD"]
    options = [argument for argument in argv if argument != "HEAD"]
    result = run(*options, *method, f"{server.url}/f")
    assert result.status == 10
    assert message in result.err
    server.assert_not_called()


def test_offline_request_downloads_nothing(tmp_path: Path) -> None:
    result = run("-dc", "--offline", "example.org/f")
    assert result.status == 0
    assert result.text.startswith("GET /f HTTP/1.1\r\n")
    assert file_names(tmp_path) == []
