"""One server that is every host: the documents' examples reach it, whatever they name.

It answers as ``echo:`` does. A path with a suffix is a file, in ranges too, and
an upgrade to a WebSocket gets every message back. ``/health`` is 503 twice, as of
a program that is just starting, and then says that all is well.
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
from httpcli.echo.pages import PAGES

_LOOPBACK = "127.0.0.1"
_FILE_BYTES = 100_000
_STARTING = web.AppKey("starting", list[int])
"""Statuses that ``/health`` still has to give."""


class Ports(NamedTuple):
    """Where it listens."""

    plain: int
    secure: int


@contextmanager
def everywhere(tls: SSLContext, folder: Path) -> Iterator[Ports]:
    """Run the server in a thread; ``folder`` is for its file."""
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
        application.router.add_route("*", page.path, page.answer)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await _talk(request)
        if request.method in ("GET", "HEAD") and Path(request.path).suffix:
            return web.FileResponse(file)
        return await anything(request)

    application.router.add_get("/health", _health)
    application.router.add_route("*", "/{rest:.*}", answer)
    application[_STARTING] = [503, 503]
    return application


async def _health(request: web.Request) -> web.StreamResponse:
    starting = request.app[_STARTING]
    if starting:
        return web.json_response({"status": "starting"}, status=starting.pop())
    return web.json_response({"status": "ok", "version": "1.4.2"})


async def _talk(request: web.Request) -> web.WebSocketResponse:
    talk = web.WebSocketResponse()
    await talk.prepare(request)
    async for message in talk:
        if message.type is WSMsgType.TEXT:
            await talk.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await talk.send_bytes(message.data)
    return talk
