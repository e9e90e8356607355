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
from ssl import SSLContext, SSLError
from typing import TYPE_CHECKING

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientOSError,
    ClientRequest,
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
from httpcli.transport.failures import is_the_proxys, translated
from httpcli.transport.hop import Connector, Hop, proxy_fields, tunnel_head
from httpcli.transport.lookup import Lookup
from httpcli.transport.resolve import Resolver
from httpcli.transport.tls import Handshakes

if TYPE_CHECKING:
    from httpcli.model.ports import OpenBody, Send
    from httpcli.transport.upload import Upload

_HANDSHAKES = "httpcli.transport.handshake:OwnHandshakes"
_OUTGOING = "httpcli.transport.describing:Outgoing"
_DESCRIBED = "httpcli.transport.describing:described"
_ALERT = "httpcli.transport.looking:alert"
_EXPLAINED = "httpcli.transport.looking:explained"
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
    async with opened(wire, open_body, early) as engine:
        yield engine.send


@asynccontextmanager
async def opened(wire: Wire, open_body: OpenBody, early: Lookup | None) -> AsyncIterator[Engine]:
    """Give an engine that keeps its connections until the block ends. Raises HttpcliError."""
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
        request_class=load(_OUTGOING) if wire.describes else ClientRequest,
    ) as session:
        yield Engine(session, connector, wire, open_body)


class Engine:
    """One session and what it needs for each hop."""

    def __init__(
        self, session: ClientSession, connector: Connector, wire: Wire, open_body: OpenBody
    ) -> None:
        self.wire = wire
        self._session = session
        self._connector = connector
        self._open_body = open_body
        self.handshakes = Handshakes(wire.verify)
        if wire.tls is not None:
            self.handshakes = load(_HANDSHAKES)(wire, wire.tls)

    async def send(self, request: Request) -> AsyncGenerator[Event, None]:
        """Send one request. Raises HttpcliError."""
        proxy = self.proxy(request.url)
        head = framed(request, via_proxy=proxy is not None)
        if proxy is not None and request.url.scheme == "http":
            head = head._replace(fields=head.fields.plus(proxy_fields(proxy)))
        yield head
        upload = self._upload(request, head)
        began = asyncio.get_running_loop().time()
        with translated(request.url):
            hop = Hop(request.method, head.fields)
            waiting = asyncio.ensure_future(self.ask(request, hop, proxy, upload))
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
                if self.wire.describes:
                    known = load(_DESCRIBED)(hop.request, proxy=proxy is not None)
                    started = started._replace(connection=known)
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
        most = self.wire.most_fields
        if 0 < most < len(response.fields):
            raise HttpcliError(
                f"{response.url.authority}: the response has more than {most} header fields",
                hint="--max-headers sets how many are taken",
            )

    def _upload(self, request: Request, head: RequestStarted) -> Upload | None:
        if request.body is None:
            return None
        upload: Upload = load("httpcli.transport.upload:Upload")(
            request.body, self._open_body, self.wire.silence, waits=head.fields.has("Expect")
        )
        return upload

    def proxy(self, url: Url) -> Proxy | None:
        """Return the proxy that stands before a URL."""
        return proxy_for(url, self.wire.proxies, self.wire.no_proxy)

    async def ask(
        self,
        request: Request,
        hop: Hop,
        proxy: Proxy | None,
        upload: Upload | None,
        context: SSLContext | None = None,
    ) -> ClientResponse:
        """Return the response. ``context``: another one than the usual.

        Raises what aiohttp raises, and HttpcliError.
        """
        fields = hop.fields
        chunked = any(name == "Transfer-Encoding" for name, _ in fields)
        url = _yarl(request.url)
        tls = context or self._tls(request.url, proxy)
        try:
            return await self._session.request(
                request.method,
                url,
                data=None if upload is None else upload.content,
                headers=[pair for pair in fields if pair[0].lower() != "transfer-encoding"],
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                chunked=chunked or None,
                allow_redirects=False,
                proxy=None if proxy is None else URL(proxy.url),
                # For a tunnel; without it aiohttp would call itself by its own name.
                proxy_headers=None if proxy is None else tunnel_head(request, proxy),
                ssl=tls,
                server_hostname=self._name(request.url, proxy, looks=context is not None),
                middlewares=(hop,),
            )
        except ClientConnectorError as error:
            mismatch: Exception | None = getattr(tls, "mismatch", None)
            if mismatch is not None:
                raise mismatch from None
            refused = isinstance(error, ClientConnectorCertificateError)
            if not refused or is_the_proxys(error, request.url):
                raise
            raise await load(_EXPLAINED)(self, request, error.os_error) from error
        except ClientOSError as error:
            if request.url.scheme != "https" or context is not None:
                raise
            if isinstance(error.__cause__, SSLError):
                raise
            raise (await load(_ALERT)(self, request)) or error from None

    def _tls(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the context where a handshake will come; else what trusts nobody."""
        if url.scheme == "https":
            return self.handshakes.context(url)
        return self.handshakes.of_proxy() if _is_secured(proxy) else True

    def _name(self, url: Url, proxy: Proxy | None, *, looks: bool) -> str | None:
        """Return the name to verify, where the handshake is not to be as with the proxy.

        By the name the two are told apart (``Connector.of_proxy``).
        """
        if url.scheme != "https" or not (looks or self.handshakes.particular):
            return None
        if _is_secured(proxy):
            self._connector.of_proxy = self.handshakes.of_proxy()
        return self.handshakes.name(url)


def _is_secured(proxy: Proxy | None) -> bool:
    return proxy is not None and proxy.url.startswith("https")


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
