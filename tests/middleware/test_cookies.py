"""The cookie middleware, with a scripted Send."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import AuthFlow, Send
from httpcli.core.request import Request
from httpcli.core.session import Cookie
from httpcli.core.url import Url
from httpcli.middleware.auth import with_authentication
from httpcli.middleware.cookies import with_cookies
from httpcli.protocol.cookies import Jar

HERE = Url("http", "here.org")


class Script:
    """A Send whose responses set these cookies. It records the Cookie headers that it gets."""

    def __init__(self, *set_cookies: list[str]) -> None:
        self._set_cookies = iter(set_cookies)
        self.cookies: list[list[str]] = []

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        self.cookies.append(request.fields.all_values("Cookie"))
        fields = Fields(Field("Set-Cookie", line) for line in next(self._set_cookies, []))
        yield ResponseStarted("1.1", 200, "", fields, request.url)


async def get(send: Send, url: Url = HERE, *cookies: str) -> None:
    fields = Fields(Field("Cookie", cookie) for cookie in cookies)
    async for _ in send(Request("GET", url, fields)):
        pass


async def test_jar_is_created_with_the_first_cookie() -> None:
    script = Script([], ["a=1", "b=2"], ["a=3"])
    send = with_cookies(script.send, None, lambda: 0.0, print)
    for _ in range(4):
        await get(send)
    assert script.cookies == [[], [], ["a=1; b=2"], ["a=3; b=2"]]


async def test_typed_and_stored_cookies_share_one_header() -> None:
    script = Script(["a=1"])
    send = with_cookies(script.send, None, lambda: 0.0, print)
    await get(send, HERE, "t=1", "a=typed")
    await get(send, HERE, "t=1", "a=typed")
    assert script.cookies == [["t=1", "a=typed"], ["t=1; a=1"]]


async def test_each_host_and_path_gets_its_own_cookies() -> None:
    script = Script(["a=1; Path=/x"], ["a=2"])
    send = with_cookies(script.send, Jar([Cookie("s", "0", "here.org")]), lambda: 0.0, print)
    await get(send, HERE)
    await get(send, Url("http", "there.org"))
    await get(send, HERE._replace(path="/x"))
    await get(send, Url("https", "there.org", 8443))
    assert script.cookies == [["s=0"], [], ["a=1; s=0"], ["a=2"]]


async def test_cookie_expires_between_requests() -> None:
    now = 0.0
    script = Script(["a=1; Max-Age=10"])
    send = with_cookies(script.send, Jar(), lambda: now, print)
    await get(send)
    now = 9.0
    await get(send)
    now = 10.0
    await get(send)
    assert script.cookies == [[], ["a=1"], []]


async def test_cookies_of_authentication_responses_are_stored() -> None:
    def flow(request: Request) -> AuthFlow:
        yield request
        yield request

    script = Script(["challenge=1"])
    send = with_cookies(with_authentication(script.send, flow, None), Jar(), lambda: 0.0, print)
    await get(send)
    await get(send)
    assert script.cookies == [[], [], ["challenge=1"], ["challenge=1"]]


async def test_removed_cookie_header_is_not_added_again() -> None:
    script = Script()
    send = with_cookies(script.send, Jar([Cookie("a", "1", HERE.host)]), lambda: 0.0, print)
    async for _ in send(Request("GET", HERE, removed_defaults=frozenset({"cookie"}))):
        pass
    assert script.cookies == [[]]


async def test_header_with_a_secret_typed_cookie_stays_secret() -> None:
    seen: list[Field] = []

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        seen.extend(request.fields)
        yield ResponseStarted("1.1", 200, "", Fields(), request.url)

    carrying = with_cookies(send, Jar([Cookie("a", "1", HERE.host)]), lambda: 0.0, print)
    async for _ in carrying(Request("GET", HERE, Fields([Field("Cookie", "t=1", True)]))):
        pass
    assert seen == [Field("Cookie", "t=1; a=1", secret=True)]
