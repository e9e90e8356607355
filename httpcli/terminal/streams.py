"""Makes room in a pipe, so that fewer and larger pieces go through it.

A pipe of the usual 64 KiB makes a piece of 256 KiB four waits, and each hands the
processor to the other side and back.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Environment, Stream, StreamKind

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write


_ROOM = 1 << 20
"""Bytes; as much as Linux gives to everybody (/proc/sys/fs/pipe-max-size)."""


def enlarge_pipe(fd: int) -> None:
    """Let the pipe ``fd`` hold more, where the system can do that and allows it."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # no pipe, or more than this user may
            if fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) < _ROOM:
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _ROOM)


# Writes bytes to a descriptor, all of them, at once.
#
# SIGPIPE stays ignored, as Python has it: a peer that resets a socket must not end the process.
# A reader that has gone shows as BrokenPipeError instead, and ``app`` turns that into status
# 141.


_USUAL = 64 * 1024
"""Bytes that a pipe holds if nobody asks for more."""


def to_stdout(environment: Environment) -> Write:
    """Return what writes to standard output; it raises as that of ``writer``."""
    return writer(environment.stdout, "standard output")


def to_stderr(environment: Environment) -> Write:
    """Return what writes to standard error; it raises as that of ``writer``."""
    return writer(environment.stderr, "standard error")


def writer(stream: Stream, name: str) -> Write:
    """Return a function that writes all of some bytes to a stream, called ``name``.

    It raises BrokenPipeError when nobody reads any more, HttpcliError for a
    full disk, a closed descriptor and the like.
    """
    fd = stream.fd
    narrow = stream.kind is StreamKind.PIPE

    def write(data: bytes) -> None:
        nonlocal narrow
        if stream.kind is StreamKind.CLOSED:
            raise HttpcliError(f"{name} is closed", status=ExitStatus.LOCAL)
        if narrow and len(data) > _USUAL:
            narrow = False
            enlarge_pipe(fd)
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(fd, view) :]
            except BlockingIOError:
                # A sibling process made the shared descriptor non-blocking.
                select.select([], [fd], [])
            except BrokenPipeError:
                raise
            except OSError as error:
                raise HttpcliError(
                    f"{name} cannot be written: {error_reason(error)}", status=ExitStatus.LOCAL
                ) from None

    return write


def reader_is_gone(fd: int) -> bool:
    """Tell whether the other end of the pipe ``fd`` has been closed."""
    poll = select.poll()
    poll.register(fd, 0)
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


# Notices that the reader of a pipe has left, also while there is nothing to write.
#
# ``httpcli … | head -1`` ends when head ends, not when the server next sends.


@asynccontextmanager
async def until_reader_leaves(stream: Stream) -> AsyncIterator[None]:
    """Run the block; raise BrokenPipeError in it when nobody reads ``stream`` any more."""
    if stream.kind is not StreamKind.PIPE:
        yield
        return
    import asyncio

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


# Writes to a pipe or terminal whose reader may stop reading, for a limited time.
#
# A write that waits for room cannot be ended from the event loop, which waits with it. So no
# more is written at once than a pipe takes whole when it takes any.


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
