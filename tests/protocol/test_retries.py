"""When a failed request is retried, and after what wait: tables without clock or randomness."""

from __future__ import annotations

import pytest

from httpcli.core.body import BytesBody, StdinBody
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.plan_options import CONDITIONS, DEFAULT_CONDITIONS, RetryPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.retries import (
    Decision,
    Failure,
    backoff,
    decide,
    failure_of_error,
    failure_of_response,
    retry_after,
)

HERE = Url("http", "here")
GET = Request("GET", HERE)
POST = Request("POST", HERE, body=BytesBody(b"x"))
PIPED = Request("PUT", HERE, body=StdinBody())
TWICE = RetryPolicy(max_retries=2)
LOST = Failure("connect")
REFUSED = Failure("connect", unsent=True)


def test_default_covers_transient_statuses_and_connection_failures() -> None:
    statuses = {str(each) for each in range(100, 600) if TWICE.covers(str(each))}
    assert statuses == {"408", "425", "429", "500", "502", "503", "504", "522", "524"}
    assert DEFAULT_CONDITIONS - statuses == CONDITIONS.keys() - {"expect"}


def test_retry_on_replaces_the_default_and_accepts_classes() -> None:
    retry = RetryPolicy(conditions=frozenset({"5xx", "404"}))
    assert [each for each in ("404", "501", "599", "429", "connect") if retry.covers(each)] == [
        "404",
        "501",
        "599",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_idempotent_request_is_retried(method: str) -> None:
    assert decide(TWICE, Request(method, HERE), LOST, 1, 0, 0.5).wait == 0.5


@pytest.mark.parametrize("method", ["POST", "PATCH", "get", "LOCK"])
def test_unsafe_request_is_not_retried_and_says_why(method: str) -> None:
    decision = decide(TWICE, Request(method, HERE), LOST, 1, 0, 0.5)
    assert decision.wait is None
    assert decision.reason == (
        f"{method} may already have taken effect; to retry anyway: --retry-unsafe"
    )


@pytest.mark.parametrize(
    ("retry", "request_", "failure"),
    [
        pytest.param(TWICE, POST, REFUSED, id="never sent"),
        pytest.param(TWICE._replace(retry_unsafe=True), POST, LOST, id="--retry-unsafe"),
        pytest.param(
            TWICE,
            POST._replace(fields=Fields([Field("idempotency-key", "1")])),
            LOST,
            id="idempotency key",
        ),
        pytest.param(TWICE, PIPED, REFUSED, id="body not read yet"),
    ],
)
def test_unsafe_request_is_retried_if_safe_or_allowed(
    retry: RetryPolicy, request_: Request, failure: Failure
) -> None:
    assert decide(retry, request_, failure, 1, 0, 0.5).wait == 0.5


def test_consumed_stdin_body_cannot_be_sent_again() -> None:
    decision = decide(TWICE, PIPED, LOST, 1, 0, 0.5)
    assert decision.wait is None
    assert "--spool" in decision.reason


def test_attempts_are_counted() -> None:
    waits = [decide(TWICE, GET, LOST, tries, 0, 0.5).wait for tries in (1, 2, 3)]
    assert waits == [0.5, 1.0, None]


@pytest.mark.parametrize("kind", ["", "404", "expect"])
def test_permanent_failure_is_not_retried_and_gives_no_reason(kind: str) -> None:
    assert decide(TWICE, GET, Failure(kind), 1, 0, 0.5) == Decision(None)


def test_wait_doubles_up_to_a_minute_and_is_scaled_randomly() -> None:
    longest = [backoff(RetryPolicy(), tries, 1.0) for tries in (1, 2, 3, 4, 5, 6, 7, 8, 1000)]
    assert longest == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff(RetryPolicy(), 5, 0.25) == 4
    assert backoff(RetryPolicy(), 5, 0.0) == 0


def test_retry_delay_is_constant() -> None:
    assert {backoff(RetryPolicy(delay=3), tries, 0.1) for tries in (1, 5, 9)} == {3}


def test_wait_beyond_retry_max_time_is_not_started() -> None:
    short = TWICE._replace(max_time=10)
    assert decide(short, GET, Failure("503", retry_after=5), 1, 5, 0.5).wait == 5
    late = decide(short, GET, Failure("503", retry_after=5), 1, 5.1, 0.5)
    assert late.wait is None
    assert "--retry-max-time=10" in late.reason
    assert (
        decide(short._replace(max_time=None), GET, Failure("503", retry_after=9e9), 1, 0, 0).wait
        == 9e9
    )


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
        ("Sun Nov  6 08:49:37 1994", 37),
        ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, wait: float | None) -> None:
    assert retry_after(Fields([Field("Retry-After", value)]), 784111740.0) == wait


def test_retry_after_sets_the_wait_but_causes_no_retry() -> None:
    fields = Fields([Field("Retry-After", "9")])
    waits = [
        decide(
            TWICE,
            GET,
            failure_of_response(ResponseStarted("1.1", status, "", fields, HERE), 0),
            1,
            0,
            0,
        )
        for status in (503, 404)
    ]
    assert [each.wait for each in waits] == [9, None]


def test_failure_is_transient_only_if_the_error_is() -> None:
    assert failure_of_error(HttpcliError("no").as_transient("connect", unsent=True)) == REFUSED
    assert failure_of_error(HttpcliError("no")) == Failure("")


@pytest.mark.parametrize(
    ("decision", "notice"),
    [
        (Decision(0.25, retries_left=2), "busy; retrying in 0.25 s (2 left)"),
        (Decision(300, retries_left=1), "busy; retrying in 300 s (1 left)"),
        (
            Decision(86400, retries_left=0),
            "busy; retrying in 86400 s (last attempt)",
        ),
        (Decision(None, "too late"), "busy; not retried: too late"),
        (Decision(None), ""),
    ],
)
def test_notice_reports_the_wait_without_an_exponent(decision: Decision, notice: str) -> None:
    assert decision.notice("busy") == notice
