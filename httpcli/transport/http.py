"""Sends one request through aiohttp and tells what happens, as events.

The head that leaves is the one that ``protocol.framing`` made, to the letter:
a middleware, which aiohttp runs last, puts it in place of aiohttp's own. So
``--offline``, ``-v`` and the wire agree. Redirects, cookies, authentication and
content codings are other rooms' business: aiohttp is asked for one plain hop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from ssl import SSLContext
from typing import TYPE_CHECKING

from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from multidict import CIMultiDict
from yarl import URL

from httpcli.model.errors import HttpcliError
from httpcli.model.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.model.exits import ExitStatus
from httpcli.model.fields import Field, Fields
from httpcli.model.plan import Proxy, Wire
from httpcli.model.request import Request
from httpcli.model.url import Url
from httpcli.protocol.codings.chain import decoder_for
from httpcli.protocol.framing import framed
from httpcli.protocol.proxies import bypassed
from httpcli.transport.failures import translated
from httpcli.transport.lookup import Lookup
from httpcli.transport.resolve import Resolver
from httpcli.transport.tls import context_for
from httpcli.transport.upload import Upload

if TYPE_CHECKING:
    from httpcli.model.ports import Decoder, OpenBody, Send

_MAX_FIELD = 1024 * 1024
_MAX_FIELDS = 10_000
"""What curl accepts; aiohttp's own limits are for servers."""


@asynccontextmanager
async def open_wire(
    wire: Wire, open_body: OpenBody, early: Lookup | None = None
) -> AsyncIterator[Send]:
    """Give a Send that keeps its connections until the block ends.

    ``open_body`` reads a body that is not at hand; ``early`` is a lookup that
    was started before. The Send raises HttpcliError.
    """
    connector = TCPConnector(resolver=Resolver(wire.addresses, early))
    timeout = ClientTimeout(
        total=None, connect=wire.connect, sock_connect=wire.connect, sock_read=wire.silence
    )
    async with ClientSession(
        connector=connector,
        # No cookies and no fields on the session: those would reach a proxy.
        cookie_jar=DummyCookieJar(),
        timeout=timeout,
        auto_decompress=False,
        max_line_size=_MAX_FIELD,
        max_field_size=_MAX_FIELD,
        max_headers=_MAX_FIELDS,
    ) as session:
        yield _Engine(session, wire, open_body).send


class _Engine:
    """One session and what it needs for each hop."""

    def __init__(self, session: ClientSession, wire: Wire, open_body: OpenBody) -> None:
        self._session = session
        self._wire = wire
        self._open_body = open_body
        self._context: SSLContext | None = None

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        """Send one request. Raises HttpcliError."""
        proxy = self._proxy_for(request.url)
        head = framed(request, via_proxy=proxy is not None and request.url.scheme == "http")
        yield head
        upload = Upload(request.body, self._open_body)
        began = asyncio.get_running_loop().time()
        with translated(request.url):
            waiting = asyncio.ensure_future(self._ask(request, head, proxy, upload))
            try:
                async for piece in upload.sent(waiting):
                    yield RequestChunk(piece)
                response = await waiting
            finally:
                await _abandon(waiting)
            try:
                started = _response_head(response, request.url)
                yield started
                async for content in _content(response, started):
                    yield ResponseChunk(content)
            finally:
                # After the last byte the connection is back in the pool already;
                # before it, nobody wants the rest.
                response.close()
        yield ResponseEnded(asyncio.get_running_loop().time() - began)

    def _proxy_for(self, url: Url) -> Proxy | None:
        proxy = self._wire.proxies.get(url.scheme)
        return None if proxy is None or bypassed(url, self._wire.no_proxy) else proxy

    async def _ask(
        self, request: Request, head: RequestStarted, proxy: Proxy | None, upload: Upload
    ) -> ClientResponse:
        fields = [(field.name, field.value) for field in head.fields]
        chunked = head.fields.has("Transfer-Encoding")
        return await self._session.request(
            request.method,
            _yarl(request.url),
            data=upload.content,
            headers=[pair for pair in fields if pair[0].lower() != "transfer-encoding"],
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            chunked=chunked or None,
            allow_redirects=False,
            proxy=_proxy_url(proxy),
            ssl=self._tls(request.url, proxy),
            middlewares=(partial(_as_framed, request.method, fields),),
        )

    def _tls(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the context where a handshake will come; else what trusts nobody."""
        if url.scheme != "https" and (proxy is None or not proxy.url.startswith("https")):
            return True
        if self._context is None:
            self._context = context_for(self._wire.verify)
        return self._context


async def _as_framed(
    method: str,
    fields: list[tuple[str, str]],
    request: ClientRequest,
    handler: ClientHandlerType,
) -> ClientResponse:
    """Put our method and head in place of aiohttp's, which upper-cases, sorts and adds."""
    request.method = method
    request.headers = CIMultiDict(fields)
    return await handler(request)


async def _abandon(waiting: asyncio.Future[ClientResponse]) -> None:
    """End a request that nobody waits for any more, and see its end."""
    if not waiting.done():
        waiting.cancel()
        await asyncio.wait([waiting])


async def _content(response: ClientResponse, head: ResponseStarted) -> AsyncIterator[bytes]:
    """Give the content, codings undone. Raises HttpcliError where they are broken."""
    decoder = decoder_for(", ".join(head.fields.every("Content-Encoding")))
    if decoder is None:
        async for piece in response.content.iter_any():
            yield piece
        return
    try:
        async for piece in _decoded(response, decoder):
            yield piece
    except ValueError as error:
        raise HttpcliError(
            f"{head.url.authority}: the content is incomplete or corrupt: {error}",
            status=ExitStatus.INCOMPLETE,
        ) from error


async def _decoded(response: ClientResponse, decoder: Decoder) -> AsyncIterator[bytes]:
    async for coded in response.content.iter_any():
        for piece in decoder.feed(coded):
            yield piece
    decoder.flush()


def _response_head(response: ClientResponse, url: Url) -> ResponseStarted:
    version = response.version
    return ResponseStarted(
        version=f"{version.major}.{version.minor}" if version else "1.1",
        status=response.status,
        reason=response.reason or "",
        fields=Fields(
            Field(
                name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
            )
            for name, value in response.raw_headers
        ),
        url=url,
    )


def _yarl(url: Url) -> URL:
    """Return the URL for aiohttp, which must not quote or fold it again."""
    return URL.build(
        scheme=url.scheme,
        host=url.host,
        port=url.port,
        path=url.path,
        query_string=url.query or "",
        encoded=True,
    )


def _proxy_url(proxy: Proxy | None) -> URL | None:
    if proxy is None:
        return None
    url = URL(proxy.url)
    return url.with_user(proxy.user).with_password(proxy.password) if proxy.user else url
