"""The request body from standard input: when it is read and when it is not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from httpcli.core.invocation import Stream, StreamKind
from tests.support.http_connection import response
from tests.support.run import run, run_process, start_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal


def test_piped_input_is_the_body_of_a_post(server: RawServer) -> None:
    run(server.url, stdin=b'{"a": 1}')
    received = server.request
    assert received.method == "POST"
    assert received.body == b'{"a": 1}'
    assert received.header("Content-Length") == "8"
    assert received.header("Content-Type") == "application/json"


def test_empty_pipe_sends_a_get_without_a_body(server: RawServer) -> None:
    result = run(server.url, stdin=b"")
    assert result.status == 0
    assert server.request.method == "GET"
    assert server.request.header("Content-Type") is None


def test_redirected_file_is_the_body(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"text")
    run_process(server.url, stdin=tmp_path / "body")
    assert server.request.body == b"text"
    assert server.request.header("Content-Length") == "4"


@pytest.mark.wide
def test_input_of_a_shell_loop_is_not_consumed(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("/one\n/two\n/three\n")
    script = f'while read path; do "$0" -m httpcli {server.url}$path; done < list'
    run_process("-c", script, sys.executable, program=["/bin/sh"])
    assert [request.request_line for request in server.requests] == [
        "GET /one HTTP/1.1",
        "GET /two HTTP/1.1",
        "GET /three HTTP/1.1",
    ]


def test_get_does_not_wait_for_an_open_pipe(server: RawServer) -> None:
    with start_process("GET", server.url, stdin=subprocess.PIPE) as child:
        assert child.wait() == 0


@pytest.mark.wide
def test_request_items_do_not_wait_for_an_open_pipe(server: RawServer) -> None:
    with start_process(server.url, "a=1", stdin=subprocess.PIPE) as child:
        assert child.wait() == 0
    assert server.request.json == {"a": "1"}


@pytest.mark.wide
def test_ignore_stdin_does_not_wait_for_an_open_pipe(server: RawServer) -> None:
    with start_process("-I", "POST", server.url, stdin=subprocess.PIPE) as child:
        assert child.wait() == 0
    assert server.request.body == b""


@pytest.mark.wide
def test_socket_input_is_the_body(server: RawServer) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, start_process(server.url, stdin=theirs) as child:
        ours.sendall(b"from a socket")
        ours.shutdown(socket.SHUT_WR)
        assert child.wait() == 0
    assert server.request.body == b"from a socket"


@pytest.mark.wide
def test_device_input_is_not_a_body(server: RawServer) -> None:
    assert run_process("POST", server.url).status == 0  # stdin is /dev/null, as under cron
    assert server.request.header("Content-Length") == "0"


def test_terminal_input_is_not_a_body(server: RawServer) -> None:
    with Terminal(server.url) as screen:
        assert screen.wait() == 0
    assert server.request.method == "GET"


@pytest.mark.wide
def test_closed_stdin_is_not_a_body(server: RawServer) -> None:
    result = run_process(
        "-c", f"exec {sys.executable} -m httpcli {server.url} <&-", program=["/bin/sh"]
    )
    assert result.status == 0
    assert server.request.method == "GET"


def test_long_piped_body_is_sent_in_chunks(server: RawServer) -> None:
    body = os.urandom(1024 * 1024) * 3
    run("PUT", server.url, stdin=body)
    received = server.request
    assert received.body == body
    assert received.header("Transfer-Encoding") == "chunked"


def test_long_piped_body_cannot_be_sent_twice(server: RawServer, other_server: RawServer) -> None:
    other_server.assert_not_called()
    server.answer(response("", f"Location: {other_server.url}/", status="307 Temporary Redirect"))
    result = run("--follow", "PUT", server.url, stdin=b"x" * 3_000_000)
    assert result.status == 1
    assert "read only once" in result.err


def test_input_file_of_a_changed_length_is_an_error(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"0123456789")
    for size in (20, 3):
        with (tmp_path / "body").open("rb", buffering=0) as file:
            result = run(server.url, stdin=Stream(file.fileno(), StreamKind.FILE, size))
        assert result.status == 17
        assert "while it was being sent" in result.err
    server.may_be_idle().stop()
    assert not any(request.complete for request in server.requests)


@pytest.mark.wide
def test_proc_file_of_unknown_length_is_the_body(server: RawServer) -> None:
    run_process("POST", server.url, stdin=Path("/proc/self/status"))
    assert server.request.body.startswith(b"Name:")


@pytest.mark.wide
def test_non_blocking_pipe_is_waited_for(server: RawServer) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with start_process(server.url, stdin=reading) as child:
        os.close(reading)
        with open(writing, "wb") as pipe:
            pipe.write(b"late")
        assert child.wait() == 0
    assert server.request.body == b"late"
