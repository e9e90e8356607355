"""The small server behind ``echo:`` and ``httpcli echo``, on a loopback port of its own.

What it sends is the same every time (no Date, no Server), so that documents
can show it; what it receives it takes as it is (nothing decoded, no limits).
"""

from __future__ import annotations

from aiohttp import web

from httpcli.echo.pages import PAGES, index, missing

_LOOPBACK = "127.0.0.1"
_LONGEST_LINE = 16 * 1024 * 1024
# Not 0, which means to wait for ever.
_SHUTDOWN_SECONDS = 0.05


class EchoServer:
    """A server that runs: ``host`` and ``port`` are where, until ``close``."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self._runner = runner
        self.host = host
        self.port = port

    async def close(self) -> None:
        """Stop at once: connections are not waited for, handlers are cancelled."""
        await self._runner.cleanup()


async def serve(host: str = _LOOPBACK, port: int = 0) -> EchoServer:
    """Start the server; port 0 is a free one. Raises OSError where it cannot be had."""
    runner = web.AppRunner(
        _application(),
        access_log=None,
        auto_decompress=False,
        handler_cancellation=True,
        max_field_size=_LONGEST_LINE,
        max_headers=_LONGEST_LINE,
        max_line_size=_LONGEST_LINE,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    at, number = runner.addresses[0][:2]
    return EchoServer(runner, at, number)


def _application() -> web.Application:
    # 0 is no limit.
    application = web.Application(client_max_size=0)
    application.router.add_route("*", "/", index)
    for page in PAGES:
        application.router.add_route("*", page.path, page.answer)
    application.router.add_route("*", "/{rest:.*}", missing)
    application.on_response_prepare.append(_same_every_time)
    return application


async def _same_every_time(_: web.Request, response: web.StreamResponse) -> None:
    for name in ("Date", "Server"):
        response.headers.popall(name, None)
