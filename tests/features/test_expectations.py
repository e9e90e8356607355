"""Expectations of real exchanges: what is told, what is saved, and the exit status."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.run import run
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal
from tests.support.wire import close, for_ever, response

JSON = "Content-Type: application/json"


def test_what_holds_changes_nothing(server: RawServer) -> None:
    server.answer(response('{"id": 42}', JSON))
    result = run(server.url, "--expect", "status == 200", "--expect", "json.id == 42")
    assert (result.status, result.text, result.err) == (0, '{"id": 42}', "")


def test_each_failure_is_one_line_and_the_body_is_delivered(server: RawServer) -> None:
    server.answer(response('{"id": 42}', JSON, status="404 Not Found"))
    result = run(
        server.url,
        *("--expect", "status in 200,204", "--expect", "json.id == 41"),
        *("--expect", "header.etag exists", "--expect", "not body contains 42"),
        *("--expect", "size < 1MB"),
    )
    assert (result.status, result.text) == (16, '{"id": 42}')
    assert result.err.splitlines() == [
        "httpcli: error: expected status in 200,204, got 404",
        "httpcli: error: expected json.id == 41, got 42",
        "httpcli: error: expected header.etag exists, got no such field",
        'httpcli: error: expected not body contains 42, got "{\\"id\\": 42}"',
    ]


def test_a_wrong_expectation_is_a_usage_error_with_a_caret_and_nothing_is_sent(
    server: RawServer,
) -> None:
    server.must_be_idle()
    result = run(server.url, "--expect", "status == 200", "--expect", "json.items[0.id == 42")
    assert (result.status, result.out) == (10, b"")
    first, text, caret, hint = result.err.splitlines()
    assert first.startswith("httpcli: error: --expect: invalid expression: ")
    assert text == "  json.items[0.id == 42"
    assert caret.strip() == "^"
    assert "JMESPath" in hint


def test_one_on_the_status_takes_the_place_of_check_status(server: RawServer) -> None:
    server.always(response("no", status="404 Not Found"))
    held = run("--check-status", server.url, "--expect", "status == 404")
    assert (held.status, held.err) == (0, "")
    failed = run("--check-status", server.url, "--expect", "status == 200")
    assert failed.status == 16
    dropped = run("--fail", server.url, "--expect", "status == 404")
    assert (dropped.status, dropped.text) == (0, "no")


def test_beside_check_status_the_status_decides(server: RawServer) -> None:
    server.answer(response("no", status="404 Not Found"))
    result = run("--check-status", server.url, "--expect", "size == 3")
    assert result.status == 4
    assert "expected size == 3, got 2 bytes" in result.err
    assert "HTTP 404 Not Found" in result.err


def test_failures_are_told_however_quiet_it_is_to_be(server: RawServer) -> None:
    server.answer(response("no"))
    result = run("-qq", server.url, "--expect", "size == 3")
    assert (result.status, result.out) == (16, b"")
    assert result.err == "httpcli: error: expected size == 3, got 2 bytes\n"


@pytest.mark.parametrize("parts", ["-h", "-q"])
def test_content_that_is_not_shown_is_looked_at_where_that_is_expected(
    server: RawServer, parts: str
) -> None:
    body = "x" * 300_000
    server.answer(response(body))
    digest = hashlib.sha256(body.encode()).hexdigest()
    result = run(parts, server.url, "--expect", f"sha256 == {digest}", "--expect", "size == 300kB")
    assert (result.status, result.err) == (0, "")


def test_content_that_nobody_looks_at_is_not_received(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, for_ever(b"4\r\nmore\r\n"))
    assert run("-h", server.url, "--expect", "status == 200").status == 0


def test_what_is_not_as_expected_does_not_take_a_files_place(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("good")
    server.always(response("bad"))
    result = run(server.url, "-o", "f", "--expect", "body == good")
    assert result.status == 16
    assert (tmp_path / "f").read_text() == "good"
    assert not (tmp_path / "f.part").exists()
    assert run(server.url, "-o", "f", "--expect", "body == bad").status == 0
    assert (tmp_path / "f").read_text() == "bad"


def test_redirects_are_counted_and_the_last_answer_is_judged(server: RawServer) -> None:
    server.answer(response("{}", "Location: /b", status="302 Found"))
    server.answer(response("{}", "Location: /c", status="301 Moved"))
    server.answer(response('{"last": true}'))
    result = run(
        *("-F", server.url),
        *("--expect", "redirects == 2", "--expect", "json.last == true"),
        *("--expect", "time < 10s", "--expect", "time.ttfb < 10s", "--expect", "status == 200"),
    )
    assert (result.status, result.err) == (0, "")


def test_the_days_of_a_certificate(tls_server: RawServer, ca_file: str) -> None:
    verify = f"--verify={ca_file}"
    assert run(verify, tls_server.url, "--expect", "cert.days > 1").status == 0
    result = run(verify, tls_server.url, "--expect", "cert.days > 1000000")
    assert result.status == 16
    assert "expected cert.days > 1000000, got " in result.err


def test_a_transfer_that_fails_is_told_and_nothing_else(server: RawServer) -> None:
    server.answer(response("half", "Content-Length: 8"), close)
    result = run(server.url, "--expect", "size == 4")
    assert result.status == 13
    assert "expected" not in result.err
    assert run(f"127.0.0.1:{refused_port()}", "--expect", "status == 200").status == 12


def test_a_schema_stands_in_a_file(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "user.schema.json").write_text(
        '{"type": "object", "properties": {"id": {"type": "integer", "maximum": 1e400}}}'
    )
    server.answer(response('{"id": 12345678901234567890123}', JSON))
    server.answer(response('{"id": "x"}', JSON))
    assert run(server.url, "--expect", "schema @user.schema.json").status == 0
    result = run(server.url, "--expect", "schema @user.schema.json")
    assert result.status == 16
    assert result.err == (
        "httpcli: error: expected schema @user.schema.json, "
        "got $.id: 'x' is not of type 'integer'\n"
    )


def test_a_schema_that_is_not_there_sends_nothing(server: RawServer) -> None:
    server.must_be_idle()
    result = run(server.url, "--expect", "schema @missing.json")
    assert (result.status, result.out) == (10, b"")
    assert "missing.json" in result.err


def test_a_secret_that_was_not_as_expected_is_not_told(server: RawServer) -> None:
    server.answer(response('{"access_token": "s3cret"}', "Set-Cookie: sid=s3cret"))
    result = run(
        "-q",
        server.url,
        *("--expect", "header.set-cookie == a", "--expect", 'json.access_token == "b"'),
    )
    assert result.status == 16
    assert "s3cret" not in result.err
    assert result.err.count("got …redacted…") == 2


def test_what_a_server_sends_does_not_drive_the_terminal(server: RawServer) -> None:
    server.answer(response("ok", "X-Title: \x1b]0;owned\x07"))
    with Terminal("-q", server.url, "--expect", "header.x-title == fine") as screen:
        status = screen.wait()
    assert status == 16
    assert b"\x1b]0" not in screen.raw
    assert "expected header.x-title == fine" in screen.text


def test_a_body_in_another_charset_and_coded_is_read(server: RawServer, ca: Authority) -> None:
    del ca
    server.answer(response("café".encode("latin-1"), "Content-Type: text/plain; charset=latin-1"))
    assert run(server.url, "--expect", "body == café").status == 0


@pytest.mark.parametrize("option", ["--offline", "--show-cert"])
def test_where_nothing_answers_nothing_can_be_expected(option: str) -> None:
    result = run(option, "https://example.org", "--expect", "status == 200")
    assert result.status == 10
    assert "exclude each other" in result.err


def test_a_download_that_is_not_as_expected_is_not_saved(
    server: RawServer, tmp_path: Path
) -> None:
    server.always(response("content", "X-Version: 1"))
    result = run("-d", f"{server.url}/f.bin", "--expect", "header.x-version == 2")
    assert result.status == 16
    assert "expected header.x-version == 2, got " in result.err
    assert not list(tmp_path.glob("f.bin*"))
    assert run("-d", f"{server.url}/f.bin", "--expect", "header.x-version == 1").status == 0
    assert (tmp_path / "f.bin").read_text() == "content"


def test_in_a_download_one_on_the_status_takes_the_place_of_the_check(server: RawServer) -> None:
    server.answer(response("no", status="404 Not Found"))
    assert run("-d", f"{server.url}/f.bin", "--expect", "status == 404").status == 0


def test_of_a_downloads_content_nothing_can_be_expected(server: RawServer) -> None:
    server.must_be_idle()
    result = run("-d", server.url, "--expect", "size == 7")
    assert (result.status, result.out) == (10, b"")
    assert "--checksum" in result.err
