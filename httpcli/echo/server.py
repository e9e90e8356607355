"""The test server behind ``echo:`` URLs and ``httpcli echo``.

Responses are reproducible (no Date, no Server), so that documentation can show
them. Requests are accepted unchanged: nothing is decoded. Their heads are limited, see
``echo.connection``.
"""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from httpcli.core.limits import ECHO_BODY_SIZE, ECHO_HEADER_SIZE, ECHO_HEADERS
from httpcli.echo.connection import LimitedConnection, follow_connection
from httpcli.echo.page_table import PAGES, index, missing

_LOOPBACK = "127.0.0.1"
_BACKLOG = 128
# Not 0, with which aiohttp waits forever.
_SHUTDOWN_SECONDS = 0.05


class EchoServer:
    """A running server."""

    def __init__(
        self, runner: web.AppRunner, server: asyncio.Server, host: str, port: int
    ) -> None:
        self._runner = runner
        self._server = server
        self.host = host
        """The address that it listens on."""
        self.port = port

    async def close(self) -> None:
        """Stop at once, without waiting for connections; handlers are cancelled."""
        self._server.close()
        await self._runner.cleanup()


async def serve(host: str = _LOOPBACK, port: int = 0) -> EchoServer:
    """Start the server; port 0 means any free port. Raises OSError if the port is not free."""
    runner = web.AppRunner(
        _application(),
        access_log=None,
        logger=_logger(),
        auto_decompress=False,
        handler_cancellation=True,
        # One of them may be as long as the whole head: LimitedConnection counts the sum.
        max_field_size=ECHO_HEADER_SIZE,
        max_headers=ECHO_HEADERS,
        max_line_size=ECHO_HEADER_SIZE,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    make_handler = runner.server
    assert make_handler is not None  # noqa: S101 - for mypy
    connections: set[LimitedConnection] = set()
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: LimitedConnection(make_handler(), connections), host, port, backlog=_BACKLOG
        )
    except OSError:
        await runner.cleanup()
        raise
    actual_host, actual_port = server.sockets[0].getsockname()[:2]
    return EchoServer(runner, server, actual_host, actual_port)


def _logger() -> logging.Logger:
    """Return a logger without the errors of clients, which are answered with 400."""
    logger = logging.Logger("httpcli.echo")  # writes to sys.stderr, which is guarded
    logger.addFilter(_is_our_error)
    return logger


def _is_our_error(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return getattr(error, "code", None) != 400  # of the errors of aiohttp's parser


def _application() -> web.Application:
    application = web.Application(client_max_size=ECHO_BODY_SIZE, middlewares=(follow_connection,))
    application.router.add_route("*", "/", index)
    for page in PAGES:
        application.router.add_route("*", page.path, page.handler)
    application.router.add_route("*", "/{rest:.*}", missing)
    application.on_response_prepare.append(_remove_changing_headers)
    return application


async def _remove_changing_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name in ("Date", "Server"):
        response.headers.popall(name, None)
