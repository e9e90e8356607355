"""``--retry-on=expect`` repeats a request until its expectations are met."""

from __future__ import annotations

import time

import pytest

from tests.support.http_connection import ClientConnection, response
from tests.support.run import run
from tests.support.servers import RawServer

JSON = "Content-Type: application/json"
POLL = ("--retry=5", "--retry-delay=0.01", "--retry-on=expect")


def delay(_: ClientConnection) -> None:
    time.sleep(0.4)


def long_delay(_: ClientConnection) -> None:
    time.sleep(3.2)


def test_request_is_repeated_until_the_expectations_are_met(server: RawServer) -> None:
    for state in ("queued", "running", "done"):
        server.answer(response(f'{{"state": "{state}"}}', JSON))
    result = run(*POLL, server.url, "--expect", 'json.state == "done"', "-w", "|%{num_retries}")
    assert (result.status, result.text) == (0, '{"state": "done"}|2')
    assert len(server.requests) == 3
    lines = result.err.splitlines()
    assert len(lines) == 2
    assert 'expected json.state == "done", got "queued"; retrying in ' in lines[0]


def test_last_response_is_printed_and_checked_when_retries_run_out(server: RawServer) -> None:
    server.answer_always(response("no"))
    result = run("--retry=1", *POLL[1:], server.url, "--expect", "body == yes")
    assert (result.status, result.text) == (16, "no")
    assert result.err.splitlines()[-1] == 'httpcli: error: expected body == yes, got "no"'
    assert len(server.requests) == 2


@pytest.mark.wide
def test_each_attempt_is_checked_with_its_own_time_and_redirects(server: RawServer) -> None:
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(long_delay, response("slow"))
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(response("quick"))
    result = run(
        *(*POLL, "-F", server.url),
        *("--expect", "time < 3s", "--expect", "time.ttfb < 3s"),
        *("--expect", "redirects == 1"),
    )
    assert (result.status, result.text) == (0, "quick")
    assert len(server.requests) == 4


def test_time_check_measures_the_response_and_not_the_output(
    server: RawServer,
) -> None:
    server.answer(delay, response("slow"))
    result = run("--spool", server.url, "--expect", "time < 300ms")
    assert (result.status, result.text) == (16, "slow")


def test_retry_on_expect_without_expect_is_a_usage_error(server: RawServer) -> None:
    server.assert_not_called()
    result = run(*POLL, server.url)
    assert (result.status, result.out) == (10, b"")
    assert "--retry-on=expect needs --expect" in result.err
