"""``httpcli echo``: serves the ``echo:`` pages to other programs."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT


@pytest.mark.wide
def test_server_runs_until_interrupted() -> None:
    with start_process("echo", "--port=0") as child:
        assert child.stdout is not None
        url = child.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        assert run("GET", f"{url}anything", "a==1").json["args"] == {"a": "1"}
        echoed = run(f"{url.replace('http', 'ws')}ws", "--ws-wait=1", stdin=b"hello")
        assert echoed.text == "hello\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(TIMEOUT) == 130
        assert child.stderr is not None
        assert child.stderr.read() == b""


@pytest.mark.wide
def test_sslkeylogfile_is_ignored(tmp_path: Path) -> None:
    with start_process(
        "echo", "--port=0", env={"SSLKEYLOGFILE": str(tmp_path / "none/keys")}
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"http://127.0.0.1:")
        child.terminate()


@pytest.mark.wide
def test_public_address_gives_a_warning() -> None:
    with start_process("echo", "--port=0", "--host=0.0.0.0") as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"http://0.0.0.0:")
        child.terminate()
        assert child.stderr is not None
        assert b"everyone who can reach 0.0.0.0 can use this server" in child.stderr.read()


def test_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = run("echo", f"--port={port}")
    assert result.status == 17
    assert f"127.0.0.1:{port}: address already in use" in result.err
    assert "--port=0" in result.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port=x"], "--port: invalid number 'x'"),
        (["--port=65536"], ": must be between 0 and 65535"),
        (["more"], "echo: unexpected argument 'more'"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_invalid_options_are_a_usage_error(options: list[str], message: str) -> None:
    result = run("echo", *options)
    assert result.status == 10
    assert message in result.err


def test_help_is_the_same_in_both_forms() -> None:
    assert "--port" in run("echo", "--help").text
    assert run("help", "echo").text == run("echo", "--help").text


def test_sse_page_sends_the_requested_events_and_resumes() -> None:
    options = ["echo:/sse?count=4", "Last-Event-ID:2", "--events=json"]
    lines = run(*options).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["3", "4"]
    assert run("-h", "echo:/sse?count=2", "Last-Event-ID:2").text.startswith("HTTP/1.1 204")
    assert run("-h", "HEAD", "echo:/sse").text.startswith("HTTP/1.1 200")


def test_websocket_page_echoes_every_message() -> None:
    result = run("echo:/ws", "--ws-wait=2", "--subprotocol=a", stdin="Zoë\n{}".encode())
    assert (result.text, result.status) == ("Zoë\n{}\n", 0)
    assert run("echo:/ws", "--ws-binary", "--ws-wait=1", stdin=b"\0\n").out == b"\0\n"
