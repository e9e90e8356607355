"""One request is sent and shown, with a scripted Send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.interfaces import OpenBody, Send
from httpcli.core.plan import Display, Network, Plan, SendPolicy
from httpcli.core.request import Request
from httpcli.exchange.request import open_request, send_and_show
from tests.support.context import GET, PLAN, Console, script

END = ResponseEnded(0.0)


def head(
    status: int = 200, reason: str = "OK", location: str = "", media_type: str = ""
) -> ResponseStarted:
    fields = [Field("Location", location)] if location else []
    fields += [Field("Content-Type", media_type)] if media_type else []
    return ResponseStarted("1.1", status, reason, Fields(fields), GET.url)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    with Console(tmp_path) as console:
        yield console


async def shown(console: Console, send: Send, plan: Plan = PLAN) -> ExitStatus:
    """Send the request of a plan by ``send`` and show it."""

    @asynccontextmanager
    async def open_shared(_plan: Plan, _open_body: OpenBody) -> AsyncIterator[Send]:
        yield send

    return await send_and_show(
        plan,
        console.context,
        None,
        console.write_stdout,
        console.write_stderr,
        open_shared=open_shared,
    )


async def test_body_is_written_to_stdout(console: Console) -> None:
    send = script(head(), ResponseChunk(b"one,"), ResponseChunk(b"two"), END)
    assert await shown(console, send) is ExitStatus.OK
    assert console.stdout == b"one,two"


async def test_body_before_an_error_is_shown(console: Console) -> None:
    send = script(
        head(), ResponseChunk(b"one,"), HttpcliError("cut", status=ExitStatus.INCOMPLETE)
    )
    with pytest.raises(HttpcliError, match="cut"):
        await shown(console, send)
    assert console.stdout == b"one,"


async def test_body_that_is_not_shown_is_read_to_its_end(console: Console) -> None:
    send = script(head(), ResponseChunk(b"on"), HttpcliError("cut", status=ExitStatus.INCOMPLETE))
    plan = PLAN._replace(display=Display(parts=frozenset("h")))
    with pytest.raises(HttpcliError, match="cut"):
        await shown(console, send, plan)
    assert console.stdout.startswith(b"HTTP/1.1 200 OK")
    assert b"on" not in console.stdout


async def test_exchange_ends_after_the_head_of_an_event_stream_that_is_not_shown(
    console: Console,
) -> None:
    closed = []

    async def send(_request: Request) -> AsyncGenerator[Event, None]:
        try:
            yield head(media_type="text/event-stream; charset=utf-8")
            yield ResponseChunk(b"not wanted")
            raise AssertionError("the content was requested")
        finally:
            closed.append(True)

    plan = PLAN._replace(display=Display(parts=frozenset("h")))
    assert await shown(console, send, plan) is ExitStatus.OK
    assert console.stdout.startswith(b"HTTP/1.1 200 OK")
    assert closed == [True]


async def test_failed_status_is_the_exit_status_and_is_announced(console: Console) -> None:
    plan = PLAN._replace(check_status=True, announce_status=True)
    send = script(head(404, "Not Found"), ResponseChunk(b"no"), END)
    assert await shown(console, send, plan) is ExitStatus.CLIENT_ERROR
    assert console.stdout == b"no"
    assert "HTTP 404 Not Found" in console.stderr


async def test_redirect_is_followed_by_the_middleware_of_the_plan(console: Console) -> None:
    async def send(request: Request) -> AsyncGenerator[Event, None]:
        if request.url.path == "/":
            yield head(302, "Found", "/next")
        else:
            yield head()
            yield ResponseChunk(request.url.path.encode())
        yield END

    plan = PLAN._replace(send_policy=SendPolicy(follow=True))
    assert await shown(console, send, plan) is ExitStatus.OK
    assert console.stdout == b"/next"


async def test_total_timeout_names_the_operation_it_waited_for(console: Console) -> None:
    async def send(_request: Request) -> AsyncGenerator[Event, None]:
        yield head()
        yield ResponseChunk(b"one,")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            cancelled.args = ("reading the response",)
            raise

    plan = PLAN._replace(network=Network(total_timeout=0.05))
    with pytest.raises(HttpcliError) as caught:
        await shown(console, send, plan)
    assert caught.value.status is ExitStatus.TIMED_OUT
    assert "timed out after 0.05 s (reading the response)" in caught.value.message
    assert console.stdout == b"one,"


async def test_shared_send_is_observed_below_the_middleware(console: Console) -> None:
    observed: list[int] = []

    def observe_exchanges(send: Send) -> Send:
        async def observing(request: Request) -> AsyncGenerator[Event, None]:
            async for event in send(request):
                if isinstance(event, ResponseStarted):
                    observed.append(event.status)
                yield event

        return observing

    async def redirect(request: Request) -> AsyncGenerator[Event, None]:
        yield head() if request.url.path == "/next" else head(302, "Found", "/next")
        yield END

    plan = PLAN._replace(send_policy=SendPolicy(follow=True))
    opened = open_request(plan, console.context, None, redirect, observe_exchanges)
    async with opened as (request, send):
        heads = [event async for event in send(request) if isinstance(event, ResponseStarted)]
    assert observed == [302, 200]
    assert [(event.status, event.is_followed) for event in heads] == [(302, True), (200, False)]
