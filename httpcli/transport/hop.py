"""What is done around aiohttp's own sending of one request, so that the wire is ours.

Our method and head go in the place of aiohttp's, which upper-cases, sorts and
adds; a proxy sees what is for it and nothing else; and the connection's end is
watched, since aiohttp takes a reset for the end of content without a length.
"""

from __future__ import annotations

import asyncio
import socket
from binascii import b2a_base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientTimeout,
    TCPConnector,
)
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict
from yarl import URL

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.fields import Field, Fields
from httpcli.model.plan import Proxy, Wire
from httpcli.model.request import Request
from httpcli.model.url import Url

_HOP: ContextVar[Hop | None] = ContextVar("hop", default=None)
"""The hop that this task works for."""


@contextmanager
def passing(what: str) -> Iterator[None]:
    """Note what this task's hop waits for in the block: it is told where time runs out."""
    hop = _HOP.get()
    if hop is None:
        yield
        return
    before, hop.wait = hop.wait, what
    yield
    hop.wait = before  # where the block failed, it was there


def passed_on_to(what: str) -> None:
    """Note that this task's hop waits for something else now."""
    hop = _HOP.get()
    if hop is not None:
        hop.wait = what


class Connector(TCPConnector):
    """Lets a proxy see the authority that is asked for, whatever the user's Host field says.

    aiohttp copies Host from our head into its CONNECT, and fails without one.
    ``of_proxy``: the context for the proxy's own handshake, where that is not
    the origin's; requests to origins then say their ``server_hostname``.
    """

    of_proxy: SSLContext | None = None

    def _get_ssl_context(self, req: ClientRequest) -> SSLContext | None:
        """Keep client certificate and pins from the proxy: aiohttp has one context for both."""
        context = super()._get_ssl_context(req)
        if context is not None and self.of_proxy is not None and req.server_hostname is None:
            return self.of_proxy
        return context

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's name
    ) -> Connection:
        to = "" if req.proxy is None else f" to the proxy {req.proxy.authority}"
        with passing(f"no connection{to}"):
            if req.proxy is None:
                return _noted(await super().connect(req, traces, timeout))
            ours, req.headers = req.headers, CIMultiDict(req.headers)
            req.headers["Host"] = str(req.url.host_port_subcomponent)
            try:
                return _noted(await super().connect(req, traces, timeout))
            finally:
                req.headers = ours

    async def _create_direct_connection(
        self, req: ClientRequest, *args: Any, **options: Any
    ) -> tuple[asyncio.Transport, Any]:
        """Connect by TCP. Not public, but nothing else tells a tunnel's first half."""
        if self.family:
            _check_kind(req.url.raw_host or "", self.family)
        made = await super()._create_direct_connection(req, *args, **options)
        if options.get("client_error") is not None:
            passed_on_to(f"the proxy {req.url.authority} did not open a tunnel")
        return made


def _noted(connection: Connection) -> Connection:
    """Return the connection, which its hop may have to break off."""
    hop = _HOP.get()
    if hop is not None:
        hop.transport = connection.transport
    return connection


def _check_kind(host: str, family: int) -> None:
    """Raise HttpcliError for an address of the other kind, by which aiohttp trips."""
    six = ":" in host
    if (six and family == socket.AF_INET) or (
        not six and family == socket.AF_INET6 and host.replace(".", "").isdecimal()
    ):
        raise HttpcliError(
            f"{host} is an IPv{6 if six else 4} address",
            hint="--ipv4, --ipv6 or the local address asks for the other kind only",
            status=ExitStatus.NOT_CONNECTED,
        )


class Hop:
    """One request on its way: a client middleware, which aiohttp runs last.

    ``wait`` says what it waits for, or would have in vain.
    """

    def __init__(self, method: str, fields: Fields, proxy: Proxy | None = None) -> None:
        self._method = method
        self.proxy = proxy
        self.wait = "the server did not answer"
        self.transport: asyncio.Transport | None = None
        self.fields = [(field.name, field.value) for field in fields]
        self._closed: asyncio.Future[None] | None = None
        self.request: ClientRequest | None = None

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send. The head has just come in: of the connection's end nothing can be known yet."""
        _HOP.set(self)
        self.request = request
        request.method = self._method
        request.headers = CIMultiDict(self.fields)
        response = await handler(request)
        self.wait = "the server fell silent in the middle of the content"
        has_length = (
            "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        )
        if response.connection is not None and not has_length:
            protocol = response.connection.protocol
            self._closed = protocol.closed if protocol is not None else None
        return response

    async def abandon(self, waiting: asyncio.Future[ClientResponse]) -> None:
        """End a request that nobody waits for any more, and see its end."""
        if not waiting.done():
            waiting.cancel()
            await asyncio.wait([waiting])
        if waiting.cancelled():
            self.break_off()

    def break_off(self) -> None:
        """Break the connection of a request that was cancelled."""
        if self.transport is not None:
            # Closed only, it would wait for a peer that takes nothing.
            self.transport.abort()

    def check_end(self, url: Url) -> None:
        """Raise HttpcliError where content without a length ended with a broken connection."""
        closed = self._closed
        if closed is not None and closed.done() and closed.exception() is not None:
            raise HttpcliError(
                f"{url.authority}: the response is incomplete: the connection was reset",
                status=ExitStatus.INCOMPLETE,
            )


def proxy_fields(proxy: Proxy, wire: Wire) -> list[Field]:
    """Return what is for the proxy only, who we are first.

    aiohttp's own way to say that is Latin-1, and not for each target.
    """
    more = list(wire.proxy_fields)
    if not (proxy.user or proxy.password) or wire.proxy_fields.has("Proxy-Authorization"):
        return more
    pair = f"{proxy.user}:{proxy.password}".encode("utf-8", "surrogateescape")
    token = b2a_base64(pair, newline=False).decode("ascii")
    return [Field("Proxy-Authorization", f"Basic {token}", secret=True), *more]


def tunnel_head(request: Request, proxy: Proxy, wire: Wire) -> CIMultiDict[str]:
    """Return the fields of a CONNECT: our name, and who we are; nothing for the origin."""
    agent = request.fields.first("User-Agent")
    head = CIMultiDict((field.name, field.value) for field in proxy_fields(proxy, wire))
    if agent is not None and "User-Agent" not in head:
        head["User-Agent"] = agent
    return head


def url_for(url: Url, there: tuple[str, int | None]) -> URL:
    """Return the URL for aiohttp, which must not quote or fold it again.

    ``there`` is who is connected to. The Host field is ours, and the name that
    TLS checks is said apart: nobody but the connector looks at it.
    """
    host, port = there
    return URL.build(
        scheme=url.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=port,
        # An empty query is a query; yarl would drop its question mark.
        path=f"{url.path}?" if url.query == "" else url.path,
        query_string=url.query or "",
        encoded=True,
    )
