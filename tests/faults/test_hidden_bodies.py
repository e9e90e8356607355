"""The exit status does not depend on what is shown: a hidden body is read to its end."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.support.http_connection import Step, chunk, close, response, stall
from tests.support.run import run_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = OK + b"Content-Length: 100\r\n\r\nabc"
STALLED: tuple[Step, ...] = (SHORT, stall)

INCOMPLETE = {
    "fewer bytes than Content-Length": SHORT,
    "no last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk("abc"),
    "gzip that ends early": response(gzip.compress(b"abc" * 99)[:-9], "Content-Encoding: gzip"),
    "an error page": b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc",
}

HIDING = {
    "-q": ["-q"],
    "-qq": ["-qq"],
    "-h": ["-h"],
    "-m": ["-m"],
    "-p m": ["-p", "m"],
    "-p h": ["-p", "h"],
    "-p nothing": ["-p", ""],
    "-v -p H": ["-v", "-p", "H"],
    "--expect": ["-q", "--expect", "status >= 200"],
    "--check-status": ["-q", "--check-status"],
    "--write-out": ["-q", "-w", "%{http_code}"],
    "--output": ["-h", "-o", "f"],
    "--timings": ["-h", "--timings"],
    "--report": ["-q", "--report", "junit=j.xml"],
    "--select": ["-q", "--select", "a"],
}


def test_incomplete_body_fails_whatever_is_shown(server: RawServer) -> None:
    server.answer(SHORT, close)
    result = run_process("-q", server.url)
    assert (result.status, result.out) == (13, b"")
    assert "the response is incomplete" in result.err


@pytest.mark.wide
@pytest.mark.parametrize("kind", INCOMPLETE)
def test_each_incomplete_body_fails_with_quiet(server: RawServer, kind: str) -> None:
    server.answer(INCOMPLETE[kind], close)
    assert run_process("-q", server.url).status == 13


@pytest.mark.wide
@pytest.mark.parametrize("hiding", HIDING)
def test_incomplete_body_fails_with_each_option_that_hides_it(
    server: RawServer, tmp_path: Path, hiding: str
) -> None:
    server.answer(SHORT, close)
    result = run_process(*HIDING[hiding], server.url, cwd=tmp_path)
    assert result.status == 13
    assert b"abc" not in result.out
    assert not (tmp_path / "f").exists()


@pytest.mark.wide
@pytest.mark.parametrize("limit", ["--timeout=0.3", "--max-time=0.5"])
@pytest.mark.parametrize("hiding", ["-q", "-h", "-m"])
def test_stalled_body_ends_by_the_time_limit(server: RawServer, limit: str, hiding: str) -> None:
    server.answer(*STALLED)
    result = run_process(hiding, limit, server.url)
    assert result.status == 2
    assert "timed out" in result.err


@pytest.mark.wide
def test_incomplete_body_fails_a_quiet_batch(server: RawServer, tmp_path: Path) -> None:
    server.answer(SHORT, close)
    (tmp_path / "lines").write_text(f"{server.url}\n")
    assert run_process("--batch", "lines", "-q", cwd=tmp_path).status == 13


@pytest.mark.wide
def test_incomplete_binary_body_on_a_terminal_fails(server: RawServer) -> None:
    server.answer(OK + b"Content-Length: 100\r\n\r\n\0\1\2", close)
    with Terminal(server.url) as terminal:
        assert terminal.wait() == 13


@pytest.mark.wide
@pytest.mark.parametrize("extra", [[], ["--expect", "size == 4"], ["-w", "%{size_download}"]])
def test_hidden_body_that_is_cut_is_retried(server: RawServer, extra: list[str]) -> None:
    server.answer(SHORT, close).answer(response("done"))
    result = run_process("-q", "--retry=1", "--retry-delay=0", *extra, server.url)
    assert result.status == 0
    assert len(server.requests) == 2
    assert result.out == (b"4" if "-w" in extra else b"")


@pytest.mark.wide
def test_redirect_that_is_cut_is_followed_whatever_is_shown(server: RawServer) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 100\r\n\r\nabc"
    for options in ([], ["-q"], ["--all"]):
        server.answer(moved, close).answer(response("there"))
        assert run_process("--follow", *options, server.url).status == 0


@pytest.mark.wide
@pytest.mark.parametrize("hiding", ["-q", "-h"])
def test_event_stream_that_is_not_shown_ends_after_its_headers(
    server: RawServer, hiding: str
) -> None:
    server.answer(OK + b"Content-Type: text/event-stream\r\n\r\ndata: 1\n\n", stall)
    assert run_process(hiding, "--timeout=20", server.url).status == 0


@pytest.mark.wide
def test_failed_response_ends_at_once_with_fail(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc", stall)
    assert run_process("-q", "--fail", "--timeout=20", server.url).status == 4
