"""One request as aiohttp sends it, with our method, URL and headers unchanged.

aiohttp would change the case of the method, quote the URL, and sort and add headers.
A proxy receives only the headers for proxies.
"""

from __future__ import annotations

import asyncio
import re
from ssl import SSLError
from typing import Any
from weakref import WeakSet

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ServerDisconnectedError,
)
from aiohttp.connector import Connection
from multidict import CIMultiDict
from yarl import URL

from httpcli.core.errors import UsageError
from httpcli.core.headers import CONTROLS, Fields
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_fields
from httpcli.transport.aiohttp.http1_protocol import Http1Protocol
from httpcli.transport.current_attempt import Attempt, set_current_attempt

_CONTINUE_TIMEOUT = 1.0
"""Seconds to wait for a 100 (Continue), as in curl."""

_USED_CONNECTIONS: WeakSet[Any] = WeakSet()
"""The aiohttp protocols of the connections over which a request was sent."""


def url_for(url: Url, address: tuple[str, int | None]) -> URL:
    """Return the URL for aiohttp, which does not change its path and query.

    ``address``: the host and port to connect to. Only the connector uses them: the Host
    header is ours, and the name that TLS verifies is another argument.
    """
    host, port = address
    return URL.build(
        scheme=url.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=port,
        # yarl drops the question mark of an empty query.
        path=f"{url.path}?" if url.query == "" else url.path,
        query_string=url.query or "",
        encoded=True,
    )


def tunnel_headers(request: Request, proxy: Proxy, network: Network) -> CIMultiDict[str]:
    """Return the headers of a CONNECT: those for the proxy, and the user agent.

    Without a User-Agent aiohttp would add its default one.
    """
    agent = request.fields.first("User-Agent")
    headers = CIMultiDict((field.name, field.value) for field in proxy_fields(proxy, network))
    if agent is not None and "User-Agent" not in headers:
        headers["User-Agent"] = agent
    return headers


class ConnectionLostError(ClientConnectionError):
    """A new connection was lost before the response.

    aiohttp would silently repeat an idempotent request, because a server may close an
    idle connection at any time (RFC 9112, 9.3.1). On a new connection it is a failure,
    and --retry decides about the repetition.
    """

    def __init__(self, error: ClientOSError | ServerDisconnectedError) -> None:
        super().__init__(str(error))
        self.error = error
        """aiohttp's error."""


def _unsendable_header(headers: list[tuple[str, str]]) -> UsageError | None:
    """Return the error for the header that aiohttp refuses to send; None if it sends all.

    Headers of items and options were examined before; those of plugins and libraries were not.
    """
    for name, value in headers:
        if re.search(CONTROLS, name + value):
            return UsageError(f"header {name!r} contains a control character")
    return None


class AiohttpAttempt(Attempt):
    """One attempt, as the client middleware that aiohttp runs last."""

    def __init__(self, method: str, fields: Fields, proxy: Proxy | None = None) -> None:
        self._method = method
        self.headers = [(field.name, field.value) for field in fields]
        """The headers to send, instead of aiohttp's."""
        self.proxy = proxy
        self.request: ClientRequest | None = None
        """aiohttp's request; None until aiohttp calls the middleware."""
        self.tunnel: Http1Protocol | None = None
        """The connection to the proxy before the tunnel was open; None without a tunnel."""
        self._transport: asyncio.Transport | None = None
        self._is_reused = False

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send the request; return the response when its head is complete."""
        set_current_attempt(self)
        self.request = request
        request.method = self._method
        request.headers = CIMultiDict(self.headers)
        try:
            response = await handler(request)
        except (ClientOSError, ServerDisconnectedError) as error:
            if self._is_reused or isinstance(error, ClientConnectorError):
                raise
            raise ConnectionLostError(error) from error
        except ValueError as error:
            raise _unsendable_header(self.headers) or error from None
        except TypeError as error:
            raise hidden_tls_error(error) or error from None
        self.phase = "receiving the response body"
        self.timeout_reason = "the server stopped sending in the middle of the body"
        return response

    def note_connection(self, connection: Connection) -> None:
        """Remember the connection over which the request is sent."""
        self._transport = connection.transport
        self._limit_wait_for_100()
        self._is_reused = connection.protocol in _USED_CONNECTIONS
        if not self._is_reused:
            _USED_CONNECTIONS.add(connection.protocol)

    def _limit_wait_for_100(self) -> None:
        """Send the body after a second without a 100 (Continue), as curl does.

        A server need not support it (RFC 9110, 10.1.1). aiohttp would wait for ever,
        until its future has a result.
        """
        wait: asyncio.Future[bool] | None = getattr(self.request, "_continue", None)
        if wait is not None:
            asyncio.get_running_loop().call_later(_CONTINUE_TIMEOUT, _end_wait, wait)

    async def abandon(self, response: asyncio.Future[ClientResponse]) -> None:
        """Cancel the request, unless it has a response already, and wait until it has ended."""
        if not response.done():
            response.cancel()
            await asyncio.wait([response])
        if response.cancelled():
            self.abort_connection()

    def abort_connection(self) -> None:
        """Abort the connection of a request that was cancelled.

        Closing alone would wait for a peer that reads nothing.
        """
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_forwarded(self) -> bool:
        """Whether a proxy reads the request, instead of opening a tunnel."""
        request = self.request
        return request is not None and request.proxy is not None and not request.is_ssl()

    def note_proxy(self, protocol: Http1Protocol) -> None:
        """Remember a new connection to a proxy; it reads the response to a CONNECT, if any."""
        if self.request is not None and self.request.is_ssl():
            protocol.opens_tunnel = True
            self.tunnel = protocol

    def check_tunnel(self) -> None:
        """Raise HttpcliError if the proxy sent bytes into the tunnel before it was open.

        They would be lost, and the server behind it waits for our handshake.
        """
        received = None if self.tunnel is None else self.tunnel.received
        if received is not None and received.surplus and self.proxy is not None:
            from httpcli.transport.proxy_errors import unreachable

            raise unreachable(self.proxy, "it sent bytes before the tunnel was open")


def _end_wait(wait: asyncio.Future[bool]) -> None:
    if not wait.done():
        wait.set_result(True)


def hidden_tls_error(error: BaseException | None) -> SSLError | None:
    """Return the TLS error that asyncio hides behind a TypeError; None for another error.

    Python before 3.11.8 and 3.12.2 does that for TLS in TLS.
    """
    hidden = error.__context__ if isinstance(error, TypeError) else None
    return hidden if isinstance(hidden, SSLError) else None
