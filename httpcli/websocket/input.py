"""Splits standard input into the messages that are sent over a WebSocket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.websocket import WebSocket


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
