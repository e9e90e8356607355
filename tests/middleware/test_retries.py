"""The retry and polling middleware, with a scripted Send, clock and random factor."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial

import pytest

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import Send
from httpcli.core.plan_options import DEFAULT_CONDITIONS, RetryPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.middleware.retries import Retries, RetryClock, with_polling, with_retries
from httpcli.report.expectation_checks import ExpectationChecker
from httpcli.storage.spool import DiskEventBuffer
from httpcli.syntax.expectations import parse_expectation

GET = Request("GET", Url("http", "here"))
Result = int | tuple[int, str] | HttpcliError


def script(*results: Result) -> Send:
    """Return a Send with one result for each request: a status, with Retry-After, or an error."""
    left = iter(results)

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        result = next(left)
        yield RequestStarted(request.method, request.url.target, request.url, request.fields)
        if isinstance(result, HttpcliError):
            raise result
        status, after = result if isinstance(result, tuple) else (result, "")
        fields = Fields([Field("Retry-After", after)] if after else [])
        yield ResponseStarted("1.1", status, "", fields, request.url)
        yield ResponseChunk(str(status).encode())
        yield ResponseEnded(0.0)

    return send


class FakeClock:
    """A clock that only waiting advances, with a constant random factor."""

    def __init__(self, factor: float = 0.5) -> None:
        self.time = 1000.0
        self.waits: list[float] = []
        self.messages: list[str] = []
        self._factor = factor

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def retries(
        self,
        retry: RetryPolicy,
        make_buffer: Callable[[], DiskEventBuffer] | None = None,
        make_checks: Callable[[], ExpectationChecker] | None = None,
    ) -> Retries:
        now = partial(getattr, self, "time")
        clock = RetryClock(now, now, lambda: self._factor, self.sleep)
        return Retries(retry, clock, self.messages.append, make_buffer, make_checks)


def status_200() -> ExpectationChecker:
    return ExpectationChecker([parse_expectation("status == 200", lambda _path: b"")])


def connection_error() -> HttpcliError:
    return HttpcliError("lost", status=ExitStatus.NOT_CONNECTED).as_transient(CONNECT_FAILURE)


async def passed_on(send: Send, request: Request = GET) -> list[str]:
    """Return the events passed on, as text: statuses, bodies, and retries."""
    lines = []
    async for event in send(request):
        match event:
            case ResponseStarted(status=status):
                lines.append(f"status {status}")
            case ResponseChunk(data):
                lines.append(data.decode())
            case Retrying(retries_left=left):
                lines.append(f"retry, {left} left")
    return lines


async def test_failed_attempts_are_not_passed_on() -> None:
    clock = FakeClock()
    send = with_retries(
        script(503, connection_error(), 200), clock.retries(RetryPolicy(max_retries=5))
    )
    assert await passed_on(send) == ["retry, 4 left", "retry, 3 left", "status 200", "200"]
    assert clock.waits == [0.5, 1.0]


async def test_waits_follow_retry_after_and_the_backoff() -> None:
    clock = FakeClock(factor=0.25)
    results: list[Result] = [(503, "7"), 503, (429, "Thu, 01 Jan 1970 00:17:00 GMT"), 200]
    await passed_on(with_retries(script(*results), clock.retries(RetryPolicy(max_retries=5))))
    assert clock.waits == [7.0, 0.5, 1020 - 1007.5]


async def test_no_attempt_starts_after_retry_max_time() -> None:
    clock = FakeClock()
    retry = RetryPolicy(max_retries=99, delay=4, max_time=10)
    assert (await passed_on(with_retries(script(*[503] * 99), clock.retries(retry))))[-2:] == [
        "status 503",
        "503",
    ]
    assert clock.waits == [4, 4]
    assert "--retry-max-time=10" in clock.messages[-1]


async def test_last_failure_is_raised_unchanged() -> None:
    clock = FakeClock()
    send = with_retries(
        script(connection_error(), connection_error()), clock.retries(RetryPolicy(max_retries=1))
    )
    with pytest.raises(HttpcliError, match="lost") as caught:
        await passed_on(send)
    assert (caught.value.message, caught.value.status) == ("lost", ExitStatus.NOT_CONNECTED)


async def test_all_requests_of_a_run_share_one_retry_count() -> None:
    clock = FakeClock()
    send = with_retries(
        script(503, 503, 200, 503, 503), clock.retries(RetryPolicy(max_retries=3, delay=0))
    )
    await passed_on(send)
    assert await passed_on(send) == ["retry, 0 left", "status 503", "503"]


async def test_closing_the_events_closes_the_exchange() -> None:
    closed = []

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        try:
            yield RequestStarted(request.method, "/", request.url, request.fields)
        finally:
            closed.append(True)

    events = with_retries(send, FakeClock().retries(RetryPolicy(max_retries=1)))(GET)
    await anext(events)
    await events.aclose()
    assert closed == [True]


EXPECTING = RetryPolicy(max_retries=3, delay=1, conditions=DEFAULT_CONDITIONS | {"expect"})


async def test_request_is_repeated_until_the_response_is_as_expected() -> None:
    clock = FakeClock()
    retries = clock.retries(EXPECTING, partial(DiskEventBuffer, None), status_200)
    send = with_polling(script(202, 202, 200), retries)
    assert await passed_on(send) == ["retry, 2 left", "retry, 1 left", "status 200", "200"]
    assert clock.messages[0].startswith("here: expected status == 200, got 202; retrying in 1 s")


async def test_last_response_is_passed_on_even_if_unexpected() -> None:
    retries = FakeClock().retries(EXPECTING, partial(DiskEventBuffer, None), status_200)
    result = (await passed_on(with_polling(script(*[202] * 4), retries)))[-2:]
    assert result == ["status 202", "202"]


async def test_failures_and_unmet_expectations_share_one_count() -> None:
    retries = FakeClock().retries(EXPECTING, partial(DiskEventBuffer, None), status_200)
    send = with_polling(with_retries(script(503, 202, 503, 503), retries), retries)
    assert (await passed_on(send))[-2:] == ["status 503", "503"]


async def test_post_is_not_repeated_and_the_notice_has_the_reason() -> None:
    clock = FakeClock()
    retries = clock.retries(EXPECTING, partial(DiskEventBuffer, None), status_200)
    send = with_polling(script(202), retries)
    assert await passed_on(send, GET._replace(method="POST")) == ["status 202", "202"]
    assert "--retry-unsafe" in clock.messages[0]
