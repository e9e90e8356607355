"""A WebSocket run, with a scripted server side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.interfaces import OpenBody, Send
from httpcli.core.plan import Mode, Plan
from httpcli.core.request import Request
from httpcli.core.websocket import (
    WaitLimit,
    WebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)
from httpcli.exchange import request as module
from httpcli.websocket.run import run_websocket
from tests.support.context import GET, PLAN, Console

CONTINUE_FOREVER = WaitLimit(seconds=60.0)


class Server:
    """The server side: sends its messages, and closes after our Close frame."""

    def __init__(self, *messages: bytes, status: int = 101, code: int = 1000) -> None:
        self._messages = messages
        self._status = status
        self._code = code
        self._closing = asyncio.Event()
        self._error: BaseException | None = None
        self.closes_first = False
        self.received: list[bytes] = []

    async def send(self, data: bytes, *, text: bool) -> bool:
        assert text
        self.received.append(data)
        return True

    async def close(self) -> None:
        self._closing.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._closing.set()

    async def exchange(self, request: Request) -> AsyncGenerator[Event, None]:
        yield ResponseStarted("1.1", self._status, "", Fields(), request.url)
        if self._status != 101:
            yield ResponseChunk(b"refused")
            yield ResponseEnded(0.0)
            return
        yield WebSocketOpened(self)
        for message in self._messages:
            yield WebSocketMessage(message)
            await asyncio.sleep(0)
        if not self.closes_first:
            await asyncio.wait_for(self._closing.wait(), 10)
        if self._error is not None:
            raise self._error
        yield WebSocketClosed(self._code, "")
        yield ResponseEnded(0.0)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    with Console(tmp_path) as console:
        yield console


async def run(
    console: Console, server: Server, websocket: WebSocket, monkeypatch: pytest.MonkeyPatch
) -> ExitStatus:
    @asynccontextmanager
    async def open_send(_plan: Plan, _open_body: OpenBody) -> AsyncIterator[Send]:
        yield server.exchange

    monkeypatch.setattr(module, "open_send", open_send)
    plan = PLAN._replace(mode=Mode.WEBSOCKET, request=GET._replace(websocket=websocket))
    return await run_websocket(plan, console.context, None)


async def test_first_message_is_sent_and_replies_are_shown(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(b"one", b"two", b"three")
    websocket = WebSocket("key", first_message=b"hello", wait=WaitLimit(messages=2))
    assert await run(console, server, websocket, monkeypatch) is ExitStatus.OK
    assert server.received == [b"hello"]
    assert console.stdout == b"one\ntwo\n"


async def test_no_wait_closes_after_the_last_message_was_sent(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server()
    websocket = WebSocket("key", first_message=b"hello", wait=WaitLimit(messages=0))
    assert await run(console, server, websocket, monkeypatch) is ExitStatus.OK
    assert server.received == [b"hello"]


async def test_server_that_closes_ends_the_run(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(b"one")
    server.closes_first = True
    status = await run(console, server, WebSocket("key", wait=CONTINUE_FOREVER), monkeypatch)
    assert status is ExitStatus.OK
    assert console.stdout == b"one\n"


async def test_close_because_of_an_error_fails(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(b"one", code=1011)
    server.closes_first = True
    with pytest.raises(HttpcliError, match="internal error") as caught:
        await run(console, server, WebSocket("key", wait=CONTINUE_FOREVER), monkeypatch)
    assert caught.value.status is ExitStatus.INCOMPLETE
    assert console.stdout == b"one\n"


async def test_refused_handshake_fails_and_shows_the_body(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HttpcliError) as caught:
        await run(console, Server(status=403), WebSocket("key"), monkeypatch)
    assert caught.value.status is ExitStatus.CLIENT_ERROR
    assert console.stdout == b"refused"


async def test_error_while_sending_ends_the_run(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Server):
        async def send(self, data: bytes, *, text: bool) -> bool:
            raise HttpcliError(f"cannot send {data!r} {text}")

    with pytest.raises(HttpcliError, match="cannot send b'x' True"):
        await run(console, Failing(), WebSocket("key", first_message=b"x"), monkeypatch)
