"""The skins that try again, with a scripted Send, clock and dice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial

import pytest

from httpcli.core.errors import CONNECT, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import Send
from httpcli.core.request import Request
from httpcli.core.retry import BY_DEFAULT, Retry
from httpcli.core.url import Url
from httpcli.middleware.retries import Pace, Tries, polling, retrying
from httpcli.storage.spool import DiskReel

GET = Request("GET", Url("http", "here"))
Answer = int | tuple[int, str] | HttpcliError


def script(*answers: Answer) -> Send:
    """Give these answers, one a request: a status, with Retry-After, or a failure."""
    left = iter(answers)

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        answer = next(left)
        yield RequestStarted(request.method, request.url.target, request.url, request.fields)
        if isinstance(answer, HttpcliError):
            raise answer
        status, after = answer if isinstance(answer, tuple) else (answer, "")
        fields = Fields([Field("Retry-After", after)] if after else [])
        yield ResponseStarted("1.1", status, "", fields, request.url)
        yield ResponseChunk(str(status).encode())
        yield ResponseEnded(0.0)

    return send


class Hours:
    """A clock that only waiting moves, and dice that always show the same."""

    def __init__(self, dice: float = 0.5) -> None:
        self.time = 1000.0
        self.waits: list[float] = []
        self.said: list[str] = []
        self._dice = dice

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def tries(
        self,
        retry: Retry,
        make_reel: Callable[[], DiskReel] | None = None,
        make_judge: Callable[[], Ready] | None = None,
    ) -> Tries:
        now = partial(getattr, self, "time")
        pace = Pace(now, now, lambda: self._dice, self.sleep)
        return Tries(retry, pace, self.said.append, make_reel, make_judge)


class Ready:
    """Expects a response of 200."""

    def __init__(self) -> None:
        self._status = 0

    def see(self, event: Event) -> None:
        if isinstance(event, ResponseStarted):
            self._status = event.status

    def verdict(self) -> Outcome:
        if self._status == 200:
            return Outcome(ExitStatus.OK)
        return Outcome(ExitStatus.EXPECTATION, f"status is {self._status}")


def lost() -> HttpcliError:
    return HttpcliError("lost", status=ExitStatus.NOT_CONNECTED).may_pass(CONNECT)


async def told(send: Send, request: Request = GET) -> list[str]:
    """Return what was passed on: heads' statuses, content, and tries."""
    words = []
    async for event in send(request):
        match event:
            case ResponseStarted(status=status):
                words.append(f"head {status}")
            case ResponseChunk(data):
                words.append(data.decode())
            case Retrying(left=left):
                words.append(f"again, {left} left")
    return words


async def test_nothing_of_a_failed_try_is_passed_on() -> None:
    hours = Hours()
    send = retrying(script(503, lost(), 200), hours.tries(Retry(most=5)))
    assert await told(send) == ["again, 4 left", "again, 3 left", "head 200", "200"]
    assert hours.waits == [0.5, 1.0]


async def test_the_waits_are_those_of_the_rules() -> None:
    hours = Hours(dice=0.25)
    answers: list[Answer] = [(503, "7"), 503, (429, "Thu, 01 Jan 1970 00:17:00 GMT"), 200]
    await told(retrying(script(*answers), hours.tries(Retry(most=5))))
    assert hours.waits == [7.0, 0.5, 1020 - 1007.5]


async def test_no_try_begins_after_the_last_moment() -> None:
    hours = Hours()
    retry = Retry(most=99, delay=4, within=10)
    assert (await told(retrying(script(*[503] * 99), hours.tries(retry))))[-2:] == [
        "head 503",
        "503",
    ]
    assert hours.waits == [4, 4]
    assert "--retry-max-time=10" in hours.said[-1]


async def test_the_last_failure_is_raised_as_it_was() -> None:
    hours = Hours()
    send = retrying(script(lost(), lost()), hours.tries(Retry(most=1)))
    with pytest.raises(HttpcliError, match="lost") as caught:
        await told(send)
    assert (caught.value.message, caught.value.status) == ("lost", ExitStatus.NOT_CONNECTED)


async def test_one_count_for_all_requests_of_a_run() -> None:
    hours = Hours()
    send = retrying(script(503, 503, 200, 503, 503), hours.tries(Retry(most=3, delay=0)))
    await told(send)
    assert await told(send) == ["again, 0 left", "head 503", "503"]


async def test_closing_the_events_in_a_try_closes_the_exchange() -> None:
    closed = []

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        try:
            yield RequestStarted(request.method, "/", request.url, request.fields)
        finally:
            closed.append(True)

    events = retrying(send, Hours().tries(Retry(most=1)))(GET)
    await anext(events)
    await events.aclose()
    assert closed == [True]


EXPECTING = Retry(most=3, delay=1, on=BY_DEFAULT | {"expect"})


async def test_it_is_asked_until_the_answer_is_as_expected() -> None:
    hours = Hours()
    tries = hours.tries(EXPECTING, partial(DiskReel, None), Ready)
    send = polling(script(202, 202, 200), tries)
    assert await told(send) == ["again, 2 left", "again, 1 left", "head 200", "200"]
    assert hours.said[0].startswith("here: status is 202; trying again in 1 s, 2 tries left")


async def test_the_last_answer_is_given_though_it_is_not_as_expected() -> None:
    tries = Hours().tries(EXPECTING, partial(DiskReel, None), Ready)
    answer = (await told(polling(script(*[202] * 4), tries)))[-2:]
    assert answer == ["head 202", "202"]


async def test_failures_and_unmet_expectations_share_one_count() -> None:
    tries = Hours().tries(EXPECTING, partial(DiskReel, None), Ready)
    send = polling(retrying(script(503, 202, 503, 503), tries), tries)
    assert (await told(send))[-2:] == ["head 503", "503"]


async def test_a_post_is_not_asked_again_and_the_user_hears_why() -> None:
    hours = Hours()
    tries = hours.tries(EXPECTING, partial(DiskReel, None), Ready)
    send = polling(script(202), tries)
    assert await told(send, GET._replace(method="POST")) == ["head 202", "202"]
    assert "--retry-unsafe" in hours.said[0]
