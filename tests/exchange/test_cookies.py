"""The skin that carries cookies, with a scripted Send."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import AuthFlow, Send
from httpcli.core.request import Request
from httpcli.core.session import Cookie
from httpcli.core.url import Url
from httpcli.middleware.auth import authenticating
from httpcli.middleware.cookies import carrying_cookies
from httpcli.protocol.cookies import Jar

HERE = Url("http", "here.org")


class Script:
    """A Send whose answers set these cookies; it notes the Cookie fields that it was sent."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = iter(answers)
        self.cookies: list[list[str]] = []

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        self.cookies.append(request.fields.every("Cookie"))
        fields = Fields(Field("Set-Cookie", line) for line in next(self._answers, []))
        yield ResponseStarted("1.1", 200, "", fields, request.url)


async def ask(send: Send, url: Url = HERE, *cookies: str) -> None:
    fields = Fields(Field("Cookie", cookie) for cookie in cookies)
    async for _ in send(Request("GET", url, fields)):
        pass


async def test_a_jar_is_made_when_there_is_something_to_put_in() -> None:
    script = Script([], ["a=1", "b=2"], ["a=3"])
    send = carrying_cookies(script.send, None, lambda: 0.0)
    for _ in range(4):
        await ask(send)
    assert script.cookies == [[], [], ["a=1; b=2"], ["a=3; b=2"]]


async def test_a_typed_cookie_shares_the_field() -> None:
    script = Script(["a=1"])
    send = carrying_cookies(script.send, None, lambda: 0.0)
    await ask(send, HERE, "t=1", "a=typed")
    await ask(send, HERE, "t=1", "a=typed")
    assert script.cookies == [["t=1", "a=typed"], ["t=1; a=1"]]


async def test_each_place_gets_its_own() -> None:
    script = Script(["a=1; Path=/x"], ["a=2"])
    send = carrying_cookies(script.send, Jar([Cookie("s", "0", "here.org")]), lambda: 0.0)
    await ask(send, HERE)
    await ask(send, Url("http", "there.org"))
    await ask(send, HERE._replace(path="/x"))
    await ask(send, Url("https", "there.org", 8443))
    assert script.cookies == [["s=0"], [], ["a=1; s=0"], ["a=2"]]


async def test_time_goes_by() -> None:
    now = 0.0
    script = Script(["a=1; Max-Age=10"])
    send = carrying_cookies(script.send, Jar(), lambda: now)
    await ask(send)
    now = 9.0
    await ask(send)
    now = 10.0
    await ask(send)
    assert script.cookies == [[], ["a=1"], []]


async def test_the_answers_within_authentication_count_too() -> None:
    def answering(request: Request) -> AuthFlow:
        yield request
        yield request

    script = Script(["challenge=1"])
    send = carrying_cookies(authenticating(script.send, answering, None), Jar(), lambda: 0.0)
    await ask(send)
    await ask(send)
    assert script.cookies == [[], [], ["challenge=1"], ["challenge=1"]]


async def test_a_field_that_was_taken_away_stays_away() -> None:
    script = Script()
    send = carrying_cookies(script.send, Jar([Cookie("a", "1", None)]), lambda: 0.0)
    async for _ in send(Request("GET", HERE, unset=frozenset({"cookie"}))):
        pass
    assert script.cookies == [[]]


async def test_a_typed_secret_stays_secret_among_others() -> None:
    seen: list[Field] = []

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        seen.extend(request.fields)
        yield ResponseStarted("1.1", 200, "", Fields(), request.url)

    carrying = carrying_cookies(send, Jar([Cookie("a", "1", None)]), lambda: 0.0)
    async for _ in carrying(Request("GET", HERE, Fields([Field("Cookie", "t=1", True)]))):
        pass
    assert seen == [Field("Cookie", "t=1; a=1", secret=True)]
