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
    HttpVersion10,
    HttpVersion11,
)
from yarl import URL

from httpcli.model.errors import UsageError
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
from httpcli.protocol.proxies import proxy_of
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
    servers = load("httpcli.transport.ways:name_servers")(wire) if wire.name_servers else None
    engine = _Engine(wire, open_body, Resolver(wire, early, servers and servers.ask))
    try:
        yield engine.send
    finally:
        await engine.close()
        if servers is not None:
            await servers.close()


class _Engine:
    """The sessions, one for each kind of way, and what they need for each hop."""

    def __init__(self, wire: Wire, open_body: OpenBody, resolver: Resolver) -> None:
        self._wire = wire
        self._open_body = open_body
        self._resolver = resolver
        self._context: SSLContext | None = None
        self._sessions: dict[str, ClientSession] = {}

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        """Send one request. Raises HttpcliError."""
        proxy = proxy_of(request.url, self._wire)
        via_proxy = proxy is not None and proxy.speaks_http
        head = framed(request, via_proxy=via_proxy, version=self._wire.version)
        if proxy is not None and via_proxy and request.url.scheme == "http":
            head = head._replace(fields=head.fields.plus(proxy_fields(proxy, self._wire)))
        yield head
        upload = self._upload(request, head)
        began = asyncio.get_running_loop().time()
        hop = Hop(request.method, head.fields, proxy)
        with translated(request.url, hop):
            waiting = asyncio.ensure_future(self._ask(request, hop, upload))
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
                await _abandon(waiting, hop)
            try:
                decoder = decoder_of(response, request.url)
                started = _response_head(response, request.url)
                yield started._replace(undecoded=decoder.unknown if decoder else "")
                async for content in content_of(response, request.url, decoder):
                    yield ResponseChunk(content)
                hop.check_end(request.url)
            finally:
                # After the last byte the connection is back in the pool already;
                # before it, nobody wants the rest.
                response.close()
        yield ResponseEnded(asyncio.get_running_loop().time() - began)

    def _upload(self, request: Request, head: RequestStarted) -> Upload | None:
        if request.body is None:
            return None
        upload: Upload = load("httpcli.transport.upload:Upload")(
            request.body, self._open_body, self._wire.silence, waits=head.fields.has("Expect")
        )
        return upload

    async def _ask(self, request: Request, hop: Hop, upload: Upload | None) -> ClientResponse:
        fields, url = hop.fields, request.url
        session = self._session(url, hop.proxy)
        proxy = hop.proxy if hop.proxy is not None and hop.proxy.speaks_http else None
        there = self._wire.destination(url) if self._wire.detours else None
        if there is not None and proxy is not None and url.scheme == "http":
            raise UsageError(
                f"--connect-to: a proxy finds its own way to {url.authority}",
                hint="--noproxy goes around it",
            )
        chunked = any(name == "Transfer-Encoding" for name, _ in fields)
        return await session.request(
            request.method,
            _yarl(url, there or (url.host, url.port)),
            data=None if upload is None else upload.content,
            headers=[pair for pair in fields if pair[0].lower() != "transfer-encoding"],
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            chunked=chunked or None,
            allow_redirects=False,
            proxy=None if proxy is None else URL(proxy.url),
            # For a tunnel; without it aiohttp would call itself by its own name.
            proxy_headers=None if proxy is None else tunnel_head(request, proxy, self._wire),
            ssl=self._tls(url, proxy),
            server_hostname=None if there is None else url.host,
            middlewares=(hop,),
        )

    def _session(self, url: Url, proxy: Proxy | None) -> ClientSession:
        """Return the session for the way to a URL: TCP, a Unix socket or a SOCKS proxy."""
        wire = self._wire
        way = wire.sockets.get(url.origin, "") if wire.sockets else ""
        if proxy is not None and not proxy.speaks_http:
            way = proxy.url
        if way not in self._sessions:
            connector: Connector
            if way or wire.family or wire.source is not None:
                make = load("httpcli.transport.ways:connector_for")
                connector = make(wire, self._resolver, way, proxy)
            else:
                connector = Connector(resolver=self._resolver)
            self._sessions[way] = _session(wire, connector)
        return self._sessions[way]

    def _tls(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the context where a handshake will come; else what trusts nobody."""
        if url.scheme != "https" and (proxy is None or not proxy.url.startswith("https")):
            return True
        if self._context is None:
            self._context = context_for(self._wire.verify)
        return self._context


def _session(wire: Wire, connector: Connector) -> ClientSession:
    return ClientSession(
        connector=connector,
        # No cookies and no fields on the session: those would reach a proxy.
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(
            total=None, connect=wire.connect, sock_connect=wire.connect, sock_read=wire.silence
        ),
        version=HttpVersion10 if wire.version == "1.0" else HttpVersion11,
        auto_decompress=False,
        max_line_size=_MAX_FIELD,
        max_field_size=_MAX_FIELD,
        max_headers=_MAX_FIELDS,
    )


async def _abandon(waiting: asyncio.Future[ClientResponse], hop: Hop) -> None:
    """End a request that nobody waits for any more, and see its end."""
    if not waiting.done():
        waiting.cancel()
        await asyncio.wait([waiting])
    if waiting.cancelled() and hop.transport is not None:
        # Closed only, it would wait for a peer that takes nothing.
        hop.transport.abort()


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


def _yarl(url: Url, there: tuple[str, int | None]) -> URL:
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
