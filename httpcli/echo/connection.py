"""Limits a client of the server: request heads in size and time, and the number of connections.

A request head is passed to aiohttp when it is complete. aiohttp limits single headers and their
number, but not their sum, and waits for a head without end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from httpcli.core.limits import (
    ECHO_CONNECTIONS,
    ECHO_HEAD_SECONDS,
    ECHO_HEADER_SIZE,
    size_text,
)

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_TEXT = f"The request has headers of more than {size_text(ECHO_HEADER_SIZE)}.\n".encode()
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_TEXT), _TEXT)
)
_LINGER_SECONDS = 1.0
"""Seconds in which the client can read a refusal before the connection is reset."""


class Body(Protocol):
    """A request body, as aiohttp receives it."""

    total_bytes: int

    def is_eof(self) -> bool:
        """Return whether it is complete."""


class LimitedConnection(asyncio.Protocol):
    """The protocol of a connection, in front of aiohttp's ``handler``.

    ``open_connections``: all connections of the server.
    """

    def __init__(
        self, handler: asyncio.Protocol, open_connections: set[LimitedConnection]
    ) -> None:
        self._handler = handler
        self._open_connections = open_connections
        self._transport: asyncio.Transport | None = None
        self._head = bytearray()
        """An incomplete request head."""
        self._expects_head = True
        self._body: Body | None = None
        """The body that is received; None before a request, and in a WebSocket."""
        self._extra_size = 0
        """Bytes received since the last byte of the body: trailers and chunk extensions."""
        self._is_refused = False
        self._active_requests = 0
        """Requests that were passed to aiohttp and have no complete response."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read a head, unless there are too many connections."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for mypy
        self._transport = transport
        if len(self._open_connections) >= ECHO_CONNECTIONS:
            self._is_refused = True
            transport.abort()
            return
        self._open_connections.add(self)
        self._start_timer()
        self._handler.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End the requests."""
        self._stop_timer()
        if self in self._open_connections:
            self._open_connections.remove(self)
            self._handler.connection_lost(error)

    def eof_received(self) -> bool | None:
        """Pass on that the client sends nothing more."""
        return self._handler.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client does not read."""
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client reads again."""
        self._handler.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Hold an incomplete head; pass all else to aiohttp."""
        if self._is_refused:
            return
        if not self._expects_head:
            self._receive_body(data)
            return
        if not self._head:
            data = data.lstrip(b"\r\n")  # empty lines before a request (RFC 9112, 2.2)
            if not data:
                return
            if self._timer is None:
                self._start_timer()
        searched = max(len(self._head) - 3, 0)
        self._head += data
        end = _END_OF_HEAD.search(self._head, searched)
        if (len(self._head) if end is None else end.end()) > ECHO_HEADER_SIZE:
            self._refuse()
        elif end is not None:
            self._pass_head()

    def _receive_body(self, data: bytes) -> None:
        """Pass on a piece of a body, and limit trailers and chunk extensions."""
        body = self._body
        size = 0 if body is None else body.total_bytes
        self._handler.data_received(data)
        if body is None or body.total_bytes > size or body.is_eof():
            self._extra_size = 0
            return
        self._extra_size += len(data)
        if self._extra_size > ECHO_HEADER_SIZE:
            self._abort()

    def _pass_head(self) -> None:
        """Pass a complete head to aiohttp, and wait until it handles the request."""
        self._stop_timer()
        self._expects_head = False
        head, self._head = bytes(self._head), bytearray()
        if self._transport is not None:
            self._transport.pause_reading()
        self._handler.data_received(head)

    def start_request(self, request: web.Request) -> None:
        """Read the body of a request, and then the next head."""
        self._active_requests += 1
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        if _is_upgrade(request):
            self._body = None
        else:
            self._body = request.content
            request.content.on_eof(self._expect_head)

    def end_request(self) -> None:
        """Note that the response to a request is complete."""
        self._active_requests -= 1

    def _expect_head(self) -> None:
        self._expects_head = True

    def _refuse(self) -> None:
        self._stop_timer()
        self._is_refused = True
        self._head.clear()
        if self._transport is None:
            return
        if self._active_requests:
            self._transport.abort()  # a refusal would become part of another response
            return
        self._transport.write(_TOO_LARGE)
        # Received bytes are dropped for a while: a reset would overtake the response.
        self._timer = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._abort)

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(ECHO_HEAD_SECONDS, self._abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@web.middleware
async def follow_connection(
    request: web.Request, handler: Callable[[web.Request], object]
) -> web.StreamResponse:
    """Notify the connection when a request begins and ends."""
    transport = request.transport
    connection = None if transport is None else transport.get_protocol()
    if not isinstance(connection, LimitedConnection):
        raise ConnectionResetError
    connection.start_request(request)
    try:
        response: web.StreamResponse = await handler(request)  # type: ignore[misc]
    except ConnectionError:
        # The client left. This response is not sent, and nothing is logged.
        return web.Response()
    finally:
        connection.end_request()
    if _is_upgrade(request) and not isinstance(response, web.WebSocketResponse):
        response.force_close()  # where the next head would begin is not known
    return response


def _is_upgrade(request: web.Request) -> bool:
    return "upgrade" in request.headers.get("Connection", "").lower()
