"""Writes bytes to the standard streams, and notices when their reader is gone.

SIGPIPE stays ignored, as Python sets it: a peer that resets a socket must not
end the process. A reader that is gone raises BrokenPipeError, which ``app``
turns into status 141.
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


_DEFAULT_PIPE = 64 * 1024
"""Bytes that a pipe holds by default."""
_LARGE_PIPE = 1 << 20
"""Bytes; the most that Linux gives to every user (/proc/sys/fs/pipe-max-size)."""


def enlarge_pipe(fd: int) -> None:
    """Enlarge the buffer of the pipe ``fd``, if the system supports and allows it.

    Large writes need fewer switches between the processes then.
    """
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # not a pipe, or not allowed
            if fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) < _LARGE_PIPE:
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)


def stdout_writer(environment: Environment) -> Write:
    """Return ``stream_writer`` for standard output."""
    return stream_writer(environment.stdout, "standard output")


def stderr_writer(environment: Environment) -> Write:
    """Return ``stream_writer`` for standard error."""
    return stream_writer(environment.stderr, "standard error")


def stream_writer(stream: Stream, name: str) -> Write:
    """Return a function that writes all of some bytes to a stream, called ``name``.

    The function raises BrokenPipeError if the reader is gone, and HttpcliError for
    other errors, such as a full disk or a closed descriptor.
    """
    fd = stream.fd
    small_pipe = stream.kind is StreamKind.PIPE

    def write(data: bytes) -> None:
        nonlocal small_pipe
        if stream.kind is StreamKind.CLOSED:
            raise HttpcliError(f"{name} is closed", status=ExitStatus.LOCAL)
        if small_pipe and len(data) > _DEFAULT_PIPE:
            small_pipe = False
            enlarge_pipe(fd)
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(fd, view) :]
            except BlockingIOError:
                # Another process made the shared descriptor non-blocking.
                select.select([], [fd], [])
            except BrokenPipeError:
                raise
            except OSError as error:
                raise HttpcliError(
                    f"{name} cannot be written: {error_reason(error)}", status=ExitStatus.LOCAL
                ) from None

    return write


def has_no_reader(fd: int) -> bool:
    """Return whether the other end of the pipe ``fd`` has been closed."""
    poll = select.poll()
    poll.register(fd, 0)
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


@asynccontextmanager
async def until_reader_leaves(stream: Stream) -> AsyncIterator[None]:
    """Run the block; raise BrokenPipeError in it when the reader of a pipe is gone.

    So ``httpcli … | head -1`` ends when head ends, not when the server sends again.
    """
    if stream.kind is not StreamKind.PIPE:
        yield
        return
    import asyncio

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    gone = False

    def check_reader() -> None:
        nonlocal gone
        gone = has_no_reader(stream.fd)
        # Level-triggered: a socket with data to read would call again and again.
        loop.remove_reader(stream.fd)
        if gone and task is not None:
            task.cancel()

    loop.add_reader(stream.fd, check_reader)
    try:
        yield
    except asyncio.CancelledError:
        if gone:
            raise BrokenPipeError from None
        raise
    finally:
        loop.remove_reader(stream.fd)


_CAN_BLOCK = (StreamKind.PIPE, StreamKind.TERMINAL)


def stream_writer_until(
    stream: Stream, name: str, limit: float | None, clock: Callable[[], float]
) -> Write:
    """Return ``stream_writer``'s function; it raises TimeoutError ``limit`` seconds from now.

    A blocked write blocks the event loop too. So at most PIPE_BUF bytes are written
    at a time, which do not block once the pipe is writable.
    """
    write_all = stream_writer(stream, name)
    if limit is None or stream.kind not in _CAN_BLOCK:
        return write_all
    deadline = clock() + limit
    writable = select.poll()
    writable.register(stream.fd, select.POLLOUT)

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            left = max(0.0, deadline - clock())
            if not writable.poll(left * 1000):
                raise TimeoutError(f"nobody takes what is written to {name}")
            write_all(bytes(view[: select.PIPE_BUF]))
            view = view[select.PIPE_BUF :]

    return write
