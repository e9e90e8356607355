"""Poll until ready: a request is made again until what is expected holds."""

from __future__ import annotations

import time

from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.wire import Connection, response

JSON = "Content-Type: application/json"
POLL = ("--retry=5", "--retry-delay=0.01", "--retry-on=expect")


def slowly(_: Connection) -> None:
    time.sleep(0.4)


def test_it_is_asked_until_the_answer_is_as_expected(server: RawServer) -> None:
    for state in ("queued", "running", "done"):
        server.answer(response(f'{{"state": "{state}"}}', JSON))
    result = run(*POLL, server.url, "--expect", 'json.state == "done"', "-w", "|%{num_retries}")
    assert (result.status, result.text) == (0, '{"state": "done"}|2')
    assert len(server.requests) == 3
    lines = result.err.splitlines()
    assert len(lines) == 2
    assert 'expected json.state == "done", got "queued"; trying again in ' in lines[0]


def test_when_no_try_is_left_the_last_answer_is_delivered_and_judged(server: RawServer) -> None:
    server.always(response("no"))
    result = run("--retry=1", *POLL[1:], server.url, "--expect", "body == yes")
    assert (result.status, result.text) == (16, "no")
    assert result.err.splitlines()[-1] == 'httpcli: error: expected body == yes, got "no"'
    assert len(server.requests) == 2


def test_a_try_is_judged_by_its_own_time_and_its_own_redirects(server: RawServer) -> None:
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(slowly, response("slow"))
    server.answer(response("", "Location: /b", status="302 Found"))
    server.answer(response("quick"))
    result = run(
        *(*POLL, "-F", server.url),
        *("--expect", "time < 300ms", "--expect", "time.ttfb < 300ms"),
        *("--expect", "redirects == 1"),
    )
    assert (result.status, result.text) == (0, "quick")
    assert len(server.requests) == 4


def test_the_last_answer_is_judged_by_the_time_that_it_took_not_by_when_it_is_shown(
    server: RawServer,
) -> None:
    server.answer(slowly, response("slow"))
    result = run("--spool", server.url, "--expect", "time < 300ms")
    assert (result.status, result.text) == (16, "slow")


def test_to_wait_for_nothing_is_a_usage_error(server: RawServer) -> None:
    server.must_be_idle()
    result = run(*POLL, server.url)
    assert (result.status, result.out) == (10, b"")
    assert "nothing is expected" in result.err
