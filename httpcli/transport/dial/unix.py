"""Connections to Unix sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import stat

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.exit_status import ExitStatus

_PAUSE = 0.05
"""Seconds before the next attempt while the server's queue is full."""


async def connect_unix(path: str) -> socket.socket:
    """Return a non-blocking socket that is connected to ``path``.

    ``@name`` is a name of Linux's abstract namespace. Raises HttpcliError.
    """
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.setblocking(False)
        await _connect(stream, path)
    except BaseException:
        stream.close()
        raise
    return stream


async def _connect(stream: socket.socket, path: str) -> None:
    address = f"\0{path[1:]}" if path.startswith("@") else path
    while True:
        try:
            stream.connect(os.fsencode(address))
        except BlockingIOError:
            # The server's queue is full, and the kernel signals no event when that ends.
            await asyncio.sleep(_PAUSE)
        except OSError as error:
            raise _failure(path, error) from error
        else:
            return


def _failure(path: str, error: OSError) -> HttpcliError:
    reason, hint = os.strerror(error.errno or 0).lower(), ""
    if isinstance(error, FileNotFoundError):
        reason, hint = "no such socket", "is the server running?"
    elif isinstance(error, ConnectionRefusedError):
        reason, hint = "connection refused", "is the server running?"
        if not path.startswith("@") and not _is_socket(path):
            reason, hint = "not a socket", ""
    elif isinstance(error, PermissionError):
        from httpcli.core.shell import quote_word

        hint = f"check the permissions: ls -l {quote_word(path)}"
    failure = HttpcliError(f"{path}: {reason}", hint=hint, status=ExitStatus.NOT_CONNECTED)
    return failure.as_transient(CONNECT_FAILURE, unsent=True)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return True
