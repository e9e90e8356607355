"""Retries of transient failures, with servers that fail on purpose."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from email.utils import formatdate

import pytest

from tests.support.dns import name_server
from tests.support.http_connection import (
    chunk,
    close,
    reset,
    response,
    stall,
    wait_for_event,
)
from tests.support.other_programs import require_library
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, refused_port

NO_DELAY = ("--retry=3", "--retry-delay=0")
BUSY = response("busy", status="503 Service Unavailable")


def fail_then_succeed(server: RawServer, times: int = 2) -> None:
    for _ in range(times):
        server.answer(BUSY)
    server.answer(response("done\n"))


def test_transient_status_is_retried_and_only_the_last_response_shown(
    server: RawServer,
) -> None:
    fail_then_succeed(server)
    result = run(*NO_DELAY, server.url)
    assert (result.status, result.text) == (0, "done\n")
    assert result.err.splitlines() == [
        f"httpcli: {server.address}: HTTP 503 Service Unavailable; retrying in 0 s ({left})"
        for left in ("2 left", "1 left")
    ]
    assert {request.connection for request in server.requests} == {0}


def test_nothing_is_retried_by_default(server: RawServer) -> None:
    fail_then_succeed(server)
    assert run(server.url).text == "busy"
    assert len(server.requests) == 1


def test_last_failed_response_is_shown(server: RawServer) -> None:
    server.answer_always(BUSY)
    result = run("--retry=1", "--retry-delay=0", "--check-status", server.url)
    assert (result.status, result.text) == (5, "busy")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(
            [close], ": the server closed the connection without a response", id="closed"
        ),
        pytest.param([reset], "connection reset", id="reset"),
        pytest.param([stall], "timed out: no response from the server", id="no response"),
        pytest.param([response("whole")[:-5], close], "incomplete", id="cut before the body"),
        pytest.param(
            [response("", "Transfer-Encoding: chunked"), close],
            "incomplete",
            id="cut before the first chunk",
        ),
        pytest.param(
            [response("whole")[:-5], stall],
            "the server stopped sending in the middle of the body",
            id="silent before the body",
        ),
    ],
)
def test_transient_failure_is_retried(
    server: RawServer, fault: list[object], message: str
) -> None:
    server.answer(*fault)  # type: ignore[arg-type]
    result = run(*NO_DELAY, "--timeout=0.3", "--print=hb", server.url)
    assert result.status == 0
    assert result.text.endswith("\r\n\r\nok\n")
    assert result.text.count("HTTP/1.1") == 1
    assert message in result.err
    assert len(server.requests) == 2


@pytest.mark.wide
def test_refused_connection_is_retried_until_the_server_listens() -> None:
    port = refused_port()
    listening: list[RawServer] = []

    class Late(RawServer):
        def _create_listener(self, host: str) -> socket.socket:
            return socket.create_server((host, port))

    with start_process("--retry=20", "--retry-delay=0.1", f"127.0.0.1:{port}/") as child:
        assert child.stderr is not None
        assert b"connection refused; retrying" in child.stderr.readline()
        with Late() as late:
            listening.append(late)
            out, _ = child.communicate(timeout=20)
    assert (child.returncode, out) == (0, b"ok\n")


def test_request_is_not_retried_after_its_body_was_printed(server: RawServer) -> None:
    server.answer(response("half and more")[:-4], close)
    result = run(*NO_DELAY, server.url)
    assert (result.status, result.text) == (13, "half and ")
    assert "; not retried, because part of the response was already written" in result.err
    assert "--spool" in result.err
    assert len(server.requests) == 1


def test_spooled_body_is_printed_when_complete(server: RawServer) -> None:
    server.answer(response("half and more")[:-4], close)
    server.answer(response("half and more"))
    result = run(*NO_DELAY, "--spool", server.url)
    assert (result.status, result.text) == (0, "half and more")


def test_incomplete_spooled_body_is_not_printed(server: RawServer) -> None:
    server.answer(response("half and more")[:-4], close)
    result = run("--spool", "--print=hb", server.url)
    assert (result.status, result.out) == (13, b"")
    assert "incomplete" in result.err


def test_large_response_is_spooled_unchanged(server: RawServer) -> None:
    pieces = [bytes([number]) * 300_000 for number in range(20)]
    server.answer(response("", "Transfer-Encoding: chunked"), *map(chunk, pieces), chunk(b""))
    assert run("--spool", server.url).out == b"".join(pieces)


def test_unsafe_request_is_not_retried_and_says_why(server: RawServer) -> None:
    server.answer_always(BUSY)
    result = run(*NO_DELAY, server.url, "a=b")
    assert result.text == "busy"
    assert "POST may already have taken effect; to retry anyway: --retry-unsafe" in result.err
    assert len(server.requests) == 1


@pytest.mark.parametrize("options", [("--retry-unsafe",), ("Idempotency-Key:7",)])
def test_unsafe_request_is_retried_when_allowed(
    server: RawServer, options: tuple[str, ...]
) -> None:
    fail_then_succeed(server)
    result = run(*NO_DELAY, "POST", server.url, "a=b", *options)
    assert result.text == "done\n"
    assert [request.json for request in server.requests] == [{"a": "b"}] * 3


def test_unsafe_request_that_was_never_sent_is_retried() -> None:
    result = run(*NO_DELAY, f"127.0.0.1:{refused_port()}/", "a=b")
    assert result.status == 12
    assert result.err.count("retrying") == 3


def test_retry_on_replaces_the_default_conditions(server: RawServer) -> None:
    server.answer(response("", status="404 Not Found"))
    server.answer(BUSY)
    result = run(*NO_DELAY, "--retry-on=404,connect", server.url)
    assert result.text == "busy"
    assert len(server.requests) == 2


@pytest.mark.parametrize("value", ["", "teapot", "99", "6xx", "429;503", "5x"])
def test_unknown_retry_condition_is_a_usage_error(value: str) -> None:
    result = run("--retry=1", f"--retry-on={value}", ":/")
    assert result.status == 10
    assert "--retry-on: unknown condition" in result.err


@pytest.mark.wide
def test_retry_after_sets_the_delay(server: RawServer) -> None:
    server.answer(response("", "Retry-After: 1", status="429 Too Many Requests"))
    began = time.monotonic()
    result = run("--retry=1", "--retry-delay=0", server.url)
    assert time.monotonic() - began >= 1
    assert "retrying in 1 s (last attempt)" in result.err


@pytest.mark.wide
def test_retry_after_date_sets_the_delay(server: RawServer) -> None:
    date = formatdate(time.time() + 90, usegmt=True)
    server.answer(response("", f"Retry-After: {date}", status="503 Busy"))
    with start_process("--retry=1", "--retry-delay=0", server.url) as child:
        assert child.stderr is not None
        line = child.stderr.readline().decode()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=TIMEOUT)
    delay = re.search(r"retrying in (\d+(?:\.\d+)?) s", line)
    assert delay is not None, line
    assert 45 < float(delay[1]) <= 90


def test_unknown_host_name_is_not_retried() -> None:
    require_library("aiodns")
    with name_server({}) as names:
        result = run(*NO_DELAY, "--dns-server", names.address, "http://h.test/")
        asked = len(names.questions)
    assert result.status == 11
    assert "retrying" not in result.err
    assert asked <= 2  # an A and an AAAA


@pytest.mark.wide
def test_silent_dns_server_is_retried() -> None:
    require_library("aiodns")
    with name_server({"h.test": None}) as names:
        options = ("--retry=1", "--retry-delay=0", "--connect-timeout=0.3")
        result = run(*options, "--dns-server", names.address, "http://h.test/")
    assert result.status in (2, 11)
    assert result.err.count("retrying in 0 s") == 1


def test_too_long_delay_ends_the_run_immediately(server: RawServer) -> None:
    server.answer_always(
        response("slow down", "Retry-After: 3600", status="429 Too Many Requests")
    )
    result = run("--retry=9", server.url)
    assert result.text == "slow down"
    assert "--retry-max-time=600" in result.err
    assert len(server.requests) == 1


@pytest.mark.wide
def test_max_time_covers_all_attempts(server: RawServer) -> None:
    server.answer_always(BUSY)
    result = run("--retry=9", "--retry-delay=60", "--max-time=0.3", server.url)
    assert result.status == 2
    assert "timed out after 0.3 s (waiting to retry)" in result.err


def test_ctrl_c_ends_the_retry_delay(server: RawServer) -> None:
    server.answer_always(BUSY)
    with start_process("--retry=9", "--retry-delay=60", server.url) as child:
        assert child.stderr is not None
        assert b"retrying in 60 s" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=5)
    assert out == b""
    assert child.returncode in (130, -signal.SIGINT)


def test_only_the_failed_redirect_hop_is_retried(server: RawServer) -> None:
    server.answer(response("", "Location: /there", status="302 Found"))
    fail_then_succeed(server)
    result = run(*NO_DELAY, "--follow", server.url)
    assert result.text == "done\n"
    assert [request.target for request in server.requests] == ["/", *["/there"] * 3]


def test_retries_are_counted_over_all_hops(server: RawServer) -> None:
    server.answer(BUSY).answer(BUSY)
    server.answer(response("", "Location: /there", status="302 Found"))
    server.answer(BUSY).answer(BUSY)
    result = run(*NO_DELAY, "--follow", server.url)
    assert result.text == "busy"
    assert len(server.requests) == 5


def test_cookie_of_a_failed_attempt_is_sent_with_the_next(server: RawServer) -> None:
    server.answer(response("", "Set-Cookie: a=b", status="503 Busy"))
    run(*NO_DELAY, "--follow", server.url)
    assert [request.header("Cookie") for request in server.requests] == [None, "a=b"]


@pytest.mark.parametrize("options", [("-v",), ("-v", "--all")])
def test_headers_of_failed_attempts_go_to_stderr(
    server: RawServer, options: tuple[str, ...]
) -> None:
    server.answer(response("secret\n", "X-Why: tired", status="503 Busy"))
    result = run(*NO_DELAY, *options, server.url, "a=b", "--retry-unsafe")
    assert result.text.count("POST / HTTP/1.1") == 1
    assert result.text.count("HTTP/1.1 ") == 1
    assert "X-Why" not in result.text
    assert "X-Why: tired" in result.err
    assert "secret" not in result.err


def test_quiet_hides_the_retry_messages(server: RawServer) -> None:
    fail_then_succeed(server)
    assert run(*NO_DELAY, "-q", server.url).err == ""


@pytest.mark.wide
def test_unfinished_error_body_is_not_waited_for(server: RawServer) -> None:
    server.answer(response("busy", status="503 Busy")[:-1], stall)
    assert run(*NO_DELAY, server.url).text == "ok\n"


def test_headers_are_printed_without_waiting_for_the_body(server: RawServer) -> None:
    shown = threading.Event()
    server.answer(response("late")[:-4], wait_for_event(shown), b"late")
    with start_process(*NO_DELAY, "-h", server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"HTTP/1.1 200 OK\r\n"
        shown.set()
        assert child.wait(TIMEOUT) == 0


def test_request_on_a_new_connection_that_closes_is_sent_once(server: RawServer) -> None:
    server.answer_always(close)
    result = run(server.url)
    assert result.status == 12
    assert len(server.requests) == 1


def test_idle_connection_closed_by_the_server_is_replaced(server: RawServer) -> None:
    server.answer(response("", "Location: /there", status="302 Found"))
    server.answer(close)
    assert run("--follow", server.url).text == "ok\n"
    assert [request.target for request in server.requests] == ["/", "/there", "/there"]
