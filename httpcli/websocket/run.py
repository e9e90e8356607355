"""A conversation on a WebSocket: what is said and what comes, each at its own pace.

Who looks at what comes sets the pace of the server, and the server that of who
speaks: nothing is read ahead but what the transport holds.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext, suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.websocket import (
    MessageSender,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)
from httpcli.exchange.request import open_request
from httpcli.observers.dispatch import Observers
from httpcli.output.websocket_messages import MessageFormatter
from httpcli.protocol.websocket import end_of, refused
from httpcli.terminal.streams import to_stderr, to_stdout, until_reader_leaves
from httpcli.websocket.sender import Sender

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send
    from httpcli.core.plan import Plan
    from httpcli.core.request import Request
    from httpcli.core.websocket import WebSocket
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def run_websocket(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Hold the conversation that the plan asks for. Raises HttpcliError, KeyboardInterrupt."""
    stdout = to_stdout(context.environment)
    stderr = to_stderr(context.environment)
    reader = (
        until_reader_leaves(context.environment.stdout) if plan.output is None else nullcontext()
    )
    websocket = plan.request.websocket
    if websocket is None:
        raise ValueError("a plan for a WebSocket says what it is to be")
    with Observers(plan, context, stdout, stderr) as observers:
        async with (
            reader,
            open_request(plan, context, jar, observe_exchanges=observers.observe_exchanges) as (
                request,
                send,
            ),
        ):
            await _Conversation(plan, websocket, context, observers).hold(send, request)
    return observers.status


class _Conversation:
    """One WebSocket from its handshake to its end: shows it, lets it be spoken on, judges it."""

    def __init__(
        self, plan: Plan, websocket: WebSocket, context: RunContext, observers: Observers
    ) -> None:
        self._now = context.environment.now
        self._observers = observers
        self._shows = "b" in plan.display.parts
        self._messages = MessageFormatter(
            plan.display, context.notices.warn, timestamps=websocket.timestamps
        )
        self._speaker = Sender(plan, websocket, context, self._said)
        self._speaking: asyncio.Task[None] | None = None
        self._head: ResponseStarted | None = None
        self._closed: WebSocketClosed | None = None

    async def hold(self, send: Send, request: Request) -> None:
        """Listen, and speak once that is possible, until one side has had enough."""
        try:
            async with aclosing(send(request)) as events:
                async for event in events:
                    self._see(event)
                    if self._is_refused and not self._observers.wants_content:
                        break
        except (HttpcliError, asyncio.CancelledError):
            self._observers.end_early()
            raise
        except KeyboardInterrupt:
            self._observers.abandon()
            raise
        finally:
            await self._fall_silent()
        self._observers.finish()
        self._judge()

    @property
    def _is_refused(self) -> bool:
        return self._head is not None and self._head.status != 101 and not self._head.error_follows

    def _see(self, event: Event) -> None:
        match event:
            case WebSocketOpened(line):
                self._observers.observe(event)
                self._speaking = asyncio.ensure_future(self._speak(line))
            case WebSocketMessage():
                self._heard(event)
            case WebSocketClosed():
                self._observers.observe(event)
                self._closed = event
                self._observers.show_content(self._messages.ended(event))
            case _:
                self._observers.observe(event)
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    self._head = event

    def _heard(self, message: WebSocketMessage) -> None:
        if self._speaker.has_enough:
            return
        message = message._replace(at=self._now())
        self._observers.observe(message)
        self._show(message)
        self._speaker.heard(is_last=self._observers.has_enough)

    def _said(self, message: WebSocketMessage, *, is_there: bool) -> None:
        """Take note of a message that was sent; ``is_there``: who typed it sees it already."""
        message = message._replace(at=self._now())
        self._observers.observe(message)
        if not is_there:
            self._show(message)

    def _show(self, message: WebSocketMessage) -> None:
        if self._shows:
            shown = self._messages.shown(message)
            self._speaker.beside(lambda: self._observers.show_content(shown))

    async def _speak(self, line: MessageSender) -> None:
        try:
            await self._speaker.speak(line)
            await line.close()
        except (HttpcliError, OSError, KeyboardInterrupt) as error:
            await line.close()
            line.fail(error)

    async def _fall_silent(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            with suppress(asyncio.CancelledError):
                await self._speaking

    def _judge(self) -> None:
        """Raise HttpcliError for a server that refused, or that closed because of a fault."""
        if self._head is not None and self._is_refused:
            raise refused(self._head)
        if self._closed is None or self._head is None:
            return
        if fault := end_of(self._closed):
            raise HttpcliError(
                f"{self._head.url.authority}: the server closed the WebSocket: {fault}",
                status=ExitStatus.INCOMPLETE,
            )
        self._speaker.tell_of_end(self._closed)
