"""The table of exit statuses: it is complete, and a real run ends with each status.

``test_exit_causes`` tests the many causes of each status; docs/exit-statuses.md has this table.
"""

from __future__ import annotations

import re
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from httpcli.core.exit_status import ExitStatus, worst_status
from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT
from tests.support.http_connection import chunk, close, repeat_until_closed, response, stall
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process, start_process
from tests.support.servers import RawServer, refused_port

ENDLESS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    repeat_until_closed(chunk("line\n")),
)


def interrupt(server: RawServer) -> int:
    server.answer_always(stall)
    with start_process(server.url) as child:
        server.wait_for_requests()
        child.send_signal(signal.SIGINT)
        return child.wait()


def close_the_output_pipe(server: RawServer) -> int:
    server.answer_always(*ENDLESS)
    with start_process(server.url) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.close()
        return child.wait()


def close_stdout(server: RawServer) -> int:
    command = f"exec {sys.executable} -m httpcli {server.url} >&-"
    return run_process("-c", command, program=["/bin/sh"]).status


def use_a_refusing_proxy(server: RawServer) -> int:
    server.may_be_idle()
    with ProxyServer() as proxy:
        proxy.refusal = "403 Forbidden"
        return run("--proxy", proxy.url, "https://example.org").status


def after_response(*argv: str, **answer: str) -> Callable[[RawServer], int]:
    def cause(server: RawServer) -> int:
        body = answer.get("body", '{"a": ["x"]}')
        server.answer_always(response(body, status=answer.get("status", "200 OK")))
        return run(server.url, *argv).status

    return cause


def without_server(*argv: str) -> Callable[[RawServer], int]:
    def cause(server: RawServer) -> int:
        server.assert_not_called()
        return run(*(word.replace("PORT", str(refused_port())) for word in argv)).status

    return cause


def receive_a_cut_body(server: RawServer) -> int:
    server.answer_always(response("half", "Content-Length: 8"), close)
    return run(server.url).status


def follow_endless_redirects(server: RawServer) -> int:
    server.answer_always(response("", "Location: /again", status="302 Found"))
    return run("--follow", "--max-redirects=2", server.url).status


def use_an_unknown_authority(server: RawServer) -> int:
    server.may_be_idle()
    with (
        tempfile.TemporaryDirectory() as folder,
        RawServer(CertificateAuthority(Path(folder)).trusted()) as tls_server,
    ):
        tls_server.assert_not_called()
        return run(tls_server.url).status


def time_out(server: RawServer) -> int:
    server.answer_always(stall)
    return run("--timeout=0.2", server.url).status


CAUSES: dict[ExitStatus, Callable[[RawServer], int]] = {
    ExitStatus.OK: after_response(status="404 Not Found"),
    ExitStatus.FAILED: after_response("--select", "sum(a)"),
    ExitStatus.TIMED_OUT: time_out,
    ExitStatus.REDIRECTED: after_response("--check-status", status="304 Not Modified", body=""),
    ExitStatus.CLIENT_ERROR: after_response("--fail", status="404 Not Found"),
    ExitStatus.SERVER_ERROR: after_response("--check-status", status="503 Busy"),
    ExitStatus.TOO_MANY_REDIRECTS: follow_endless_redirects,
    ExitStatus.USAGE: without_server("echo:", "--expect", "status = 200"),
    ExitStatus.NAME_NOT_RESOLVED: without_server("http://no-such-host.invalid/"),
    ExitStatus.NOT_CONNECTED: without_server("http://127.0.0.1:PORT/"),
    ExitStatus.INCOMPLETE: receive_a_cut_body,
    ExitStatus.TLS: use_an_unknown_authority,
    ExitStatus.PROXY: use_a_refusing_proxy,
    ExitStatus.EXPECTATION: after_response("--expect", "status == 201"),
    ExitStatus.LOCAL: close_stdout,
    ExitStatus.INTERRUPTED: interrupt,
    ExitStatus.CLOSED_PIPE: close_the_output_pipe,
}


def test_every_status_has_a_cause() -> None:
    assert set(CAUSES) == set(ExitStatus)


@pytest.mark.parametrize("status", CAUSES, ids=lambda status: str(int(status)))
def test_real_run_ends_with_the_status(server: RawServer, status: ExitStatus) -> None:
    assert CAUSES[status](server) == status


def test_document_has_the_same_table() -> None:
    text = (ROOT / "docs" / "exit-statuses.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", text, re.MULTILINE)
    assert rows == [(str(int(status)), status.meaning) for status in ExitStatus]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), 0),
        ((0, 16), 16),
        ((16, 3), 3),
        ((3, 4), 4),
        ((4, 5), 5),
        ((5, 6), 6),
        ((6, 2), 2),
        ((2, 17), 17),
        ((17, 15), 15),
        ((12, 11, 14), 11),
        ((10, 1), 1),
        ((1, 130), 130),
    ],
)
def test_worst_of_several_statuses_is_chosen(statuses: tuple[int, ...], expected: int) -> None:
    assert worst_status(status for status in ExitStatus if status in statuses) == expected


@pytest.mark.parametrize(
    ("http", "status", "failed"),
    [("302", 3, True), ("404", 4, True), ("503", 5, True), ("200", 0, False), ("600", 0, False)],
)
def test_fail_option_drops_the_body_of_an_error(
    server: RawServer, http: str, status: int, failed: bool
) -> None:
    server.answer(response("body", status=f"{http} Reason"))
    result = run("--fail", server.url)
    assert (result.status, result.out) == (status, b"" if failed else b"body")
    assert result.err == (f"httpcli: warning: HTTP {http} Reason\n" if failed else "")


def test_fail_option_shows_the_requested_headers(server: RawServer) -> None:
    server.answer(response("body", "X-A: 1", status="404 Not Found"))
    result = run("--fail", "-p", "hb", server.url)
    assert result.text.startswith("HTTP/1.1 404 Not Found\r\n")
    assert "body" not in result.text


def test_fail_option_does_not_wait_for_the_dropped_body(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n", ENDLESS[1])
    assert run("--fail", server.url).status == 4


def test_fail_option_with_follow_accepts_304(server: RawServer) -> None:
    server.answer(response(status="304 Not Modified"))
    assert run("--fail", "-F", server.url).status == 0


def test_fail_option_keeps_the_output_file(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("good")
    server.answer(response("an error", status="500 Oh No"))
    result = run("--fail", server.url, "-o", "f")
    assert (result.status, result.out) == (5, b"")
    assert "an error" not in result.err
    assert (tmp_path / "f").read_text() == "good"
