"""Notices that the reader of a pipe has left, also while there is nothing to write.

``httpcli … | head -1`` ends when head ends, not when the server next sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.streams import reader_is_gone


@asynccontextmanager
async def until_reader_leaves(stream: Stream) -> AsyncIterator[None]:
    """Run the block; raise BrokenPipeError in it when nobody reads ``stream`` any more."""
    if stream.kind is not StreamKind.PIPE:
        yield
        return
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    gone = False

    def look() -> None:
        nonlocal gone
        gone = reader_is_gone(stream.fd)
        # Level-triggered: a socket with something to read would call for ever.
        loop.remove_reader(stream.fd)
        if gone and task is not None:
            task.cancel()

    loop.add_reader(stream.fd, look)
    try:
        yield
    except asyncio.CancelledError:
        if gone:
            raise BrokenPipeError from None
        raise
    finally:
        loop.remove_reader(stream.fd)
