"""Sends the messages of a WebSocket: the first one, then those of standard input.

It also determines when all expected messages have been received.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.expectation import MESSAGE_SUBJECTS
from httpcli.core.websocket import (
    MessageSender,
    WaitLimit,
    WebSocket,
    WebSocketClosed,
    WebSocketMessage,
)
from httpcli.syntax.lossless_json import NotJsonError, parse
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext
    from httpcli.terminal.line_editor import LineEditor


async def input_messages(
    pieces: AsyncIterator[bytes], websocket: WebSocket
) -> AsyncIterator[bytes]:
    """Yield the messages of standard input. Raises HttpcliError for an invalid line."""
    if websocket.binary:
        async for piece in pieces:
            yield piece
        return
    number = 0
    async for line in _lines(pieces, websocket.max_message_size):
        number += 1
        _check_line(line, number, is_json=websocket.json)
        yield line


async def _lines(pieces: AsyncIterator[bytes], max_size: int) -> AsyncIterator[bytes]:
    """Yield the lines without their line ends; ``max_size`` is 0 for no limit."""
    incomplete = bytearray()
    async for piece in pieces:
        *complete, rest = piece.split(b"\n")
        for part in complete:
            yield bytes(incomplete + part)
            incomplete.clear()
        incomplete += rest
        if max_size and len(incomplete) > max_size:
            raise HttpcliError(
                f"standard input: a line is longer than {max_size} bytes",
                hint="to allow longer messages: --ws-max-size SIZE",
                status=ExitStatus.LOCAL,
            )
    if incomplete:
        yield bytes(incomplete)


def _check_line(line: bytes, number: int, *, is_json: bool) -> None:
    """Raise HttpcliError for a line that is not UTF-8, or, if ``is_json``, not JSON."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise HttpcliError(
            f"standard input: line {number} is not UTF-8",
            hint="to send bytes unchanged: --ws-binary",
            status=ExitStatus.LOCAL,
        ) from None
    if not is_json:
        return
    try:
        parse(text)
    except NotJsonError as error:
        where = f" (column {error.position + 1})"
        raise HttpcliError(
            f"standard input: line {number} is not JSON{where}",
            hint="to send any text, remove --ws-json",
            status=ExitStatus.LOCAL,
        ) from None


_QUIET_TIME = 1.0
"""Seconds without a message after which the connection is closed."""
_QUIET_TIME_IF_EXPECTING = 10.0
"""The same while an expected message has not been received."""
_BURST = 64
"""Messages after which other tasks get a turn: sending may never wait."""


class OnSent(Protocol):
    """Called with each sent message."""

    def __call__(self, message: WebSocketMessage, *, show: bool) -> None:
        """``show``: print it; False if the terminal echoed it or stdout is no terminal."""


class Sender:
    """Sends all messages, and determines when all expected ones have been received."""

    def __init__(
        self, plan: Plan, websocket: WebSocket, context: RunContext, on_sent: OnSent
    ) -> None:
        self._websocket = websocket
        expected = [check for check in plan.checks if check.subject in MESSAGE_SUBJECTS]
        self._expects_message = not all(check.negated for check in expected)
        self._needs_messages = bool(expected) or "b" in plan.display.parts
        self._shows_sent = plan.display.to_terminal
        self._stdin = context.environment.stdin
        self._notices = context.notices
        self._on_sent = on_sent
        self._editor: LineEditor | None = None
        if self._websocket.interactive:
            self._editor = self._open_editor(context.environment)
        self._received = 0
        self._enough = asyncio.Event()
        """Set when all expected messages have been received."""
        self._has_sent_all = websocket.first_message is None and not websocket.read_stdin
        self.has_all_expected = False
        """Whether later messages are ignored: all expected ones are received, and all are sent."""

    async def send_all(self, connection: MessageSender) -> None:
        """Send all messages; return when it is time to close. Raises HttpcliError."""
        if self._websocket.first_message is not None:
            await self._send(connection, self._websocket.first_message, show=True)
        if self._websocket.read_stdin:
            number = 0
            async for message in input_messages(self._pieces(), self._websocket):
                is_echoed = self._websocket.interactive and self._editor is None
                if not await self._send(connection, message, show=not is_echoed):
                    return
                number += 1
                if number % _BURST == 0:
                    await asyncio.sleep(0)
        self._has_sent_all = True
        await self._wait_for_messages()

    def count_message(self, *, is_last: bool) -> None:
        """Count a received message; ``is_last``: no more messages are expected."""
        self._received += 1
        wait = self._websocket.wait
        count = None if wait is None else wait.messages
        has_enough = is_last if count is None else self._received >= count
        if has_enough:
            self._enough.set()
            # While there are more messages to send, later ones are not ignored.
            self.has_all_expected = self._has_sent_all

    def write_above_input(self, write: Callable[[], None]) -> None:
        """Call ``write``, which prints, above the line that the user types."""
        if self._editor is None:
            write()
        else:
            self._editor.above(write)

    def print_close(self, closed: WebSocketClosed) -> None:
        """Print for an interactive user that the server has closed the connection."""
        if self._websocket.interactive:
            reason = f": {closed.reason}" if closed.reason else ""
            self._notices.note(f"closed ({closed.code}){reason}")

    async def _send(self, connection: MessageSender, data: bytes, *, show: bool) -> bool:
        """Send a message; return False if the connection is closed."""
        text = not self._websocket.binary
        if not await connection.send(data, text=text):
            return False
        message = WebSocketMessage(data, text, sent=True)
        self._on_sent(message, show=show and self._shows_sent)
        return True

    def _pieces(self) -> AsyncIterator[bytes]:
        if self._editor is not None:
            return self._edited_lines(self._editor)
        return StandardInput(self._stdin.fd, lambda: None).rest()

    async def _edited_lines(self, editor: LineEditor) -> AsyncIterator[bytes]:
        async for text in editor.lines():
            yield text + b"\n"

    async def _wait_for_messages(self) -> None:
        """Return when all expected messages have been received, or the wait limit is reached."""
        wait = self._websocket.wait
        if wait is None and (self._websocket.interactive or not self._needs_messages):
            return
        if wait is None and self._websocket.read_stdin:
            await self._wait_until_quiet()
        elif wait is None or wait.messages != 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if wait is None else wait.seconds):
                    await self._enough.wait()
        self.has_all_expected = self._enough.is_set() or wait == WaitLimit(messages=0)

    async def _wait_until_quiet(self) -> None:
        """Return when all expected messages have been received, or none for a while.

        Two intervals without a message are needed: if stdout blocked for long, messages that
        arrived meanwhile are not counted in the first one.
        """
        seconds = _QUIET_TIME_IF_EXPECTING if self._expects_message else _QUIET_TIME
        quiet_intervals = 0
        while quiet_intervals < 2 and not self._enough.is_set():
            before = self._received
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds / 2):
                    await self._enough.wait()
            quiet_intervals = quiet_intervals + 1 if self._received == before else 0

    def _open_editor(self, environment: Environment) -> LineEditor | None:
        """Return a line editor; None if its library or the terminal does not support one."""
        if environment.env.get("TERM", "") in ("", "dumb"):
            return None
        try:
            from httpcli.terminal.line_editor import LineEditor

            editor = LineEditor(environment.stdout)
        except ImportError:
            self._notices.note(
                "what you type and what is received share this line; to separate them, "
                "install the interactive extra"
            )
            return None
        return editor
