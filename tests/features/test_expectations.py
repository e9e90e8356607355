"""``--expect`` with real servers: error messages, saved files and exit status."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.http_connection import close, repeat_until_closed, response
from tests.support.run import run
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal

JSON = "Content-Type: application/json"


def test_met_expectations_change_nothing(server: RawServer) -> None:
    server.answer(response('{"id": 42}', JSON))
    result = run(server.url, "--expect", "status == 200", "--expect", "json.id == 42")
    assert (result.status, result.text, result.err) == (0, '{"id": 42}', "")


def test_each_failed_expectation_prints_one_line_and_the_body_is_kept(server: RawServer) -> None:
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
        "httpcli: error: expected header.etag exists, got no such header",
        'httpcli: error: expected not body contains 42, got "{\\"id\\": 42}"',
    ]


def test_invalid_expression_is_a_usage_error_and_sends_nothing(
    server: RawServer,
) -> None:
    server.assert_not_called()
    result = run(server.url, "--expect", "status == 200", "--expect", "json.items[0.id == 42")
    assert (result.status, result.out) == (10, b"")
    first, text, caret, hint = result.err.splitlines()
    assert first.startswith("httpcli: error: --expect: invalid expression: ")
    assert text == "  json.items[0.id == 42"
    assert caret.strip() == "^"
    assert "JMESPath" in hint


def test_status_expectation_replaces_check_status(server: RawServer) -> None:
    server.answer_always(response("no", status="404 Not Found"))
    met = run("--check-status", server.url, "--expect", "status == 404")
    assert (met.status, met.err) == (0, "")
    failed = run("--check-status", server.url, "--expect", "status == 200")
    assert failed.status == 16
    dropped = run("--fail", server.url, "--expect", "status == 404")
    assert (dropped.status, dropped.text) == (0, "no")


def test_http_error_takes_precedence_over_a_failed_expectation(server: RawServer) -> None:
    server.answer(response("no", status="404 Not Found"))
    result = run("--check-status", server.url, "--expect", "size == 3")
    assert result.status == 4
    assert "expected size == 3, got 2 bytes" in result.err
    assert "HTTP 404 Not Found" in result.err


def test_failed_expectation_is_printed_with_double_quiet(server: RawServer) -> None:
    server.answer(response("no"))
    result = run("-qq", server.url, "--expect", "size == 3")
    assert (result.status, result.out) == (16, b"")
    assert result.err == "httpcli: error: expected size == 3, got 2 bytes\n"


@pytest.mark.parametrize("parts", ["-h", "-q"])
def test_hidden_body_is_read_when_an_expectation_needs_it(server: RawServer, parts: str) -> None:
    body = "x" * 300_000
    server.answer(response(body))
    digest = hashlib.sha256(body.encode()).hexdigest()
    result = run(parts, server.url, "--expect", f"sha256 == {digest}", "--expect", "size == 300kB")
    assert (result.status, result.err) == (0, "")


def test_unneeded_event_stream_is_not_received(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    server.answer(head, repeat_until_closed(b"data: more\n\n"))
    assert run("-h", server.url, "--expect", "status == 200").status == 0


def test_failed_expectation_does_not_replace_the_output_file(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("good")
    server.answer_always(response("bad"))
    result = run(server.url, "-o", "f", "--expect", "body == good")
    assert result.status == 16
    assert (tmp_path / "f").read_text() == "good"
    assert not (tmp_path / "f.part").exists()
    assert run(server.url, "-o", "f", "--expect", "body == bad").status == 0
    assert (tmp_path / "f").read_text() == "bad"


def test_redirects_are_counted_and_the_last_response_is_checked(server: RawServer) -> None:
    server.answer(response("{}", "Location: /b", status="302 Found"))
    server.answer(response("{}", "Location: /c", status="301 Moved"))
    server.answer(response('{"last": true}'))
    result = run(
        *("-F", server.url),
        *("--expect", "redirects == 2", "--expect", "json.last == true"),
        *("--expect", "time < 10s", "--expect", "time.ttfb < 10s", "--expect", "status == 200"),
    )
    assert (result.status, result.err) == (0, "")


def test_certificate_days_can_be_expected(tls_server: RawServer, ca_file: str) -> None:
    verify = f"--verify={ca_file}"
    assert run(verify, tls_server.url, "--expect", "cert.days > 1").status == 0
    result = run(verify, tls_server.url, "--expect", "cert.days > 1000000")
    assert result.status == 16
    assert "expected cert.days > 1000000, got " in result.err


def test_failed_transfer_reports_no_failed_expectation(server: RawServer) -> None:
    server.answer(response("half", "Content-Length: 8"), close)
    result = run(server.url, "--expect", "size == 4")
    assert result.status == 13
    assert "expected" not in result.err
    assert run(f"127.0.0.1:{refused_port()}", "--expect", "status == 200").status == 12


def test_schema_is_read_from_a_file(server: RawServer, tmp_path: Path) -> None:
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


def test_missing_schema_file_sends_nothing(server: RawServer) -> None:
    server.assert_not_called()
    result = run(server.url, "--expect", "schema @missing.json")
    assert (result.status, result.out) == (10, b"")
    assert "missing.json" in result.err


def test_secret_value_is_redacted_in_the_failure_message(server: RawServer) -> None:
    server.answer(response('{"access_token": "s3cret"}', "Set-Cookie: sid=s3cret"))
    result = run(
        "-q",
        server.url,
        *("--expect", "header.set-cookie == a", "--expect", 'json.access_token == "b"'),
    )
    assert result.status == 16
    assert "s3cret" not in result.err
    assert result.err.count("got …redacted…") == 2


@pytest.mark.wide
def test_control_characters_from_the_server_are_escaped(server: RawServer) -> None:
    server.answer(response("ok", "X-Title: \x1b]0;owned\x07"))
    with Terminal("-q", server.url, "--expect", "header.x-title == fine") as screen:
        status = screen.wait()
    assert status == 16
    assert b"\x1b]0" not in screen.raw
    assert "expected header.x-title == fine" in screen.text


def test_body_in_another_charset_is_decoded(server: RawServer) -> None:
    server.answer(response("café".encode("latin-1"), "Content-Type: text/plain; charset=latin-1"))
    assert run(server.url, "--expect", "body == café").status == 0


@pytest.mark.parametrize("option", ["--offline", "--show-cert"])
def test_expect_conflicts_with_options_that_receive_no_response(option: str) -> None:
    result = run(option, "https://example.org", "--expect", "status == 200")
    assert result.status == 10
    assert "cannot be used together" in result.err


def test_download_with_a_failed_expectation_is_not_saved(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response("content", "X-Version: 1"))
    result = run("-d", f"{server.url}/f.bin", "--expect", "header.x-version == 2")
    assert result.status == 16
    assert "expected header.x-version == 2, got " in result.err
    assert not list(tmp_path.glob("f.bin*"))
    assert run("-d", f"{server.url}/f.bin", "--expect", "header.x-version == 1").status == 0
    assert (tmp_path / "f.bin").read_text() == "content"


def test_status_expectation_replaces_the_download_status_check(server: RawServer) -> None:
    server.answer(response("no", status="404 Not Found"))
    assert run("-d", f"{server.url}/f.bin", "--expect", "status == 404").status == 0


def test_body_expectation_of_a_download_is_a_usage_error(server: RawServer) -> None:
    server.assert_not_called()
    result = run("-d", server.url, "--expect", "size == 7")
    assert (result.status, result.out) == (10, b"")
    assert "--checksum" in result.err
