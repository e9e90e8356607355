"""One server for every host name: all examples in the documents connect to it.

It responds like ``echo:``. A path with a suffix is a file, with range support. A
WebSocket gets every message back. ``/health`` returns 503 twice, like a program
that is starting, and then 200.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLContext
from typing import NamedTuple

from aiohttp import WSMsgType, web

from httpcli.echo.anything import anything
from httpcli.echo.page_table import PAGES

_LOOPBACK = "127.0.0.1"
_FILE_BYTES = 100_000
_STATUSES = web.AppKey("statuses", list[int])
"""Statuses that ``/health`` returns before it returns 200."""


class Ports(NamedTuple):
    """The ports that the server listens on: HTTP and HTTPS."""

    plain: int
    secure: int


@contextmanager
def catch_all_server(tls: SSLContext, folder: Path) -> Iterator[Ports]:
    """Run the server in a thread; it creates its file in ``folder``."""
    file = folder / "file"
    file.write_bytes(bytes(range(250)) * (_FILE_BYTES // 250))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(_application(file), access_log=None, shutdown_timeout=0.05)
    try:
        yield asyncio.run_coroutine_threadsafe(_start(runner, tls), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(runner: web.AppRunner, tls: SSLContext) -> Ports:
    await runner.setup()
    await web.TCPSite(runner, _LOOPBACK, 0).start()
    await web.TCPSite(runner, _LOOPBACK, 0, ssl_context=tls).start()
    plain, secure = (address[1] for address in runner.addresses)
    return Ports(plain, secure)


def _application(file: Path) -> web.Application:
    application = web.Application(client_max_size=0)
    for page in PAGES:
        application.router.add_route("*", page.path, page.handler)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await _echo_messages(request)
        if request.method in ("GET", "HEAD") and Path(request.path).suffix:
            return web.FileResponse(file)
        return await anything(request)

    application.router.add_get("/health", _health)
    application.router.add_route("*", "/{rest:.*}", answer)
    application[_STATUSES] = [503, 503]
    return application


async def _health(request: web.Request) -> web.StreamResponse:
    statuses = request.app[_STATUSES]
    if statuses:
        return web.json_response({"status": "starting"}, status=statuses.pop())
    return web.json_response({"status": "ok", "version": "1.4.2"})


async def _echo_messages(request: web.Request) -> web.WebSocketResponse:
    websocket = web.WebSocketResponse()
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await websocket.send_bytes(message.data)
    return websocket
