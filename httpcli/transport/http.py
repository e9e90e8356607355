"""Sends one request through aiohttp and tells what happens, as events.

The head that leaves is the one that ``protocol.framing`` made, to the letter:
a middleware, which aiohttp runs last, puts it in place of aiohttp's own. So
``--offline``, ``-v`` and the wire agree. Redirects, cookies and authentication
are other rooms' business, and codings are undone here (``transport.content``):
aiohttp is asked for one plain hop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import TYPE_CHECKING

from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
)
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
from httpcli.model.fields import Field, Fields
from httpcli.model.plan import Proxy, Wire
from httpcli.model.registry import load
from httpcli.model.request import Request
from httpcli.model.url import Url
from httpcli.protocol.framing import framed
from httpcli.protocol.proxies import proxy_for
from httpcli.transport.content import content_of, decoder_of
from httpcli.transport.failures import translated
from httpcli.transport.hop import Connector, Hop, proxy_fields, tunnel_head
from httpcli.transport.lookup import Lookup
from httpcli.transport.resolve import Resolver
from httpcli.transport.tls import context_for

if TYPE_CHECKING:
    from httpcli.model.ports import OpenBody, Send
    from httpcli.transport.upload import Upload

_MAX_FIELD = 1024 * 1024
_MAX_FIELDS = 10_000
"""aiohttp's own limits protect servers; a person wants to see what there is."""


@asynccontextmanager
async def open_wire(
    wire: Wire, open_body: OpenBody, early: Lookup | None = None
) -> AsyncIterator[Send]:
    """Give a Send that keeps its connections until the block ends.

    ``open_body`` reads a body that is not at hand; ``early`` is a lookup that
    was started before. The Send raises HttpcliError.
    """
    connector = Connector(resolver=Resolver(wire.addresses, early))
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
        max_headers=max(_MAX_FIELDS, wire.most_fields),
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
        proxy = proxy_for(request.url, self._wire.proxies, self._wire.no_proxy)
        head = framed(request, via_proxy=proxy is not None)
        if proxy is not None and request.url.scheme == "http":
            head = head._replace(fields=head.fields.plus(proxy_fields(proxy)))
        yield head
        upload = self._upload(request, head)
        began = asyncio.get_running_loop().time()
        with translated(request.url):
            hop = Hop(request.method, head.fields)
            waiting = asyncio.ensure_future(self._ask(request, hop, proxy, upload))
            try:
                if upload is not None:
                    async for piece in upload.sent(waiting):
                        yield RequestChunk(piece)
                response = await waiting
            except asyncio.CancelledError:
                if upload is not None:
                    upload.raise_if_stalled(request.url)
                raise
            finally:
                await _abandon(waiting)
            try:
                decoder = decoder_of(response, request.url)
                started = _response_head(response, request.url)
                self._check_count(started)
                yield started._replace(undecoded=decoder.unknown if decoder else "")
                async for content in content_of(response, request.url, decoder):
                    yield ResponseChunk(content)
                hop.check_end(request.url)
            finally:
                # After the last byte the connection is back in the pool already;
                # before it, nobody wants the rest.
                response.close()
        yield ResponseEnded(asyncio.get_running_loop().time() - began)

    def _check_count(self, response: ResponseStarted) -> None:
        most = self._wire.most_fields
        if 0 < most < len(response.fields):
            raise HttpcliError(
                f"{response.url.authority}: the response has more than {most} header fields",
                hint="--max-headers sets how many are taken",
            )

    def _upload(self, request: Request, head: RequestStarted) -> Upload | None:
        if request.body is None:
            return None
        upload: Upload = load("httpcli.transport.upload:Upload")(
            request.body, self._open_body, self._wire.silence, waits=head.fields.has("Expect")
        )
        return upload

    async def _ask(
        self, request: Request, hop: Hop, proxy: Proxy | None, upload: Upload | None
    ) -> ClientResponse:
        fields = hop.fields
        chunked = any(name == "Transfer-Encoding" for name, _ in fields)
        return await self._session.request(
            request.method,
            _yarl(request.url),
            data=None if upload is None else upload.content,
            headers=[pair for pair in fields if pair[0].lower() != "transfer-encoding"],
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            chunked=chunked or None,
            allow_redirects=False,
            proxy=None if proxy is None else URL(proxy.url),
            # For a tunnel; without it aiohttp would call itself by its own name.
            proxy_headers=None if proxy is None else tunnel_head(request, proxy),
            ssl=self._tls(request.url, proxy),
            middlewares=(hop,),
        )

    def _tls(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the context where a handshake will come; else what trusts nobody."""
        if url.scheme != "https" and (proxy is None or not proxy.url.startswith("https")):
            return True
        if self._context is None:
            self._context = context_for(self._wire.verify)
        return self._context


async def _abandon(waiting: asyncio.Future[ClientResponse]) -> None:
    """End a request that nobody waits for any more, and see its end."""
    if not waiting.done():
        waiting.cancel()
        await asyncio.wait([waiting])


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
        host=f"[{url.host}]" if ":" in url.host else url.host,
        port=url.port,
        # An empty query is a query; yarl would drop its question mark.
        path=f"{url.path}?" if url.query == "" else url.path,
        query_string=url.query or "",
        encoded=True,
    )
