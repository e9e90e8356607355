"""Keeps the server of ``echo:`` running for whoever comes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.transport.aiohttp_import import frugal_import

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.terminal.notices import Notices

_LOOPBACK = ("127.", "::1", "localhost")


def serve(host: str, port: int, write: Write, notices: Notices) -> None:
    """Listen, write the URL, and answer until Ctrl-C. Raises HttpcliError, KeyboardInterrupt."""
    if not host.startswith(_LOOPBACK):
        notices.warn(f"whoever reaches {host} can use this server")
    asyncio.run(_serve(host, port, write))


async def _serve(host: str, port: int, write: Write) -> None:
    with frugal_import(()):
        from httpcli.echo.server import serve as start
    try:
        server = await start(host, port)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise HttpcliError(
            f"{host}:{port}: {reason}",
            hint="--port=0 takes a free one",
            status=ExitStatus.LOCAL,
        ) from error
    try:
        at = f"[{server.host}]" if ":" in server.host else server.host
        write(f"http://{at}:{server.port}/\n".encode())
        await asyncio.Event().wait()
    finally:
        await server.close()
