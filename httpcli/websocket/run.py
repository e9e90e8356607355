"""Runs a WebSocket: sends and receives messages at the same time.

Backpressure works both ways: if stdout blocks, no more messages are received; if the server
blocks, no more input is read. Only the transport buffers a few messages.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext, suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import RedactionLevel
from httpcli.core.websocket import (
    MessageSender,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)
from httpcli.exchange.request import open_request
from httpcli.observers.group import Observers
from httpcli.output.websocket_messages import MessageFormatter
from httpcli.protocol.websocket import close_error, handshake_error
from httpcli.terminal.streams import stderr_writer, stdout_writer, until_reader_leaves
from httpcli.websocket.sender import Sender

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send
    from httpcli.core.plan import Plan
    from httpcli.core.request import Request
    from httpcli.core.websocket import WebSocket
    from httpcli.protocol.cookies import Jar
    from httpcli.protocol.redaction import Redaction
    from httpcli.run_context import RunContext


async def run_websocket(plan: Plan, context: RunContext, jar: Jar | None) -> ExitStatus:
    """Run the WebSocket of a plan. Raises HttpcliError, KeyboardInterrupt."""
    stdout = stdout_writer(context.environment, raw=plan.display.is_raw)
    stderr = stderr_writer(context.environment)
    writes_to_stdout = plan.output is None
    websocket = plan.request.websocket
    if websocket is None:
        raise ValueError("the plan has no WebSocket")
    with Observers(plan, context, stdout, stderr) as observers:
        async with (
            until_reader_leaves(context.environment.stdout) if writes_to_stdout else nullcontext(),
            open_request(plan, context, jar, observe_exchanges=observers.observe_exchanges) as (
                request,
                send,
            ),
        ):
            await _Connection(plan, websocket, context, observers).run(send, request)
    return observers.status


class _Connection:
    """The connection of a WebSocket, from the handshake to the end."""

    def __init__(
        self, plan: Plan, websocket: WebSocket, context: RunContext, observers: Observers
    ) -> None:
        self._now = context.environment.now
        self._observers = observers
        self._shows_messages = "b" in plan.display.parts
        self._redaction: Redaction | None = None
        if plan.display.redaction is RedactionLevel.SECRETS and plan.display.parts & {"H", "h"}:
            from httpcli.protocol.redaction import redaction_of

            # With the heads the messages are a record of the conversation, without them data.
            self._redaction = redaction_of(plan)
        self._formatter = MessageFormatter(
            plan.display, context.notices.warn, timestamps=websocket.timestamps
        )
        self._sender = Sender(plan, websocket, context, self._on_sent)
        self._sending_task: asyncio.Task[None] | None = None
        self._response: ResponseStarted | None = None
        self._closed: WebSocketClosed | None = None
        """None until the server has closed the WebSocket."""

    async def run(self, send: Send, request: Request) -> None:
        """Do the handshake, then send and receive messages until one side closes.

        Raises HttpcliError, also if the server refuses, or closes because of an error.
        """
        try:
            async with aclosing(send(request)) as events:
                async for event in events:
                    self._handle(event)
                    if self._is_refused and not self._observers.needs_body:
                        break
        except (HttpcliError, asyncio.CancelledError):
            self._observers.end_early()
            raise
        except (KeyboardInterrupt, SystemExit):
            self._observers.abandon()
            raise
        finally:
            await self._stop_sending()
        self._observers.end_exchange()
        self._check_end()

    @property
    def _is_refused(self) -> bool:
        return (
            self._response is not None
            and self._response.status != 101
            and not self._response.error_follows
        )

    def _handle(self, event: Event) -> None:
        match event:
            case WebSocketOpened(connection):
                self._observers.observe(event)
                self._sending_task = asyncio.ensure_future(self._send_all(connection))
            case WebSocketMessage():
                self._receive(event)
            case WebSocketClosed():
                self._observers.observe(event)
                self._closed = event
                if self._redaction is not None:
                    event = event._replace(reason=self._redaction.text(event.reason))
                self._observers.show_body(self._formatter.format_close(event))
            case _:
                self._observers.observe(event)
                if isinstance(event, ResponseStarted) and not event.is_followed:
                    self._response = event

    def _receive(self, message: WebSocketMessage) -> None:
        if self._sender.has_all_expected:
            return
        message = message._replace(at=self._now())
        self._observers.observe(message)
        self._show(message)
        self._sender.count_message(is_last=self._observers.has_all_expected)

    def _on_sent(self, message: WebSocketMessage, *, show: bool) -> None:
        """Pass a sent message to the observers, and print it if ``show``."""
        message = message._replace(at=self._now())
        self._observers.observe(message)
        if show:
            self._show(message)

    def _show(self, message: WebSocketMessage) -> None:
        if self._shows_messages:
            if self._redaction is not None:
                message = message._replace(data=self._redaction.body(message.data))
            formatted = self._formatter.format_message(message)
            self._sender.write_above_input(lambda: self._observers.show_body(formatted))

    async def _send_all(self, connection: MessageSender) -> None:
        try:
            await self._sender.send_all(connection)
            await connection.close()
        except (HttpcliError, OSError, KeyboardInterrupt) as error:
            await connection.close()
            connection.fail(error)

    async def _stop_sending(self) -> None:
        if self._sending_task is not None:
            self._sending_task.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending_task

    def _check_end(self) -> None:
        """Raise HttpcliError if the server refused, or closed because of an error."""
        if self._response is not None and self._is_refused:
            raise handshake_error(self._response)
        if self._closed is None or self._response is None:
            return
        if fault := close_error(self._closed):
            raise HttpcliError(
                f"{self._response.url.authority}: the server closed the WebSocket: {fault}",
                status=ExitStatus.INCOMPLETE,
            )
        self._sender.print_close(self._closed)
