"""What is done around aiohttp's own sending of one request, so that the wire is ours.

Our method and head go in the place of aiohttp's, which upper-cases, sorts and
adds; a proxy sees what is for it and nothing else; and the connection's end is
watched, since aiohttp takes a reset for the end of content without a length.
"""

from __future__ import annotations

import asyncio
from binascii import b2a_base64
from ssl import SSLContext

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

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.fields import Field, Fields
from httpcli.model.plan import Proxy
from httpcli.model.request import Request
from httpcli.model.url import Url


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
        if req.proxy is None:
            return await super().connect(req, traces, timeout)
        ours, req.headers = req.headers, CIMultiDict(req.headers)
        req.headers["Host"] = str(req.url.host_port_subcomponent)
        try:
            return await super().connect(req, traces, timeout)
        finally:
            req.headers = ours


class Hop:
    """One request on its way: a client middleware, which aiohttp runs last."""

    def __init__(self, method: str, fields: Fields) -> None:
        self._method = method
        self.fields = [(field.name, field.value) for field in fields]
        self._closed: asyncio.Future[None] | None = None
        self.request: ClientRequest | None = None

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send. The head has just come in: of the connection's end nothing can be known yet."""
        self.request = request
        request.method = self._method
        request.headers = CIMultiDict(self.fields)
        response = await handler(request)
        has_length = (
            "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        )
        if response.connection is not None and not has_length:
            protocol = response.connection.protocol
            self._closed = protocol.closed if protocol is not None else None
        return response

    def check_end(self, url: Url) -> None:
        """Raise HttpcliError where content without a length ended with a broken connection."""
        closed = self._closed
        if closed is not None and closed.done() and closed.exception() is not None:
            raise HttpcliError(
                f"{url.authority}: the response is incomplete: the connection was reset",
                status=ExitStatus.INCOMPLETE,
            )


def proxy_fields(proxy: Proxy) -> list[Field]:
    """Return who we are to the proxy. aiohttp's own way is Latin-1, and not for each target."""
    if not (proxy.user or proxy.password):
        return []
    pair = f"{proxy.user}:{proxy.password}".encode("utf-8", "surrogateescape")
    token = b2a_base64(pair, newline=False).decode("ascii")
    return [Field("Proxy-Authorization", f"Basic {token}", secret=True)]


def tunnel_head(request: Request, proxy: Proxy) -> dict[str, str]:
    """Return the fields of a CONNECT: our name, and who we are; nothing for the origin."""
    agent = request.fields.first("User-Agent")
    fields = {field.name: field.value for field in proxy_fields(proxy)}
    return {**fields, "User-Agent": agent} if agent is not None else fields
