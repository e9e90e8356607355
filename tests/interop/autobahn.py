"""An echo client for the Autobahn WebSocket test suite."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from functools import partial
from os import urandom

from httpcli.core.body import Body
from httpcli.core.errors import HttpcliError
from httpcli.core.headers import Fields
from httpcli.core.interfaces import Send
from httpcli.core.plan import Network
from httpcli.core.request import Request
from httpcli.core.websocket import MessageSender, WebSocket, WebSocketMessage, WebSocketOpened
from httpcli.protocol.websocket import handshake_fields, make_key
from httpcli.syntax.urls import parse_url
from httpcli.transport.open_engine import open_engine

_AGENT = "httpcli"


async def verdicts(server: str) -> dict[str, str]:
    """Run all cases; return the suite's verdict on each."""
    async with open_engine(Network()) as engine:
        send = partial(engine, open_body=_nothing)
        count = int((await _messages(send, f"{server}/getCaseCount"))[0])
        found = {}
        for number in range(1, count + 1):
            case = f"case={number}&agent={_AGENT}"
            with suppress(HttpcliError):
                await _messages(send, f"{server}/runCase?{case}", echo=True)
            name = json.loads((await _messages(send, f"{server}/getCaseInfo?{case}"))[0])["id"]
            status = json.loads((await _messages(send, f"{server}/getCaseStatus?{case}"))[0])
            found[name] = status["behavior"]
        await _messages(send, f"{server}/updateReports?agent={_AGENT}")
    return found


async def _messages(send: Send, url: str, *, echo: bool = False) -> list[bytes]:
    """Open one WebSocket; return the messages received until it closes."""
    websocket = WebSocket(make_key(urandom(16)), compress=echo)
    request = Request(
        "GET", parse_url(url).url, Fields(handshake_fields(websocket)), websocket=websocket
    )
    received: list[bytes] = []
    line: MessageSender | None = None
    async with aclosing(send(request)) as events:
        async for event in events:
            match event:
                case WebSocketOpened(opened):
                    line = opened
                case WebSocketMessage(data, is_text) if echo and line is not None:
                    await line.send(data, text=is_text)
                case WebSocketMessage(data):
                    received.append(data)
    return received


def _nothing(_body: Body) -> AsyncIterator[bytes]:
    raise AssertionError("a handshake has no body")
