"""The test server behind ``echo:`` URLs and ``httpcli echo``.

Responses are reproducible (no Date, no Server), so that documentation can show
them. Requests are accepted unchanged: nothing is decoded, and no limits apply.
"""

from __future__ import annotations

from aiohttp import web

from httpcli.echo.page_table import PAGES, index, missing

_LOOPBACK = "127.0.0.1"
_MAX_LINE = 16 * 1024 * 1024
# Not 0, with which aiohttp waits forever.
_SHUTDOWN_SECONDS = 0.05


class EchoServer:
    """A running server."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self._runner = runner
        self.host = host
        """The address that it listens on."""
        self.port = port

    async def close(self) -> None:
        """Stop at once, without waiting for connections; handlers are cancelled."""
        await self._runner.cleanup()


async def serve(host: str = _LOOPBACK, port: int = 0) -> EchoServer:
    """Start the server; port 0 means any free port. Raises OSError if the port is not free."""
    runner = web.AppRunner(
        _application(),
        access_log=None,
        auto_decompress=False,
        handler_cancellation=True,
        max_field_size=_MAX_LINE,
        max_headers=_MAX_LINE,
        max_line_size=_MAX_LINE,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    actual_host, actual_port = runner.addresses[0][:2]
    return EchoServer(runner, actual_host, actual_port)


def _application() -> web.Application:
    # 0: no limit.
    application = web.Application(client_max_size=0)
    application.router.add_route("*", "/", index)
    for page in PAGES:
        application.router.add_route("*", page.path, page.handler)
    application.router.add_route("*", "/{rest:.*}", missing)
    application.on_response_prepare.append(_remove_changing_headers)
    return application


async def _remove_changing_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name in ("Date", "Server"):
        response.headers.popall(name, None)
