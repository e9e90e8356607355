"""Servers cannot fill the memory with headers, interim responses, trailers or extensions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, Step, flood, response
from tests.support.memory import Measured, measure
from tests.support.run import run_process
from tests.support.servers import RawServer

PEAK = 80
"""MiB; the program needs half of them before the response."""

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

HEADS: dict[str, tuple[Step, ...]] = {
    "large headers": (OK, flood(b"X: " + b"v" * 1_000_000 + b"\r\n")),
    "many short headers": (OK, flood(b"a: " + b"v" * 40 + b"\r\n")),
    "one header without an end": (OK + b"X: ", flood(b"v")),
    "a header name without an end": (OK, flood(b"n")),
    "a folded header": (OK + b"X: v\r\n", flood(b" v\r\n")),
    "blanks in a header": (OK + b"X:", flood(b" ")),
    "a reason phrase without an end": (b"HTTP/1.1 200 ", flood(b"k")),
    "cookies": (OK, flood(b"Set-Cookie: a=" + b"v" * 4000 + b"\r\n")),
    "headers after an interim response": (
        b"HTTP/1.1 103 E\r\n\r\n" + OK,
        flood(b"X: " + b"v" * 40 + b"\r\n"),
    ),
    "headers of an interim response": (
        b"HTTP/1.1 103 E\r\n",
        flood(b"Link: </a>; rel=preload; as=style\r\n"),
    ),
    "headers of a switch to another protocol": (
        b"HTTP/1.1 101 S\r\n",
        flood(b"X: " + b"v" * 40 + b"\r\n"),
    ),
    "headers of a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /", flood(b"a")),
    "headers of a challenge": (
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest nonce=",
        flood(b"a"),
    ),
}
INTERIM: dict[str, tuple[Step, ...]] = {
    "103": (flood(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),),
    "100": (flood(b"HTTP/1.1 100 Continue\r\n\r\n"),),
    "102": (flood(b"HTTP/1.1 102 Processing\r\n\r\n"),),
    "mixed": (flood(b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 199 X\r\n\r\n"),),
}
BODIES: dict[str, tuple[Step, ...]] = {
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", flood(b"X: " + b"v" * 40 + b"\r\n")),
    "one trailer without an end": (CHUNKED + b"1\r\nx\r\n0\r\nX: ", flood(b"v")),
    "a chunk extension": (CHUNKED + b"1;", flood(b"x")),
    "an extension of the last chunk": (CHUNKED + b"1\r\nx\r\n0;", flood(b"x")),
}


def assert_refused(result: Measured, *words: str) -> None:
    assert result.status == 13, result.err
    assert result.peak < PEAK
    for word in words:
        assert word in result.err
    assert "Traceback" not in result.err


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


@pytest.mark.wide
@pytest.mark.parametrize("steps", HEADS.values(), ids=HEADS)
def test_headers_without_end_are_refused(server: RawServer, steps: tuple[Step, ...]) -> None:
    server.answer_always(*steps)
    result = measure("--follow", "--auth=me:secret", "--auth-type=digest", server.url)
    assert_refused(result, "headers of more than 256 KiB", "--max-header-size")


def test_headers_are_limited_while_they_are_received(server: RawServer) -> None:
    server.answer_always(OK, flood(b"X: " + b"v" * 1_000_000 + b"\r\n"))
    result = measure("--max-headers=10", server.url)
    assert_refused(result, "headers of more than 256 KiB", "--max-header-size")


def test_number_of_headers_is_limited(server: RawServer) -> None:
    server.answer_always(OK, flood(b"a:\r\n"))
    assert_refused(measure(server.url), "too many headers", "--max-headers")


@pytest.mark.wide
@pytest.mark.parametrize(
    "options",
    [("--output=f",), ("--download",), ("--quiet",), ("--report=json=r.json",), ("--retry=2",)],
    ids=str,
)
def test_headers_are_limited_in_every_kind_of_run(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    server.answer_always(OK, flood(b"X: " + b"v" * 40 + b"\r\n"))
    assert_refused(measure(*options, server.url), "--max-header-size")
    assert not [name for name in tmp_path.iterdir() if name.name not in ("r.json", "home")]


@pytest.mark.wide
def test_headers_are_limited_in_downloads_batches_and_websockets(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server.answer_always(OK, flood(b"X: " + b"v" * 40 + b"\r\n"))
    assert_refused(measure("download", f"{server.url}/a"), "--max-header-size")
    (tmp_path / "lines").write_text(f"{server.url}/a\n{server.url}/b\n")
    assert_refused(measure("--batch=lines"), "headers of more than 256 KiB")
    server.answer_always(b"HTTP/1.1 101 S\r\n", flood(b"X: " + b"v" * 40 + b"\r\n"))
    assert_refused(measure(server.url.replace("http", "ws")), "--max-header-size")


@pytest.mark.wide
@pytest.mark.parametrize("target", ["https://example.test/", "ws://example.test/"])
def test_headers_of_a_proxy_are_limited(server: RawServer, target: str) -> None:
    server.answer_always(OK, flood(b"X: " + b"v" * 40 + b"\r\n"))
    result = measure(f"--proxy={server.url}", target)
    assert (result.status, result.peak < PEAK) == (15, True)
    assert f"the proxy {server.url} sent a response with headers of more than" in result.err
    assert "--max-header-size" in result.err


def test_limit_of_headers_is_exact_and_can_be_changed(server: RawServer) -> None:
    start = OK + b"Content-Length: 2\r\nX: "
    server.answer_always(start + b"v" * (1000 - len(start) - 4) + b"\r\n\r\nok")
    assert run_process("--max-header-size=1000", server.url).out == b"ok"
    refused = run_process("--max-header-size=999", server.url)
    assert (refused.status, refused.out) == (13, b"")
    assert "headers of more than 999 bytes" in refused.err
    server.answer_always(start + b"v" * 1_000_000 + b"\r\n\r\nok")
    for enough in ("2MB", "0"):
        assert run_process(f"--max-header-size={enough}", server.url).out == b"ok"
    assert run_process("--max-header-size=much", server.url).status == 10


@pytest.mark.parametrize("steps", INTERIM.values(), ids=INTERIM)
def test_interim_responses_without_end_are_refused(
    server: RawServer, steps: tuple[Step, ...]
) -> None:
    server.answer_always(*steps)
    assert_refused(measure(server.url), "more than 50 interim responses")


def test_fifty_interim_responses_are_accepted(server: RawServer) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    server.answer(hint * 50 + response("ok"))
    assert run_process(server.url).out == b"ok"
    server.answer(hint * 51 + response("ok"))
    assert run_process(server.url).status == 13


def test_interim_responses_to_an_upload_are_limited(server: RawServer) -> None:
    server.continue_steps = (flood(b"HTTP/1.1 100 Continue\r\n\r\n", 20),)
    result = run_process("--expect-continue", server.url, "name=value")
    assert result.status == 13
    assert "interim responses" in result.err


@pytest.mark.wide
@pytest.mark.parametrize("interim", ["103 Early Hints", "100 Continue", "102 Processing"])
def test_timeout_holds_after_an_interim_response(server: RawServer, interim: str) -> None:
    def stall(connection: ClientConnection) -> None:
        connection.stopping.wait()

    server.answer_always(f"HTTP/1.1 {interim}\r\n\r\n".encode(), stall)
    result = run_process("--timeout=0.5", server.url, timeout=10)
    assert result.status == 2
    assert "timed out" in result.err


@pytest.mark.wide
def test_time_limit_holds_between_interim_responses(server: RawServer) -> None:
    def hints(connection: ClientConnection) -> None:
        while not connection.stopping.wait(0.2):
            connection.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    server.answer_always(hints)
    assert run_process("--max-time=1", server.url, timeout=10).status == 2


@pytest.mark.wide
@pytest.mark.parametrize("name", BODIES)
def test_trailers_and_chunk_extensions_without_end_are_refused(
    server: RawServer, name: str
) -> None:
    server.answer_always(*BODIES[name])
    word = "trailers" if "trailer" in name else "chunk extension"
    assert_refused(measure(server.url), f"{word} of more than")


def test_short_trailers_and_chunk_extensions_are_accepted(server: RawServer) -> None:
    server.answer(CHUNKED + b"2;name=value\r\nok\r\n0;a=b\r\nX-Sum: 1\r\n\r\n")
    assert run_process(server.url).out == b"ok"


@pytest.mark.wide
def test_responses_without_a_request_are_not_kept(server: RawServer) -> None:
    location = b"Location: /next"
    server.answer(
        b"HTTP/1.1 503 Later\r\nRetry-After: 1\r\nContent-Length: 0\r\n" + location + b"\r\n\r\n",
        flood(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    server.answer(response("ok"))
    result = measure("--retry=1", server.url)
    assert (result.status, result.peak < PEAK) == (0, True)
