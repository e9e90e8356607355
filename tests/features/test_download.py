"""One response becomes a file: where it goes, what it is called, what is told of it."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from tests.support.run import process, run
from tests.support.servers import RawServer
from tests.support.wire import chunk, close, response

BODY = bytes(range(256)) * 400
MONDAY = "Mon, 02 Mar 2026 10:00:00 GMT"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


def test_the_body_goes_to_a_file_named_by_the_url_and_nothing_to_stdout(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/a/b%20c.bin?x=1")
    assert (result.status, result.out) == (0, b"")
    assert names(tmp_path) == ["b c.bin"]
    assert (tmp_path / "b c.bin").read_bytes() == BODY
    assert "b c.bin: 100.0 KiB" in result.err or "b c.bin: 100 KiB" in result.err


def test_no_coding_is_asked_for_whatever_the_user_says(server: RawServer) -> None:
    run("-d", f"{server.url}/f", "Accept-Encoding:gzip")
    assert server.request.every("Accept-Encoding") == ["identity"]
    assert server.request.field("Range") is None


def test_a_redirect_is_followed_and_does_not_name_the_file(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(response("", "Location: /elsewhere.exe", status="302 Found"))
    server.answer(response("content"))
    assert run("-d", f"{server.url}/mine.txt").status == 0
    assert (tmp_path / "mine.txt").read_text() == "content"


def test_content_disposition_names_the_file_and_output_wins(
    server: RawServer, tmp_path: Path
) -> None:
    server.always(response("x", 'Content-Disposition: attachment; filename="../named.txt"'))
    run("-d", f"{server.url}/f")
    run("-d", f"{server.url}/f", "-o", "typed")
    assert names(tmp_path) == ["named.txt", "typed"]


def test_the_letter_of_curl_is_a_download_too(server: RawServer, tmp_path: Path) -> None:
    assert run("-O", f"{server.url}/f").status == 0
    assert names(tmp_path) == ["f"]


@pytest.mark.parametrize(("status", "expected"), [("404 Not Found", 4), ("503 Busy", 5)])
def test_an_error_never_touches_the_target_and_is_shown(
    server: RawServer, tmp_path: Path, status: str, expected: int
) -> None:
    (tmp_path / "f").write_text("good")
    server.always(response("what went wrong\n", status=status))
    result = run("-d", "--retry=0", f"{server.url}/f", "-o", "f")
    assert result.status == expected
    assert result.out == b""
    assert "what went wrong" in result.err
    assert f"HTTP {status}" in result.err
    assert names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "good"


def test_a_redirect_that_leads_nowhere_is_not_saved(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("choose", status="300 Multiple Choices"))
    assert run("-d", f"{server.url}/f").status == 3
    assert names(tmp_path) == []


def test_a_busy_server_is_asked_again(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("busy", status="503 Busy"))
    server.answer(response(BODY))
    result = run("-d", "--retry-delay=0", f"{server.url}/f")
    assert result.status == 0
    assert "HTTP 503 Busy; trying again in 0 s, 4 tries left after that" in result.err
    assert "busy\n" not in result.err
    assert (tmp_path / "f").read_bytes() == BODY


def test_quiet_says_nothing(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run("-dq", f"{server.url}/f")
    assert (result.status, result.out, result.err) == (0, b"", "")
    assert names(tmp_path) == ["f"]


def test_the_head_is_shown_on_stderr_where_that_is_asked_for(server: RawServer) -> None:
    server.answer(response("content\n", "X-Seen: yes"))
    result = run("-d", "--print=Hh", f"{server.url}/f")
    assert result.out == b""
    assert "GET /f HTTP/1.1" in result.err
    assert "X-Seen: yes" in result.err
    assert "content" not in result.err


def test_a_minus_is_standard_output(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = run("-d", "-o", "-", f"{server.url}/f")
    assert (result.status, result.out) == (0, BODY)
    assert names(tmp_path) == []


def test_stdout_in_a_pipe_is_no_place_for_a_file(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    result = process("-d", f"{server.url}/f")
    assert (result.status, result.out) == (0, b"")
    assert (tmp_path / "f").read_bytes() == BODY


# What is there already


def test_a_name_that_is_taken_gets_a_number(server: RawServer, tmp_path: Path) -> None:
    server.always(response("new"))
    for name in ("f.tar.gz", "f-1.tar.gz"):
        (tmp_path / name).write_text("old")
    run("-d", f"{server.url}/f.tar.gz")
    assert names(tmp_path) == ["f-1.tar.gz", "f-2.tar.gz", "f.tar.gz"]
    assert (tmp_path / "f-2.tar.gz").read_text() == "new"


def test_a_name_that_the_user_typed_is_replaced(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    server.answer(response("new"))
    run("-d", f"{server.url}/f", "-o", "f")
    assert (tmp_path / "f").read_text() == "new"


def test_overwrite_replaces(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    server.answer(response("new"))
    run("-d", "--overwrite", f"{server.url}/f")
    assert names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "new"


@pytest.mark.parametrize("typed", [(), ("-o", "f")])
def test_what_exists_is_skipped(server: RawServer, tmp_path: Path, typed: tuple[str, ...]) -> None:
    server.may_be_idle().answer(response("new"))
    (tmp_path / "f").write_text("old")
    result = run("-d", "--skip-existing", f"{server.url}/f", *typed)
    assert result.status == 0
    assert "f is there already" in result.err
    assert (tmp_path / "f").read_text() == "old"
    assert len(server.requests) == (0 if typed else 1)


@pytest.mark.parametrize("typed", [(), ("-o", "f")])
def test_only_what_is_newer_is_downloaded(
    server: RawServer, tmp_path: Path, typed: tuple[str, ...]
) -> None:
    (tmp_path / "f").write_text("old")
    os.utime(tmp_path / "f", (784111777, 784111777))
    server.answer(response("", "Content-Length: 0", status="304 Not Modified"))
    result = run("-d", "--newer", f"{server.url}/f", *typed)
    assert result.status == 0
    assert "nothing newer" in result.err
    assert (tmp_path / "f").read_text() == "old"
    assert server.request.field("If-Modified-Since") == "Sun, 06 Nov 1994 08:49:37 GMT"
    server.answer(response("new"))
    assert run("-d", "--newer", f"{server.url}/f", *typed).status == 0
    assert (tmp_path / "f").read_text() == "new"
    assert names(tmp_path) == ["f"]


def test_newer_than_nothing_is_everything(server: RawServer, tmp_path: Path) -> None:
    run("-d", "--newer", f"{server.url}/f")
    assert server.request.field("If-Modified-Since") is None
    assert names(tmp_path) == ["f"]


# Where it goes


def test_a_folder_is_made_where_that_is_asked_for(server: RawServer, tmp_path: Path) -> None:
    missing = run("-d", f"{server.url}/f", "--output-dir=a/b")
    assert missing.status == 17
    assert "--create-dirs" in missing.err
    server.must_be_idle()
    assert run("-d", f"{server.url}/f", "--output-dir=a/b", "--create-dirs").status == 0
    assert run("-d", f"{server.url}/f", "--create-dirs", "-o", "c/d/e").status == 0
    assert run("-d", f"{server.url}/f", "--output-dir=a", "-o", "g").status == 0
    assert (tmp_path / "a" / "b" / "f").exists()
    assert (tmp_path / "c" / "d" / "e").exists()
    assert (tmp_path / "a" / "g").exists()


def test_the_file_has_the_servers_time_where_that_is_asked_for(
    server: RawServer, tmp_path: Path
) -> None:
    server.always(response("x", f"Last-Modified: {MONDAY}"))
    run("-d", "--remote-time", f"{server.url}/f")
    run("-d", f"{server.url}/g")
    assert (tmp_path / "f").stat().st_mtime == 1772445600
    assert abs((tmp_path / "g").stat().st_mtime - time.time()) < 60


@pytest.mark.parametrize("framed", [True, False])
def test_what_is_too_large_is_given_up(server: RawServer, tmp_path: Path, *, framed: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    server.answer(response(BODY)) if framed else server.answer(head, BODY, close)
    result = run("-d", "--max-size=50kB", f"{server.url}/f")
    assert result.status == 1
    assert "--max-size" in result.err
    assert names(tmp_path) == []


# Codings


def test_what_is_compressed_all_the_same_is_saved_as_it_was(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(response(gzip.compress(BODY), "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/f.bin").status == 0
    assert (tmp_path / "f.bin").read_bytes() == BODY


@pytest.mark.parametrize("name", ["f.tar.gz", "f.tgz", "F.GZ"])
def test_an_archive_whose_coding_is_its_own_stays_as_it_is(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    packed = gzip.compress(BODY)
    server.answer(response(packed, "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/{name}").status == 0
    assert (tmp_path / name).read_bytes() == packed


@pytest.mark.parametrize(("name", "coding"), [("f.br", "br"), ("f.tar.zst", "zstd")])
def test_so_does_what_is_no_gzip(
    server: RawServer, tmp_path: Path, name: str, coding: str
) -> None:
    server.answer(response(BODY, f"Content-Encoding: {coding}"))
    assert run("-d", f"{server.url}/{name}").status == 0
    assert (tmp_path / name).read_bytes() == BODY


def test_an_archive_that_is_coded_otherwise_is_decoded(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(gzip.compress(BODY), "Content-Encoding: gzip"))
    assert run("-d", f"{server.url}/f.zst").status == 0
    assert (tmp_path / "f.zst").read_bytes() == BODY


def test_chunks_without_a_length_are_saved(server: RawServer, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, chunk(BODY), chunk(BODY), chunk(b""))
    assert run("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == BODY * 2


# Words that make no sense


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--continue"], "--continue needs --download"),
        (["--overwrite", "-o", "f"], "--overwrite needs --download"),
        (["-d", "--continue=maybe"], "--continue=maybe"),
        (["-d", "--output="], "names no file"),
        (["-d", "--output-dir="], "names no folder"),
        (["-d", "--max-size=much"], "is not a size"),
        (["-d", "HEAD"], "HEAD"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_sent(
    server: RawServer, words: list[str], said: str
) -> None:
    server.may_be_idle()
    method = [word for word in words if word == "HEAD"]
    options = [word for word in words if word != "HEAD"]
    result = run(*options, *method, f"{server.url}/f")
    assert result.status == 10
    assert said in result.err
    server.must_be_idle()


def test_offline_nothing_is_downloaded(tmp_path: Path) -> None:
    result = run("-dc", "--offline", "example.org/f")
    assert result.status == 0
    assert result.text.startswith("GET /f HTTP/1.1\r\n")
    assert names(tmp_path) == []
