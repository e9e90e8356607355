"""Sends the messages of a WebSocket: the first one, then standard input or what a user types.

It also determines when enough messages have been received.
"""

from __future__ import annotations

import asyncio
import json
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
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext
    from httpcli.terminal.line_editor import LineEditor


async def input_messages(
    pieces: AsyncIterator[bytes], websocket: WebSocket
) -> AsyncIterator[bytes]:
    """Yield each message. Raises HttpcliError for a line that is not a valid one."""
    if websocket.binary:
        async for piece in pieces:
            yield piece
        return
    number = 0
    async for line in _lines(pieces, websocket.max_message_size):
        number += 1
        _check_line(line, number, is_json=websocket.json)
        yield line


async def _lines(pieces: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """Yield the lines without their ends; the last one may have none."""
    incomplete = bytearray()
    async for piece in pieces:
        *complete, rest = piece.split(b"\n")
        for part in complete:
            yield bytes(incomplete + part)
            incomplete.clear()
        incomplete += rest
        if longest and len(incomplete) > longest:
            raise HttpcliError(
                f"standard input: a line of more than {longest} bytes",
                hint="--ws-max-size sets how long a message may be",
                status=ExitStatus.LOCAL,
            )
    if incomplete:
        yield bytes(incomplete)


def _check_line(line: bytes, number: int, *, is_json: bool) -> None:
    """Raise HttpcliError for a line that is not UTF-8, or with ``is_json`` not JSON."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise HttpcliError(
            f"standard input: line {number} is not UTF-8",
            hint="--ws-binary sends bytes as they are",
            status=ExitStatus.LOCAL,
        ) from None
    if not is_json:
        return
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise HttpcliError(
            f"standard input: line {number} is not JSON{where}",
            hint="without --ws-json any text is sent",
            status=ExitStatus.LOCAL,
        ) from None


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


_QUIET = 1.0
"""Seconds without a message after which the connection is closed."""
_QUIET_IF_EXPECTING = 10.0
"""The same while an expected message has not come."""
_BURST = 64
"""Messages after which other tasks run: sending alone may never wait."""


class OnSent(Protocol):
    """Called with each sent message; ``is_visible``: the terminal shows it already."""

    def __call__(self, message: WebSocketMessage, *, is_visible: bool) -> None: ...


class Sender:
    """Sends all messages, and determines when enough messages have been received."""

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
            self._editor = self._open_editor(context.environment.env.get("TERM", ""))
        self._received = 0
        self._enough = asyncio.Event()
        self._has_sent_all = websocket.first_message is None and not websocket.read_stdin
        self.has_all_expected = False

    async def send_all(self, connection: MessageSender) -> None:
        """Send all messages; return when it is time to close. Raises HttpcliError."""
        if self._websocket.first_message is not None:
            await self._send(connection, self._websocket.first_message, is_visible=False)
        if self._websocket.read_stdin:
            number = 0
            async for message in input_messages(self._pieces(), self._websocket):
                is_echoed = self._websocket.interactive and self._editor is None
                if not await self._send(connection, message, is_visible=is_echoed):
                    return
                number += 1
                if number % _BURST == 0:
                    await asyncio.sleep(0)
        self._has_sent_all = True
        await self._wait_for_messages()

    def count_message(self, *, is_last: bool) -> None:
        """Count a received message; ``is_last``: now all expected messages have come."""
        self._received += 1
        wait = self._websocket.wait
        most = None if wait is None else wait.messages
        if is_last if most is None else self._received >= most:
            self._enough.set()
            # Later messages are ignored, unless there are more to send.
            self.has_all_expected = self._has_sent_all

    def write_above_input(self, write: Callable[[], None]) -> None:
        """Call ``write``, which prints, without breaking the line that the user types."""
        if self._editor is None:
            write()
        else:
            self._editor.above(write)

    def print_close(self, closed: WebSocketClosed) -> None:
        """Tell an interactive user that the server has closed the connection."""
        if self._websocket.interactive:
            reason = f": {closed.reason}" if closed.reason else ""
            self._notices.note(f"closed ({closed.code}){reason}")

    async def _send(self, connection: MessageSender, data: bytes, *, is_visible: bool) -> bool:
        text = not self._websocket.binary
        if not await connection.send(data, text=text):
            return False
        self._on_sent(
            WebSocketMessage(data, text, sent=True), is_visible=is_visible or not self._shows_sent
        )
        return True

    def _pieces(self) -> AsyncIterator[bytes]:
        if self._editor is not None:
            return self._edited_lines(self._editor)
        return StandardInput(self._stdin.fd, lambda: None).rest()

    async def _edited_lines(self, editor: LineEditor) -> AsyncIterator[bytes]:
        async for text in editor.lines():
            yield text + b"\n"

    async def _wait_for_messages(self) -> None:
        """Return when enough messages have been received."""
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
        """Return when all expected messages have come, or none for a while.

        It takes two intervals without a message: if the reader of our output blocked for long,
        messages that came meanwhile are not counted in the first one.
        """
        seconds = _QUIET_IF_EXPECTING if self._expects_message else _QUIET
        quiet_intervals = 0
        while quiet_intervals < 2 and not self._enough.is_set():
            before = self._received
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds / 2):
                    await self._enough.wait()
            quiet_intervals = quiet_intervals + 1 if self._received == before else 0

    def _open_editor(self, term: str) -> LineEditor | None:
        """Return a line editor; None without its library or on a terminal that cannot have one."""
        if term in ("", "dumb"):
            return None
        try:
            from httpcli.terminal.line_editor import LineEditor

            editor = LineEditor()
        except ImportError:
            self._notices.note(
                "what you type and what comes share the lines here; "
                "pip install 'httpcli[interactive]' keeps them apart"
            )
            return None
        return editor
