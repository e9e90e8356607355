"""The skins around Send, with a scripted Send of a few lines."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from os import urandom

import pytest

from httpcli.auth.basic import basic
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, RequestStarted, ResponseChunk, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import AuthFlow
from httpcli.core.plan import Credentials, Journey
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.middleware.auth import authenticating
from httpcli.middleware.redirects import redirecting

HERE = Url("http", "here")


class Script:
    """A Send whose answers are written down; it notes what it was asked and what was closed."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers: Iterator[tuple[int, str]] = iter(answers)
        self.asked: list[Request] = []
        self.closed = 0

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        self.asked.append(request)
        status, location = next(self._answers)
        fields = Fields([Field("Location", location)] if location else [])
        try:
            yield RequestStarted(request.method, request.url.target, request.url, request.fields)
            yield ResponseStarted("1.1", status, "", fields, request.url)
            yield ResponseChunk(b"content")
        finally:
            self.closed += 1


async def responses(events: AsyncGenerator[Event, None]) -> list[tuple[int, bool]]:
    return [
        (event.status, event.intermediary)
        async for event in events
        if isinstance(event, ResponseStarted)
    ]


async def test_all_hops_but_the_last_are_intermediary() -> None:
    script = Script((302, "/a"), (307, "/b"), (200, ""))
    send = redirecting(script.send, Journey(follow=True))
    assert await responses(send(Request("GET", HERE))) == [(302, True), (307, True), (200, False)]
    assert [request.url.path for request in script.asked] == ["/", "/a", "/b"]


async def test_the_limit_counts_redirects() -> None:
    script = Script((302, "/"), (302, "/"), (302, "/"))
    send = redirecting(script.send, Journey(follow=True, max_redirects=2))
    with pytest.raises(HttpcliError, match=r"too many redirects \(2\)"):
        await responses(send(Request("GET", HERE)))
    assert len(script.asked) == 3
    assert script.closed == 3


async def test_a_limit_of_zero_is_none() -> None:
    script = Script(*[(302, "/")] * 50, (200, ""))
    send = redirecting(script.send, Journey(follow=True, max_redirects=0))
    assert len(await responses(send(Request("GET", HERE)))) == 51


async def test_closing_the_events_closes_the_exchange() -> None:
    script = Script((200, ""))
    events = redirecting(script.send, Journey(follow=True))(Request("GET", HERE))
    await anext(events)
    await events.aclose()
    assert script.closed == 1


async def test_credentials_are_for_their_origin() -> None:
    script = Script((200, ""), (200, ""))
    authenticate = basic(Credentials("basic", "me", "pw"), urandom)
    send = authenticating(script.send, authenticate, HERE.origin)
    await responses(send(Request("GET", HERE)))
    await responses(send(Request("GET", Url("http", "elsewhere"))))
    assert [request.fields.has("Authorization") for request in script.asked] == [True, False]


async def test_a_flow_may_answer_a_challenge() -> None:
    def answering(request: Request) -> AuthFlow:
        response = yield request
        if response.status == 401:
            yield request._replace(fields=Fields([Field("Authorization", "answer")]))

    script = Script((401, ""), (200, ""))
    send = authenticating(script.send, answering, None)
    assert await responses(send(Request("GET", HERE))) == [(401, True), (200, False)]
    assert script.asked[1].fields.first("Authorization") == "answer"


async def test_an_answered_challenge_is_intermediary_within_redirects_too() -> None:
    def answering(request: Request) -> AuthFlow:
        yield request
        yield request

    script = Script((401, ""), (302, "/b"), (401, ""), (200, ""))
    send = authenticating(script.send, answering, None)
    shown = await responses(redirecting(send, Journey(follow=True))(Request("GET", HERE)))
    assert shown == [(401, True), (302, True), (401, True), (200, False)]


async def test_what_cannot_be_followed_is_the_answer() -> None:
    script = Script((302, "gopher://x"))
    events = redirecting(script.send, Journey(follow=True))(Request("GET", HERE))
    assert isinstance(await anext(events), RequestStarted)
    answer = await anext(events)
    assert isinstance(answer, ResponseStarted)
    assert not answer.intermediary
    with pytest.raises(HttpcliError, match="gopher"):
        await anext(events)
