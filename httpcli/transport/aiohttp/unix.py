"""Reaches an origin by a Unix socket: no name is looked up, no proxy asked."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from typing import Any

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.transport.aiohttp.custom_connector import DiallingConnector

_PAUSE = 0.05
"""Seconds before a socket whose queue is full is tried again."""


class UnixSocket(DiallingConnector):
    """Connects to a path; ``@name`` is a name of Linux's abstract namespace."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(**options)
        self._path = path

    async def dial(self, host: str, port: int) -> socket.socket:  # noqa: ARG002
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.setblocking(False)
            await self._connect(stream)
        except BaseException:
            stream.close()
            raise
        return stream

    async def _connect(self, stream: socket.socket) -> None:
        abstract = self._path.startswith("@")
        address = f"\0{self._path[1:]}" if abstract else self._path
        while True:
            try:
                stream.connect(os.fsencode(address))
            except BlockingIOError:
                # The queue of who listens is full. No event tells that there is
                # room again: for a Unix socket the kernel only says, not now.
                await asyncio.sleep(_PAUSE)
            except OSError as error:
                raise self._failed(error) from error
            else:
                return

    def _failed(self, error: OSError) -> HttpcliError:
        reason, hint = os.strerror(error.errno or 0).lower(), ""
        if isinstance(error, FileNotFoundError):
            reason, hint = "there is no such socket", "does the server run?"
        elif isinstance(error, ConnectionRefusedError):
            reason, hint = "nobody listens on this socket", "does the server run?"
            if not self._path.startswith("@") and not _is_socket(self._path):
                reason, hint = "that is not a socket", ""
        elif isinstance(error, PermissionError):
            hint = f"see who may use it: ls -l {self._path}"
        failure = HttpcliError(
            f"{self._path}: {reason}", hint=hint, status=ExitStatus.NOT_CONNECTED
        )
        return failure.as_transient(CONNECT_FAILURE, unsent=True)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return True
