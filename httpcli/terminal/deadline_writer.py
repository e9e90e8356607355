"""Writes to a pipe or terminal whose reader may stop reading, for a limited time.

A write that waits for room cannot be ended from the event loop, which waits with
it. So no more is written at once than a pipe takes whole when it takes any.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.streams import writer

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write

_MAY_WAIT = (StreamKind.PIPE, StreamKind.TERMINAL)


def writer_until(
    stream: Stream, name: str, limit: float | None, clock: Callable[[], float]
) -> Write:
    """Return ``writer``'s function, which now raises TimeoutError ``limit`` seconds from now."""
    write_all = writer(stream, name)
    if limit is None or stream.kind not in _MAY_WAIT:
        return write_all
    deadline = clock() + limit
    room = select.poll()
    room.register(stream.fd, select.POLLOUT)

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            left = max(0.0, deadline - clock())
            if not room.poll(left * 1000):
                raise TimeoutError(f"nobody takes what is written to {name}")
            write_all(bytes(view[: select.PIPE_BUF]))
            view = view[select.PIPE_BUF :]

    return write
