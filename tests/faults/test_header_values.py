"""A control character in a header is a usage error, or the server's fault; never a bug."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, response
from tests.support.run import run_process
from tests.support.servers import RawServer

FROM_ITEMS = {
    "header": ("A:b\x1bc",),
    "DEL": ("A:b\x7f",),
    "option": ("--header", "A: \x08"),
    "cookie": ("--cookie", "a=\x1b"),
    "Cookie": ("Cookie:a=\x1b",),
    "Host": ("Host:a\x1b",),
    "User-Agent": ("User-Agent:\x01",),
    "empty": ("A\x01;",),
    "bearer": ("-A", "bearer", "-a", "to\x1bken"),
    "variable": ("A:@env:HOSTILE_VALUE",),
    "token of a variable": ("-A", "bearer", "-a", "@env:HOSTILE_VALUE"),
}


@pytest.mark.parametrize("arguments", FROM_ITEMS.values(), ids=FROM_ITEMS)
def test_control_character_in_a_header_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    ran = run_process("http://127.0.0.1:9/", *arguments, env={"HOSTILE_VALUE": "x\x1by"})
    assert ran.status == 10
    assert "a bug" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("ws://127.0.0.1:9/", "A:b\x1bc"),
        ("--proxy=http://127.0.0.1:9", "--proxy-header=A: \x1b", "https://example.test/"),
        ("-d", "http://127.0.0.1:9/", "A:\x1b"),
    ],
    ids=["websocket", "proxy", "download"],
)
def test_control_character_is_a_usage_error_in_other_modes(arguments: tuple[str, ...]) -> None:
    ran = run_process(*arguments)
    assert ran.status == 10
    assert "control character is not allowed in header 'A'" in ran.err


def test_control_character_in_the_file_of_a_header_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("a\x1bb\n")
    ran = run_process("http://127.0.0.1:9/", "A:@value", cwd=tmp_path)
    assert ran.status == 10
    assert "@value: a header value must be one line without control characters" in ran.err


def test_control_character_in_a_batch_is_a_usage_error(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text(json.dumps({"url": "http://127.0.0.1:9/", "headers": {"A": "\x1b"}}) + "\n")
    ran = run_process("--batch", str(lines))
    assert ran.status == 10
    assert "a bug" not in ran.err


def test_control_characters_of_a_session_are_not_sent(tmp_path: Path) -> None:
    session = tmp_path / "session.json"
    entry = {"name": "a", "value": "x\x7f", "domain": "127.0.0.1"}
    session.write_text(
        json.dumps({"headers": [{"name": "X-A", "value": "\x7f"}], "cookies": [entry]})
    )
    session.chmod(0o600)
    with RawServer() as server:
        server.answer(response("fine"))
        ran = run_process(f"--session={session}", server.url)
    assert "a bug" not in ran.err
    assert ran.status == 0


@pytest.mark.parametrize("parameter", ["realm", "nonce", "opaque"])
def test_control_character_in_a_digest_challenge_is_the_servers_fault(parameter: str) -> None:
    values = {"realm": "r", "nonce": "n", "opaque": "o", parameter: "a\x1bb"}
    challenge = ", ".join(f'{name}="{value}"' for name, value in values.items())
    with RawServer() as server:
        server.answer_always(
            f"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest {challenge}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        ran = run_process("-A", "digest", "-a", "u:p", server.url)
    assert ran.status != 0
    assert "a bug" not in ran.err
    assert "the server's digest challenge has a control character" in ran.err


def test_event_id_with_a_control_character_is_not_sent_again() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    with RawServer() as server:
        server.answer(head + b"retry: 1\nid: a\x1bb\ndata: 1\n\n", ClientConnection.close)
        server.answer(b"HTTP/1.1 204 No Content\r\n\r\n")
        ran = run_process("--reconnect", server.url)
    assert "a bug" not in ran.err
    assert len(server.requests) == 2
    assert b"last-event-id" not in bytes(server.requests[1].raw).lower()
