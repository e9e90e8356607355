"""Who speaks on a WebSocket: a first message, then standard input or a person, then silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from httpcli.core.expectation import MESSAGE_SUBJECTS
from httpcli.core.websocket import (
    MessageSender,
    WaitLimit,
    WebSocket,
    WebSocketClosed,
    WebSocketMessage,
)
from httpcli.terminal.stdin import StandardInput
from httpcli.websocket.input import input_messages

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext
    from httpcli.terminal.line_editor import LineEditor

_QUIET = 1.0
"""Seconds without a message after which nothing more is expected."""
_PATIENT = 10.0
"""The same, where a message is expected that has not come."""
_TURN = 64
"""Messages after which others have their turn: sending alone waits for nobody."""


class SentInput(Protocol):
    """Takes note of a message that was sent."""

    def __call__(self, message: WebSocketMessage, *, is_there: bool) -> None: ...


class Sender:
    """Says what there is to be said, and knows when enough was heard."""

    def __init__(
        self, plan: Plan, websocket: WebSocket, context: RunContext, said: SentInput
    ) -> None:
        self._websocket = websocket
        expected = [check for check in plan.checks if check.subject in MESSAGE_SUBJECTS]
        self._awaits = not all(check.negated for check in expected)
        self._listens = bool(expected) or "b" in plan.display.parts
        self._shows_sent = plan.display.terminal
        self._stdin = context.environment.stdin
        self._notices = context.notices
        self._said = said
        self._typing: LineEditor | None = None
        if self._websocket.interactive:
            self._typing = self._typing_line(context.environment.env.get("TERM", ""))
        self._count = 0
        self._content = asyncio.Event()
        self._has_spoken = websocket.first_message is None and not websocket.read_stdin
        self.has_enough = False

    async def speak(self, line: MessageSender) -> None:
        """Say all of it, and return when it is time to close. Raises HttpcliError."""
        if self._websocket.first_message is not None:
            await self._say(line, self._websocket.first_message, is_there=False)
        if self._websocket.read_stdin:
            number = 0
            async for saying in input_messages(self._pieces(), self._websocket):
                typed_here = self._websocket.interactive and self._typing is None
                if not await self._say(line, saying, is_there=typed_here):
                    return
                number += 1
                if number % _TURN == 0:
                    await asyncio.sleep(0)
        self._has_spoken = True
        await self._listen()

    def heard(self, *, is_last: bool) -> None:
        """A message came; ``is_last``: all that were expected have come now."""
        self._count += 1
        wait = self._websocket.wait
        most = None if wait is None else wait.messages
        if is_last if most is None else self._count >= most:
            self._content.set()
            # What comes after it is of no interest, unless there is more to say.
            self.has_enough = self._has_spoken

    def beside(self, write: Callable[[], None]) -> None:
        """Write without tearing what is being typed."""
        if self._typing is None:
            write()
        else:
            self._typing.above(write)

    def tell_of_end(self, closed: WebSocketClosed) -> None:
        """Tell a person that the other side has closed."""
        if self._websocket.interactive:
            reason = f": {closed.reason}" if closed.reason else ""
            self._notices.note(f"closed ({closed.code}){reason}")

    async def _say(self, line: MessageSender, data: bytes, *, is_there: bool) -> bool:
        text = not self._websocket.binary
        if not await line.send(data, text=text):
            return False
        self._said(
            WebSocketMessage(data, text, sent=True), is_there=is_there or not self._shows_sent
        )
        return True

    def _pieces(self) -> AsyncIterator[bytes]:
        if self._typing is not None:
            return self._typed(self._typing)
        return StandardInput(self._stdin.fd, lambda: None).rest()

    async def _typed(self, line: LineEditor) -> AsyncIterator[bytes]:
        async for text in line.lines():
            yield text + b"\n"

    async def _listen(self) -> None:
        """Return when enough was heard."""
        wait = self._websocket.wait
        if wait is None and (self._websocket.interactive or not self._listens):
            return
        if wait is None and self._websocket.read_stdin:
            await self._quiet()
        elif wait is None or wait.messages != 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if wait is None else wait.seconds):
                    await self._content.wait()
        self.has_enough = self._content.is_set() or wait == WaitLimit(messages=0)

    async def _quiet(self) -> None:
        """Return when all has come that is waited for, or nothing for a while.

        Seen twice: after a long wait for who reads our output, what came
        meanwhile is not counted at the first look.
        """
        looks = 0
        while looks < 2 and not self._content.is_set():
            before = self._count
            with suppress(TimeoutError):
                async with asyncio.timeout((_PATIENT if self._awaits else _QUIET) / 2):
                    await self._content.wait()
            looks = looks + 1 if self._count == before else 0

    def _typing_line(self, term: str) -> LineEditor | None:
        """Return a line to type on; None where there is no library for it, or no such terminal."""
        if term in ("", "dumb"):
            return None
        try:
            from httpcli.terminal.line_editor import LineEditor

            line = LineEditor()
        except ImportError:
            self._notices.note(
                "what you type and what comes share the lines here; "
                "pip install 'httpcli[interactive]' keeps them apart"
            )
            return None
        return line
