"""``--write-out`` prints values after a transfer, including a failed one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import chunk, close, response, stall
from tests.support.run import run
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal


def test_write_out_follows_the_body(server: RawServer) -> None:
    server.answer(response("body", "Content-Type: text/plain"))
    result = run(server.url, "-w", r"|%{http_code} %{content_type}\n")
    assert (result.status, result.text, result.err) == (0, "body|200 text/plain\n", "")


def test_write_out_goes_to_stdout_with_an_output_file(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("body"))
    result = run(server.url, "-o", "f", "-w", "%{size_download} %{filename_effective}")
    assert (result.text, (tmp_path / "f").read_text()) == ("4 f", "body")


def test_write_out_is_printed_after_a_failed_connection() -> None:
    port = refused_port()
    result = run(
        f"127.0.0.1:{port}",
        "-w",
        "%{http_code} %{exitcode} %{errormsg} %{http_version}[%{method}]",
    )
    assert result.status == 12
    assert result.text == f"000 12 127.0.0.1:{port}: connection refused 0[GET]"


def test_write_out_is_printed_after_an_incomplete_body(server: RawServer) -> None:
    server.answer(response("half", "Content-Length: 8"), close)
    result = run(server.url, "-w", "|%{http_code} %{size_download} %{exitcode}")
    assert (result.status, result.text) == (13, "half|200 4 13")


@pytest.mark.wide
def test_times_without_a_response_cover_the_completed_phases(server: RawServer) -> None:
    server.answer(stall)
    result = run(
        "--max-time=1", server.url, "-w", "%{time_connect} %{time_starttransfer} %{time_total}"
    )
    connect, first, total = map(float, result.text.split())
    assert result.status == 2
    assert first == 0.0
    assert 0.0 < connect < total < 4


def test_times_are_in_order(tls_server: RawServer, ca_file: str) -> None:
    tls_server.answer(response("body"))
    names = [
        "time_connect",
        "time_appconnect",
        "time_pretransfer",
        "time_starttransfer",
        "time_total",
    ]
    result = run(
        f"--verify={ca_file}", "-q", tls_server.url, "-w", " ".join(f"%{{{n}}}" for n in names)
    )
    times = [float(text) for text in result.text.split()]
    assert times == sorted(times)
    assert times[0] > 0
    assert times[0] < times[1] == times[2]


def test_unknown_variable_is_a_warning_and_prints_nothing(server: RawServer) -> None:
    result = run("-q", server.url, "-w", "a %{http_cod} b")
    assert (result.status, result.out) == (0, b"a  b")
    assert "unknown variable 'http_cod'; did you mean %{http_code}?" in result.err


def test_onerror_applies_to_failed_runs_only(server: RawServer) -> None:
    server.answer_always(response("no", status="404 Not Found"))
    template = "%{exitcode}%{onerror}: %{errormsg}"
    assert run("-q", server.url, "-w", template).text == "0"
    assert run("-q", "--fail", server.url, "-w", template).text == "4: HTTP 404 Not Found"
    result = run("-q", server.url, "-w", template, "--expect", "status == 200")
    assert result.text == "16: expected status == 200, got 404"


def test_stderr_marker_redirects_the_text_after_it(server: RawServer) -> None:
    server.answer(response("body"))
    result = run(server.url, "-w", r"|a%{stderr}b\n%{stdout}c")
    assert (result.text, result.err) == ("body|ac", "b\n")


def test_format_file_is_read_without_its_line_ends(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "template").write_text("%{http_code}\r\n|%{method}\\n\n")
    server.answer(response("body"))
    assert run("-q", server.url, "-w", "@template").text == "200|GET\n"


def test_format_is_read_from_standard_input(server: RawServer) -> None:
    server.answer(response("body"))
    assert run("-q", "GET", server.url, "-w", "@-", stdin=b"%{http_code}\n").text == "200"
    assert server.request.body == b""


@pytest.mark.parametrize(
    ("argv", "stdin", "message"),
    [
        (["-w", "@missing"], None, "missing"),
        (
            ["-w", "@-"],
            b"%{http_code}",
            "--write-out=@-: standard input is already the request body",
        ),
        (["GET", "-w", "@-"], b"\xff", "not UTF-8"),
    ],
)
def test_unreadable_format_is_a_usage_error_and_sends_nothing(
    server: RawServer, argv: list[str], stdin: bytes | None, message: str
) -> None:
    server.assert_not_called()
    result = run(*argv[:-2], server.url, *argv[-2:], stdin=stdin)
    assert (result.status, result.out) == (10, b"")
    assert message in result.err


def test_hidden_body_is_counted_when_its_size_is_requested(server: RawServer) -> None:
    server.answer_always(response("x" * 300_000))
    assert run("-q", server.url, "-w", "%{size_download}").text == "300000"
    assert run("-q", server.url, "-w", "%{http_code}").text == "200"


def test_download_size_counts_the_encoded_bytes(server: RawServer) -> None:
    coded = gzip.compress(b"x" * 10_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head + chunk(coded) + chunk(""))
    assert run("-q", server.url, "-w", "%{size_download}").text == str(len(coded))


def test_variables_describe_the_last_exchange_and_count_redirects(server: RawServer) -> None:
    server.answer(response("gone", "Location: /b", "X: 1", status="302 Found"))
    server.answer(response("hello", "X: 2"))
    result = run(
        *("-qF", f"{server.url}/a"),
        *("-w", "%{url} %{url_effective} %{num_redirects} %{size_download} %header{x}"),
    )
    assert result.text == f"{server.url}/a {server.url}/b 1 5 2"


def test_json_variable_contains_all_variables(server: RawServer) -> None:
    server.answer(response("body", "Set-Cookie: a=1", "Set-Cookie: b=2"))
    lines = run("-q", server.url, "a=1", "-w", r"%{json}\n%{header_json}").text.splitlines()
    variables, fields = map(json.loads, lines)
    assert (variables["method"], variables["size_upload"]) == ("POST", 10)
    assert (variables["remote_port"], variables["http_code"]) == (server.port, 200)
    assert variables["local_port"] == server.client_addresses[0][1]
    assert (variables["errormsg"], variables["exitcode"]) == (None, 0)
    assert fields == {"set-cookie": ["a=1", "b=2"], "content-length": ["4"]}


@pytest.mark.wide
def test_control_characters_are_escaped_on_a_terminal_only(server: RawServer) -> None:
    server.answer_always(response("", "X-T: a\x1b]0;owned\x07\udce9"))
    assert run(server.url, "-w", "%header{x-t}").out == b"a\x1b]0;owned\x07\xe9"
    with Terminal("-q", server.url, "-w", r"%header{x-t}\n%{stderr}%{header_json}") as screen:
        assert screen.wait() == 0
    assert b"\x1b]0" not in screen.raw
    assert "a\\x1b]0;owned\\x07\\xe9\n" in screen.text


@pytest.mark.parametrize(
    ("env", "options", "shown"),
    [
        ({}, [], "token=t0ken&key=…redacted… sid=1"),
        ({"CI": "true"}, [], "token=…redacted…&key=…redacted… sid=…redacted…"),
        ({"CI": "true"}, ["--show-secrets"], "token=t0ken&key=s%26cret sid=1"),
    ],
)
def test_secrets_are_redacted_for_references_and_in_ci(
    server: RawServer, env: dict[str, str], options: list[str], shown: str
) -> None:
    server.answer(response("", "Set-Cookie: sid=1"))
    result = run(
        *("-q", *options, f"http://me:pw@{server.address}/", "token==t0ken", "key==@env:K"),
        *("-w", "%{url_effective} %header{set-cookie}"),
        env={"K": "s&cret", **env},
    )
    assert result.text == f"{server.url}/?{shown}"


def test_failed_handshake_has_a_nonzero_verify_result(ca: CertificateAuthority) -> None:
    with RawServer(ca.trusted()) as tls_server_with_unknown_ca:
        tls_server_with_unknown_ca.assert_not_called()
        result = run(tls_server_with_unknown_ca.url, "-w", "%{ssl_verify_result} %{exitcode}")
    assert (result.status, result.text) == (14, "1 14")


def test_download_reports_its_saved_file_name(server: RawServer, tmp_path: Path) -> None:
    server.answer(response("content", 'Content-Disposition: attachment; filename="there.bin"'))
    result = run("-d", server.url, "-w", "%{filename_effective} %{size_download}")
    assert (result.status, result.text) == (0, "there.bin 7")
    assert (tmp_path / "there.bin").read_text() == "content"
