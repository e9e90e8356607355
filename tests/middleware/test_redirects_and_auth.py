"""The redirect and authentication middleware, with a scripted Send."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from os import urandom

import pytest

from httpcli.auth.basic import basic
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, RequestStarted, ResponseChunk, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import AuthFlow
from httpcli.core.plan import Credentials, SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.middleware.auth import with_authentication
from httpcli.middleware.redirects import with_redirects

HERE = Url("http", "here")


class Script:
    """A Send with scripted responses. It records its requests and counts closed exchanges."""

    def __init__(self, *results: tuple[int, str]) -> None:
        self._results: Iterator[tuple[int, str]] = iter(results)
        self.requests: list[Request] = []
        self.closed = 0

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        status, location = next(self._results)
        fields = Fields([Field("Location", location)] if location else [])
        try:
            yield RequestStarted(request.method, request.url.target, request.url, request.fields)
            yield ResponseStarted("1.1", status, "", fields, request.url)
            yield ResponseChunk(b"content")
        finally:
            self.closed += 1


async def responses(events: AsyncGenerator[Event, None]) -> list[tuple[int, bool]]:
    return [
        (event.status, event.is_followed)
        async for event in events
        if isinstance(event, ResponseStarted)
    ]


async def test_all_responses_but_the_last_are_marked_as_followed() -> None:
    script = Script((302, "/a"), (307, "/b"), (200, ""))
    send = with_redirects(script.send, SendPolicy(follow=True))
    assert await responses(send(Request("GET", HERE))) == [(302, True), (307, True), (200, False)]
    assert [request.url.path for request in script.requests] == ["/", "/a", "/b"]


async def test_max_redirects_counts_redirects() -> None:
    script = Script((302, "/"), (302, "/"), (302, "/"))
    send = with_redirects(script.send, SendPolicy(follow=True, max_redirects=2))
    with pytest.raises(HttpcliError, match=r"too many redirects \(2\)"):
        await responses(send(Request("GET", HERE)))
    assert len(script.requests) == 3
    assert script.closed == 3


async def test_max_redirects_of_zero_is_unlimited() -> None:
    script = Script(*[(302, "/")] * 50, (200, ""))
    send = with_redirects(script.send, SendPolicy(follow=True, max_redirects=0))
    assert len(await responses(send(Request("GET", HERE)))) == 51


async def test_closing_the_events_closes_the_exchange() -> None:
    script = Script((200, ""))
    events = with_redirects(script.send, SendPolicy(follow=True))(Request("GET", HERE))
    await anext(events)
    await events.aclose()
    assert script.closed == 1


async def test_credentials_are_sent_only_to_their_origin() -> None:
    script = Script((200, ""), (200, ""))
    authenticate = basic(Credentials("basic", "me", "pw"), urandom)
    send = with_authentication(script.send, authenticate, HERE.origin)
    await responses(send(Request("GET", HERE)))
    await responses(send(Request("GET", Url("http", "elsewhere"))))
    assert [request.fields.has("Authorization") for request in script.requests] == [True, False]


async def test_auth_flow_can_answer_a_challenge() -> None:
    def flow(request: Request) -> AuthFlow:
        response = yield request
        if response.status == 401:
            yield request._replace(fields=Fields([Field("Authorization", "answer")]))

    script = Script((401, ""), (200, ""))
    send = with_authentication(script.send, flow, None)
    assert await responses(send(Request("GET", HERE))) == [(401, True), (200, False)]
    assert script.requests[1].fields.first("Authorization") == "answer"


async def test_answered_challenge_within_redirects_is_marked_as_followed() -> None:
    def flow(request: Request) -> AuthFlow:
        yield request
        yield request

    script = Script((401, ""), (302, "/b"), (401, ""), (200, ""))
    send = with_authentication(script.send, flow, None)
    shown = await responses(with_redirects(send, SendPolicy(follow=True))(Request("GET", HERE)))
    assert shown == [(401, True), (302, True), (401, True), (200, False)]


async def test_redirect_that_cannot_be_followed_is_the_final_response() -> None:
    script = Script((302, "gopher://x"))
    events = with_redirects(script.send, SendPolicy(follow=True))(Request("GET", HERE))
    assert isinstance(await anext(events), RequestStarted)
    response = await anext(events)
    assert isinstance(response, ResponseStarted)
    assert not response.is_followed
    with pytest.raises(HttpcliError, match="gopher"):
        await anext(events)
