"""When a failed request is sent again, and after what wait: a table, no clock and no dice."""

from __future__ import annotations

import pytest

from httpcli.core.body import Bytes, Stdin
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.core.retry import BY_DEFAULT, WORDS, Retry
from httpcli.core.url import Url
from httpcli.protocol.retries import Failure, answer_of, backoff, decide, failure_of, retry_after

HERE = Url("http", "here")
GET = Request("GET", HERE)
POST = Request("POST", HERE, body=Bytes(b"x"))
PIPED = Request("PUT", HERE, body=Stdin())
TWICE = Retry(most=2)
LOST = Failure("connect")
REFUSED = Failure("connect", unsent=True)


def test_by_default_it_is_the_statuses_that_pass_and_every_failure_to_connect_or_end() -> None:
    statuses = {str(each) for each in range(100, 600) if TWICE.covers(str(each))}
    assert statuses == {"408", "425", "429", "500", "502", "503", "504", "522", "524"}
    assert BY_DEFAULT - statuses == WORDS.keys() - {"expect"}


def test_a_list_takes_the_place_of_the_default_and_may_name_a_class() -> None:
    retry = Retry(on=frozenset({"5xx", "404"}))
    assert [each for each in ("404", "501", "599", "429", "connect") if retry.covers(each)] == [
        "404",
        "501",
        "599",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_what_may_be_done_twice_is_sent_again(method: str) -> None:
    assert decide(TWICE, Request(method, HERE), LOST, 1, 0, 0.5).wait == 0.5


@pytest.mark.parametrize("method", ["POST", "PATCH", "get", "LOCK"])
def test_what_may_have_been_done_is_not_sent_again_and_the_user_hears_why(method: str) -> None:
    decision = decide(TWICE, Request(method, HERE), LOST, 1, 0, 0.5)
    assert decision.wait is None
    assert decision.why == f"{method} may have been done; --retry-unsafe repeats it"


@pytest.mark.parametrize(
    ("retry", "request_", "failure"),
    [
        pytest.param(TWICE, POST, REFUSED, id="nobody has seen it"),
        pytest.param(TWICE._replace(unsafe=True), POST, LOST, id="the user says so"),
        pytest.param(
            TWICE,
            POST._replace(fields=Fields([Field("idempotency-key", "1")])),
            LOST,
            id="a key makes it one",
        ),
        pytest.param(TWICE, PIPED, REFUSED, id="nothing was read of the body"),
    ],
)
def test_a_post_is_sent_again_where(retry: Retry, request_: Request, failure: Failure) -> None:
    assert decide(retry, request_, failure, 1, 0, 0.5).wait == 0.5


def test_a_body_that_is_gone_cannot_be_sent_again() -> None:
    decision = decide(TWICE, PIPED, LOST, 1, 0, 0.5)
    assert decision.wait is None
    assert "--spool" in decision.why


def test_the_tries_are_counted() -> None:
    waits = [decide(TWICE, GET, LOST, tries, 0, 0.5).wait for tries in (1, 2, 3)]
    assert waits == [0.5, 1.0, None]


@pytest.mark.parametrize("kind", ["", "404", "expect"])
def test_what_does_not_pass_is_final_without_a_word(kind: str) -> None:
    assert decide(TWICE, GET, Failure(kind), 1, 0, 0.5) == (None, "")


def test_the_wait_doubles_up_to_a_minute_and_the_dice_take_from_it() -> None:
    longest = [backoff(Retry(), tries, 1.0) for tries in (1, 2, 3, 4, 5, 6, 7, 8, 1000)]
    assert longest == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff(Retry(), 5, 0.25) == 4
    assert backoff(Retry(), 5, 0.0) == 0


def test_a_delay_that_is_typed_is_constant() -> None:
    assert {backoff(Retry(delay=3), tries, 0.1) for tries in (1, 5, 9)} == {3}


def test_a_wait_beyond_the_last_moment_ends_it_at_once() -> None:
    short = TWICE._replace(within=10)
    assert decide(short, GET, Failure("503", after=5), 1, 5, 0.5).wait == 5
    late = decide(short, GET, Failure("503", after=5), 1, 5.1, 0.5)
    assert late.wait is None
    assert "--retry-max-time=10" in late.why
    assert decide(short._replace(within=None), GET, Failure("503", after=9e9), 1, 0, 0).wait == 9e9


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


def test_retry_after_sets_the_wait_but_makes_nothing_retryable() -> None:
    fields = Fields([Field("Retry-After", "9")])
    waits = [
        decide(TWICE, GET, answer_of(ResponseStarted("1.1", status, "", fields, HERE), 0), 1, 0, 0)
        for status in (503, 404)
    ]
    assert [each.wait for each in waits] == [9, None]


def test_an_error_says_itself_whether_it_may_pass() -> None:
    assert failure_of(HttpcliError("no").may_pass("connect", unsent=True)) == REFUSED
    assert failure_of(HttpcliError("no")) == Failure("")
