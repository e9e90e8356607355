"""Hears what a server said before it broke the connection off in the middle of an upload.

Who refuses content says so (413) and hangs up, and the reset overtakes the
answer: when a write fails, asyncio closes at once and what the kernel still has
to read is lost. Here it is read first. Over TLS nobody can: the keys are asyncio's.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial
from typing import cast

from aiohttp import BaseConnector
from aiohttp.client_proto import ResponseHandler

_PIECE = 64 * 1024


class _Listening(ResponseHandler):
    def connection_lost(self, exc: BaseException | None) -> None:
        """Read what is left, then take note; asyncio closes the socket only after this."""
        transport = self.transport
        if isinstance(exc, ConnectionError) and transport is not None:
            self._hear(transport)
        super().connection_lost(exc)

    def _hear(self, transport: asyncio.BaseTransport) -> None:
        if transport.get_extra_info("ssl_object") is not None:
            return
        descriptor = transport.get_extra_info("socket").fileno()
        with suppress(OSError):  # it would have to wait, or the reset is all that is left
            while data := os.read(descriptor, _PIECE):
                self.data_received(data)


def heed(connector: BaseConnector | None) -> None:
    """Have new connections listen to the last. aiohttp has no public place to say so."""
    if connector is not None:
        made = partial(_Listening, loop=connector._loop)
        connector._factory = cast("partial[ResponseHandler]", made)
