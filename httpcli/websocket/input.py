"""What is to be said on a WebSocket, from the pieces that standard input gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.websocket import WebSocket


async def input_messages(
    pieces: AsyncIterator[bytes], websocket: WebSocket
) -> AsyncIterator[bytes]:
    """Give each message. Raises HttpcliError for a line that cannot be one."""
    if websocket.binary:
        async for piece in pieces:
            yield piece
        return
    number = 0
    async for line in _lines(pieces, websocket.max_message_size):
        number += 1
        _check(line, number, strict=websocket.json)
        yield line


async def _lines(pieces: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """Give the lines without their ends; the last one needs none."""
    held = bytearray()
    async for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for part in whole:
            yield bytes(held + part)
            held.clear()
        held += rest
        if longest and len(held) > longest:
            raise HttpcliError(
                f"standard input: a line of more than {longest} bytes",
                hint="--ws-max-size sets how long a message may be",
                status=ExitStatus.LOCAL,
            )
    if held:
        yield bytes(held)


def _check(line: bytes, number: int, *, strict: bool) -> None:
    """Raise HttpcliError for a line that is no text, or where ``strict`` no JSON."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise HttpcliError(
            f"standard input: line {number} is not UTF-8",
            hint="--ws-binary sends bytes as they are",
            status=ExitStatus.LOCAL,
        ) from None
    if not strict:
        return
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise HttpcliError(
            f"standard input: line {number} is not JSON{where}",
            hint="without --ws-json any text is sent",
            status=ExitStatus.LOCAL,
        ) from None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
