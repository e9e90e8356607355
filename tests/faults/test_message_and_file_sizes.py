"""Messages that quote a server, large WebSocket messages, and large files of the user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from httpcli.core.plan import Display
from httpcli.core.websocket import WebSocketMessage
from httpcli.output.websocket_messages import MessageFormatter
from tests.support.http_connection import response
from tests.support.memory import measure
from tests.support.run import run_process
from tests.support.servers import RawServer

PEAK = 80
"""MiB."""
LONGEST = 9000
"""Characters on stderr."""
QUOTED = {
    "host of a redirect": ("302 Found", "Location: http://" + "a." * 100_000 + "/"),
    "content coding": ("200 OK", "Content-Encoding: " + "gzip, " * 30_000 + "gzip"),
    "transfer coding": ("200 OK", "Transfer-Encoding: " + "gzip, " * 30_000 + "chunked"),
}


@pytest.mark.parametrize(("status", "header"), QUOTED.values(), ids=QUOTED)
def test_message_quotes_only_the_beginning_of_a_header(status: str, header: str) -> None:
    with RawServer() as server:
        server.answer_always(response("", header, status=status))
        result = run_process("--follow", server.url)
    assert 8000 < len(result.err) < LONGEST


def test_long_websocket_message_is_not_formatted() -> None:
    formatter = MessageFormatter(Display(format=True), lambda _: None, timestamps=False)
    short = b"[1,2]"
    long = b"[" + b"[]," * 400_000 + b"1]"
    assert formatter.format_message(WebSocketMessage(short)).count(b"\n") > 1
    assert formatter.format_message(WebSocketMessage(long)) == long + b"\n"


def large_file(path: Path) -> Path:
    """Create a file of 1 GiB that takes no space."""
    with path.open("wb") as file:
        os.truncate(file.fileno(), 1 << 30)
    path.chmod(0o600)
    return path


@pytest.mark.wide
@pytest.mark.parametrize("option", ["--session", "--cookie-jar"])
def test_large_session_or_cookie_jar_is_refused(option: str, tmp_path: Path) -> None:
    path = large_file(tmp_path / "file.json")
    result = measure(f"{option}={path}", "http://127.0.0.1:9/")
    assert result.status == 17, result.err
    assert result.peak < PEAK
    assert "it has more than 16 MiB" in result.err


@pytest.mark.wide
def test_large_netrc_is_ignored_with_a_warning(tmp_path: Path) -> None:
    path = large_file(tmp_path / "netrc")
    with RawServer() as server:
        server.answer_always(response("ok"))
        result = measure(server.url, env={"NETRC": str(path)})
    assert result.status == 0, result.err
    assert result.peak < PEAK
    assert "it has more than 16 MiB" in result.err
