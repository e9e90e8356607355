"""Writes bytes to the standard streams, and notices when their reader has closed a pipe.

No other module writes to file descriptor 1 or 2. What is written to a terminal passes through
``core.terminal_guard``, whoever wrote it. There are two exceptions: ``--terminal=raw`` for the
body of a response, and ``terminal.terminal_output``, which moves the cursor with a closed set of
sequences.

SIGPIPE is ignored, as always in Python: a peer that resets a socket must not end the
process. Writing to a pipe without a reader raises BrokenPipeError, which ``app`` turns
into exit status 141.
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
    from httpcli.core.terminal_guard import OutputGuard


_DEFAULT_PIPE_SIZE = 64 * 1024
"""The usual size of a pipe's buffer in bytes."""
_LARGE_PIPE_SIZE = 1 << 20
"""Bytes; the default limit for users on Linux (/proc/sys/fs/pipe-max-size)."""


def enlarge_pipe(fd: int) -> None:
    """Enlarge the buffer of the pipe ``fd``, if the system supports and allows it.

    Large writes then need fewer switches between the processes.
    """
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # not a pipe, or not allowed
            if fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) < _LARGE_PIPE_SIZE:
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _LARGE_PIPE_SIZE)


def stdout_writer(environment: Environment, *, raw: bool = False) -> Write:
    """Return ``stream_writer`` for standard output."""
    return stream_writer(environment.stdout, "standard output", raw=raw)


def stderr_writer(environment: Environment) -> Write:
    """Return ``stream_writer`` for standard error."""
    return stream_writer(environment.stderr, "standard error")


def stream_writer(stream: Stream, name: str, *, raw: bool = False) -> Write:
    """Return a function that writes bytes, all of them, to a stream.

    ``name`` is the stream's name in messages. ``raw``: no terminal guard. The function raises
    BrokenPipeError if the reader has closed the pipe, and HttpcliError for other errors, such
    as a full disk or a closed descriptor.
    """
    if not stream.is_terminal or raw:
        return unguarded_writer(stream, name)
    return _guarded(unguarded_writer(stream, name), stream.charset)


def _guarded(write: Write, charset: str) -> Write:
    from httpcli.core.terminal_guard import OutputGuard

    guard = OutputGuard(charset)

    def write_guarded(data: bytes) -> None:
        write(guard.feed(data))

    return write_guarded


def unguarded_writer(stream: Stream, name: str) -> Write:
    """Return ``stream_writer``'s function without the terminal guard."""
    fd = stream.fd
    small_pipe = stream.kind is StreamKind.PIPE

    def write(data: bytes) -> None:
        nonlocal small_pipe
        if stream.kind is StreamKind.CLOSED:
            raise HttpcliError(f"{name} is closed", status=ExitStatus.LOCAL)
        if small_pipe and len(data) > _DEFAULT_PIPE_SIZE:
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
    """Raise BrokenPipeError in the block when the reader of a pipe closes it.

    So ``httpcli … | head -1`` ends when head ends, not when the server sends again.
    """
    if stream.kind is not StreamKind.PIPE:
        yield
        return
    import asyncio

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    has_left = False

    def check_reader() -> None:
        nonlocal has_left
        has_left = has_no_reader(stream.fd)
        # Only once: it is called again as long as a socket has data to read.
        loop.remove_reader(stream.fd)
        if has_left and task is not None:
            task.cancel()

    loop.add_reader(stream.fd, check_reader)
    try:
        yield
    except asyncio.CancelledError:
        if has_left:
            raise BrokenPipeError from None
        raise
    finally:
        loop.remove_reader(stream.fd)


def own_terminal_guard(fd: int) -> OutputGuard | None:
    """Return a guard for an open file that is the user's terminal, such as ``/dev/tty``.

    None for any other file. Other terminals, such as serial lines, get the bytes unchanged.
    """
    if not os.isatty(fd):
        return None
    own = set()
    for path_or_fd in (0, 1, 2, "/dev/tty"):
        with suppress(OSError):
            own.add(os.stat(path_or_fd).st_rdev)
    if os.fstat(fd).st_rdev not in own:
        return None
    from httpcli.core.terminal_guard import OutputGuard

    return OutputGuard()


_CAN_BLOCK = (StreamKind.PIPE, StreamKind.TERMINAL)


def stream_writer_until(
    stream: Stream,
    name: str,
    limit: float | None,
    clock: Callable[[], float],
    *,
    raw: bool = False,
) -> Write:
    """Return ``stream_writer``'s function, which raises TimeoutError ``limit`` seconds from now.

    A blocked write would block the event loop, and with it every timeout. So at most
    PIPE_BUF bytes are written at a time, which never block when the pipe is writable.
    """
    write_all = unguarded_writer(stream, name)
    if limit is None or stream.kind not in _CAN_BLOCK:
        return stream_writer(stream, name, raw=raw)
    deadline = clock() + limit
    writable = select.poll()
    writable.register(stream.fd, select.POLLOUT)

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            left = max(0.0, deadline - clock())
            if not writable.poll(left * 1000):
                raise TimeoutError(f"timed out writing to {name}")
            write_all(bytes(view[: select.PIPE_BUF]))
            view = view[select.PIPE_BUF :]

    # The guard comes first: a sequence must not be divided.
    return _guarded(write, stream.charset) if stream.is_terminal and not raw else write
