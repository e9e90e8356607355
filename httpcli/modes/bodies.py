"""Opens a request's body: where it lies is one thing, sending it another."""

from __future__ import annotations

from collections.abc import AsyncIterator

from httpcli.model.request import Body, Bytes, File
from httpcli.storage.uploads import file_pieces
from httpcli.terminal.stdin import StandardInput

_PIECE = 256 * 1024


async def pieces(body: Body, stdin: StandardInput | None) -> AsyncIterator[bytes]:
    """Read any body, piece by piece. Raises HttpcliError."""
    if isinstance(body, File):
        for piece in file_pieces(body.path, body.size):
            yield piece
        return
    at_hand = body.data if isinstance(body, Bytes) else body.head
    for start in range(0, len(at_hand), _PIECE):
        yield at_hand[start : start + _PIECE]
    if stdin is not None and not isinstance(body, Bytes):
        async for piece in stdin.rest():
            yield piece
