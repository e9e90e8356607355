"""One real run for every row of the exit statuses: the table is whole, and every row can happen.

``test_exits`` has the many ways to each of them; docs/exit-statuses.md is about this table.
"""

from __future__ import annotations

import re
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from httpcli.core.exit_status import ExitStatus, worst
from tests.support.certificates import Authority
from tests.support.environment import ROOT
from tests.support.proxy import Proxy
from tests.support.run import process, run, started
from tests.support.servers import RawServer, refused_port
from tests.support.wire import chunk, close, for_ever, response, stall

ENDLESS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    for_ever(chunk("line\n")),
)


def interrupted(server: RawServer) -> int:
    server.always(stall)
    with started(server.url) as child:
        server.wait_for_requests()
        child.send_signal(signal.SIGINT)
        return child.wait()


def left_by_its_reader(server: RawServer) -> int:
    server.always(*ENDLESS)
    with started(server.url) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.close()
        return child.wait()


def without_stdout(server: RawServer) -> int:
    command = f"exec {sys.executable} -m httpcli {server.url} >&-"
    return process("-c", command, program=["/bin/sh"]).status


def by_proxy(server: RawServer) -> int:
    server.may_be_idle()
    with Proxy() as proxy:
        proxy.refusal = "403 Forbidden"
        return run("--proxy", proxy.url, "https://example.org").status


def answered(*argv: str, **answer: str) -> Callable[[RawServer], int]:
    def provoke(server: RawServer) -> int:
        body = answer.get("body", '{"a": ["x"]}')
        server.always(response(body, status=answer.get("status", "200 OK")))
        return run(server.url, *argv).status

    return provoke


def unreached(*argv: str) -> Callable[[RawServer], int]:
    def provoke(server: RawServer) -> int:
        server.must_be_idle()
        return run(*(word.replace("PORT", str(refused_port())) for word in argv)).status

    return provoke


def cut(server: RawServer) -> int:
    server.always(response("half", "Content-Length: 8"), close)
    return run(server.url).status


def redirected_for_ever(server: RawServer) -> int:
    server.always(response("", "Location: /again", status="302 Found"))
    return run("--follow", "--max-redirects=2", server.url).status


def untrusted(server: RawServer) -> int:
    server.may_be_idle()
    with (
        tempfile.TemporaryDirectory() as folder,
        RawServer(Authority(Path(folder)).trusted()) as secured,
    ):
        secured.must_be_idle()
        return run(secured.url).status


def too_late(server: RawServer) -> int:
    server.always(stall)
    return run("--timeout=0.2", server.url).status


PROVOKED: dict[ExitStatus, Callable[[RawServer], int]] = {
    ExitStatus.OK: answered(status="404 Not Found"),
    ExitStatus.FAILED: answered("--select", "sum(a)"),
    ExitStatus.TIMED_OUT: too_late,
    ExitStatus.REDIRECTED: answered("--check-status", status="304 Not Modified", body=""),
    ExitStatus.CLIENT_ERROR: answered("--fail", status="404 Not Found"),
    ExitStatus.SERVER_ERROR: answered("--check-status", status="503 Busy"),
    ExitStatus.TOO_MANY_REDIRECTS: redirected_for_ever,
    ExitStatus.USAGE: unreached("echo:", "--expect", "status = 200"),
    ExitStatus.NAME_NOT_RESOLVED: unreached("http://no-such-host.invalid/"),
    ExitStatus.NOT_CONNECTED: unreached("http://127.0.0.1:PORT/"),
    ExitStatus.INCOMPLETE: cut,
    ExitStatus.TLS: untrusted,
    ExitStatus.PROXY: by_proxy,
    ExitStatus.EXPECTATION: answered("--expect", "status == 201"),
    ExitStatus.LOCAL: without_stdout,
    ExitStatus.INTERRUPTED: interrupted,
    ExitStatus.CLOSED_PIPE: left_by_its_reader,
}


def test_the_table_is_whole() -> None:
    assert set(PROVOKED) == set(ExitStatus)


@pytest.mark.parametrize("status", PROVOKED, ids=lambda status: str(int(status)))
def test_a_status_can_be_met(server: RawServer, status: ExitStatus) -> None:
    assert PROVOKED[status](server) == status


def test_the_document_has_the_same_table() -> None:
    text = (ROOT / "docs" / "exit-statuses.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", text, re.MULTILINE)
    assert rows == [(str(int(status)), status.meaning) for status in ExitStatus]


@pytest.mark.parametrize(
    ("statuses", "decides"),
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
def test_of_several_the_worst_decides(statuses: tuple[int, ...], decides: int) -> None:
    assert worst(status for status in ExitStatus if status in statuses) == decides


@pytest.mark.parametrize(
    ("http", "status", "told"),
    [("302", 3, True), ("404", 4, True), ("503", 5, True), ("200", 0, False), ("600", 0, False)],
)
def test_fail_drops_the_body_of_what_fails(
    server: RawServer, http: str, status: int, told: bool
) -> None:
    server.answer(response("body", status=f"{http} Reason"))
    result = run("--fail", server.url)
    assert (result.status, result.out) == (status, b"" if told else b"body")
    assert result.err == (f"httpcli: warning: HTTP {http} Reason\n" if told else "")


def test_fail_shows_the_head_that_was_asked_for(server: RawServer) -> None:
    server.answer(response("body", "X-A: 1", status="404 Not Found"))
    result = run("--fail", "-p", "hb", server.url)
    assert result.text.startswith("HTTP/1.1 404 Not Found\r\n")
    assert "body" not in result.text


def test_fail_does_not_wait_for_the_body_that_it_drops(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n", ENDLESS[1])
    assert run("--fail", server.url).status == 4


def test_fail_while_following_lets_304_be(server: RawServer) -> None:
    server.answer(response(status="304 Not Modified"))
    assert run("--fail", "-F", server.url).status == 0


def test_fail_writes_nothing_anywhere_in_place_of_a_file(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("good")
    server.answer(response("an error", status="500 Oh No"))
    result = run("--fail", server.url, "-o", "f")
    assert (result.status, result.out) == (5, b"")
    assert "an error" not in result.err
    assert (tmp_path / "f").read_text() == "good"
