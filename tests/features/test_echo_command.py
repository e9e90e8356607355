"""``httpcli echo``: the pages of ``echo:`` for every program on this machine."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.support.result import PATIENCE
from tests.support.run import run, started


def test_it_serves_until_it_is_interrupted() -> None:
    with started("echo", "--port=0") as child:
        assert child.stdout is not None
        url = child.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        assert run("GET", f"{url}anything", "a==1").json["args"] == {"a": "1"}
        talk = run(f"{url.replace('http', 'ws')}ws", "--ws-wait=1", stdin=b"hello")
        assert talk.text == "hello\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE) == 130
        assert child.stderr is not None
        assert child.stderr.read() == b""


def test_the_key_log_of_others_is_left_alone(tmp_path: Path) -> None:
    with started("echo", "--port=0", env={"SSLKEYLOGFILE": str(tmp_path / "none/keys")}) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"http://127.0.0.1:")
        child.terminate()


def test_who_opens_it_to_others_is_told() -> None:
    with started("echo", "--port=0", "--host=0.0.0.0") as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"http://0.0.0.0:")
        child.terminate()
        assert child.stderr is not None
        assert b"whoever reaches 0.0.0.0 can use this server" in child.stderr.read()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("echo", f"--port={port}")
    assert result.status == 17
    assert f"127.0.0.1:{port}: address already in use" in result.err
    assert "--port=0" in result.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port=x"], "--port: 'x' is not a whole number"),
        (["--port=65536"], "there is no such port"),
        (["more"], "echo more: too many words"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], told: str) -> None:
    result = run("echo", *words)
    assert result.status == 10
    assert told in result.err


def test_its_help_is_its_table() -> None:
    assert "--port" in run("echo", "--help").text
    assert run("help", "echo").text == run("echo", "--help").text


def test_the_page_of_events_tells_as_many_as_asked_for_and_goes_on() -> None:
    words = ["echo:/sse?count=4", "Last-Event-ID:2", "--events=json"]
    lines = run(*words).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["3", "4"]
    assert run("-h", "echo:/sse?count=2", "Last-Event-ID:2").text.startswith("HTTP/1.1 204")
    assert run("-h", "HEAD", "echo:/sse").text.startswith("HTTP/1.1 200")


def test_the_page_of_a_websocket_sends_everything_back() -> None:
    result = run("echo:/ws", "--ws-wait=2", "--subprotocol=a", stdin="Zoë\n{}".encode())
    assert (result.text, result.status) == ("Zoë\n{}\n", 0)
    assert run("echo:/ws", "--ws-binary", "--ws-wait=1", stdin=b"\0\n").out == b"\0\n"
