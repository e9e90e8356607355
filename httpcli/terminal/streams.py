"""Writes bytes to a descriptor, all of them, at once.

SIGPIPE stays ignored, as Python has it: a peer that resets a socket must not
end the process. A reader that has gone shows as BrokenPipeError instead, and
``app`` turns that into status 141.
"""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError, refusal_of
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Stream, StreamKind, Surroundings

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write


_USUAL = 64 * 1024
"""Bytes that a pipe holds if nobody asks for more."""


def to_stdout(around: Surroundings) -> Write:
    """Return what writes to standard output; it raises as that of ``writer``."""
    return writer(around.stdout, "standard output")


def to_stderr(around: Surroundings) -> Write:
    """Return what writes to standard error; it raises as that of ``writer``."""
    return writer(around.stderr, "standard error")


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
            from httpcli.terminal.pipe_size import widened

            widened(fd)
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
                    f"{name} cannot be written: {refusal_of(error)}", status=ExitStatus.LOCAL
                ) from None

    return write


def reader_is_gone(fd: int) -> bool:
    """Tell whether the other end of the pipe ``fd`` has been closed."""
    poll = select.poll()
    poll.register(fd, 0)
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
