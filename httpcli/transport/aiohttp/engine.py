"""Sends one request through aiohttp and yields what happens as events.

The head that is sent is the one that ``protocol.request_head`` made: a middleware,
which aiohttp runs last, replaces aiohttp's own. So ``--offline``, ``-v`` and the
bytes sent agree. aiohttp follows no redirects, keeps no cookies, authenticates
nothing and undoes no codings: other parts of the program do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from ssl import SSLCertVerificationError, SSLContext, SSLError
from typing import TYPE_CHECKING

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientOSError,
    ClientResponse,
    ClientSession,
)
from yarl import URL

from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.proxies import frame_for_proxy, network_proxy
from httpcli.transport.aiohttp.errors import is_from_proxy, translated_errors
from httpcli.transport.aiohttp.request import Hop, LostError, tunnel_headers, url_for
from httpcli.transport.aiohttp.response import (
    body_of,
    close_unfinished,
    decoder_of,
    keep_memory,
    response_head,
)
from httpcli.transport.aiohttp.session import AiohttpResolver, Connector, new_session
from httpcli.transport.current_attempt import set_current_attempt
from httpcli.transport.dial.dns import Lookup, Resolver, ask_system
from httpcli.transport.dial.tls_trust import TlsContexts

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody
    from httpcli.protocol.codings import ContentDecoder
    from httpcli.transport.aiohttp.upload import Upload
    from httpcli.transport.rate_limit import RateLimit


@asynccontextmanager
async def open_aiohttp_engine(
    network: Network, early: Lookup | None = None, limit: RateLimit | None = None
) -> AsyncIterator[AiohttpEngine]:
    """Give an engine that keeps its connections until the block ends. Raises HttpcliError.

    ``early``: a lookup that was started before. ``limit``: the rate limit of all
    transfers of this engine and of others.
    """
    keep_memory()
    servers = None
    if network.dns_servers:
        from httpcli.transport.aiohttp.connectors import name_servers

        servers = name_servers(network)
    resolver = Resolver(network, early, servers.resolve if servers else ask_system)
    engine = AiohttpEngine(network, resolver, limit)
    try:
        yield engine
    finally:
        await engine.close()
        if servers is not None:
            await servers.close()


class AiohttpEngine:
    """The sessions with their connections, and what every request over them needs."""

    def __init__(self, network: Network, resolver: Resolver, limit: RateLimit | None) -> None:
        self.network = network
        self._resolver = resolver
        self._limit = limit
        self._sessions: dict[str, ClientSession] = {}
        """By the URL of the proxy or the path of the Unix socket; empty for neither."""
        self.tls = TlsContexts(network.verify)
        if network.tls is not None:
            from httpcli.transport.dial.tls_options import CustomTlsContexts

            self.tls = CustomTlsContexts(network, network.tls)

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()

    async def send(self, request: Request, open_body: OpenBody) -> AsyncGenerator[Event, None]:
        """Send one request, whose body ``open_body`` reads. Raises HttpcliError."""
        proxy = network_proxy(request.url, self.network)
        head = frame_for_proxy(request, proxy, self.network)
        yield head
        upload = self._upload(request, head, open_body)
        began = asyncio.get_running_loop().time()
        hop = Hop(request.method, head.fields, proxy)
        if self.network.record_timings:
            from httpcli.transport.stopwatch import Stopwatch

            hop.stopwatch = Stopwatch(secure=request.url.scheme == "https")
        with translated_errors(request.url, hop):
            if upload is None:  # without a body no task: it costs a tenth of the request
                set_current_attempt(hop)
                try:
                    response = await self.request(request, hop, None)
                except asyncio.CancelledError:
                    hop.abort_connection()
                    raise
            else:
                answer = asyncio.ensure_future(self.request(request, hop, upload))
                try:
                    async for piece in upload.sent(answer):
                        yield RequestChunk(piece)
                    response = await answer
                except asyncio.CancelledError:
                    upload.raise_if_stalled(request.url)
                    raise
                finally:
                    await hop.abandon(answer)
            try:
                decoder = decoder_of(response, request)
                started = self._started(response, request, hop, decoder)
                yield started
                if request.websocket is not None and started.status == 101:
                    from httpcli.transport.aiohttp.websocket import messages_of

                    messages = messages_of(response, started, request.websocket)
                    async with aclosing(messages) as events:
                        async for event in events:
                            yield event
                async for content in body_of(response, request.url, decoder, self._limit):
                    yield ResponseChunk(content)
                hop.check_end(request.url)
            finally:
                close_unfinished(response)
        timings = None if hop.stopwatch is None else hop.stopwatch.read(ended=True)
        elapsed = asyncio.get_running_loop().time() - began
        yield ResponseEnded(elapsed, timings, response.content.total_bytes)

    def _started(
        self, response: ClientResponse, request: Request, hop: Hop, decoder: ContentDecoder | None
    ) -> ResponseStarted:
        """Return the response head, with connection and timings if wanted. Raises HttpcliError."""
        started, most = response_head(response, request.url), self.network.max_fields
        if 0 < most < len(started.fields):
            raise HttpcliError(
                f"{started.url.authority}: the response has more than {most} header fields",
                hint="--max-headers sets how many are taken",
            )
        if decoder is not None:
            started = started._replace(unknown_coding=decoder.unknown)
        if self.network.record_connection:
            from httpcli.transport.aiohttp.connection_info import described

            connection = described(hop.request, proxy=hop.proxy is not None)
            started = started._replace(connection=connection)
        if hop.stopwatch is not None:
            started = started._replace(timings=hop.stopwatch.read())
        return started

    def _upload(
        self, request: Request, head: RequestStarted, open_body: OpenBody
    ) -> Upload | None:
        if request.body is None:
            return None
        from httpcli.transport.aiohttp.upload import Upload

        return Upload(
            request.body,
            open_body,
            self.network.read_timeout,
            head_first=head.fields.has("Expect"),
            limit=self._limit,
        )

    async def request(
        self,
        request: Request,
        hop: Hop,
        upload: Upload | None,
        context: SSLContext | None = None,
    ) -> ClientResponse:
        """Send a request and return the response, of which the head is complete.

        ``context``: a TLS context in place of the usual one. Raises aiohttp's
        errors, OSError and HttpcliError.
        """
        headers, url = hop.headers, request.url
        proxy = hop.proxy if hop.proxy is not None and hop.proxy.is_http else None
        if request.websocket is not None and url.scheme == "http":
            proxy = None  # the connector opens the tunnel
        address = self.network.connect_address(url) if self.network.connect_to else None
        if address is not None and proxy is not None and url.scheme == "http":
            raise UsageError(
                f"--connect-to: a proxy finds its own way to {url.authority}",
                hint="--noproxy goes around it",
            )
        session = self._session(url, hop.proxy, dialled=proxy is None)
        if upload is not None:
            from httpcli.transport.aiohttp.upload import install_early_response_reader

            install_early_response_reader(session.connector)
        names_server = context is not None or address is not None
        tls = context or self._context(url, proxy)
        # The middleware replaces the head. From these headers aiohttp reads how to send the body.
        chunked, body_headers = None, None
        if upload is not None:
            body_headers = [pair for pair in headers if pair[0].lower() != "transfer-encoding"]
            chunked = len(body_headers) < len(headers) or None
        try:
            return await session.request(
                request.method,
                url_for(url, address or (url.host, url.port)),
                data=None if upload is None else upload.content,
                headers=body_headers,
                # The only header that aiohttp adds after the middleware.
                skip_auto_headers=None if request.method == "GET" else ("Content-Type",),
                chunked=chunked,
                allow_redirects=False,
                proxy=None if proxy is None else URL(proxy.url),
                proxy_headers=(
                    None if proxy is None else tunnel_headers(request, proxy, self.network)
                ),
                ssl=tls,
                server_hostname=self._server_name(session, url, proxy, required=names_server),
                middlewares=(hop,),
                trace_request_ctx=hop.stopwatch,
            )
        except ClientConnectorError as error:
            mismatch: Exception | None = getattr(tls, "mismatch", None)
            if mismatch is not None:
                raise mismatch from None
            refused = isinstance(error, ClientConnectorCertificateError)
            if not refused or (hop.proxy is not None and is_from_proxy(error, hop.proxy)):
                raise
            from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

            cause = error.os_error
            assert isinstance(cause, SSLCertVerificationError)  # noqa: S101 - for mypy
            probe = CertificateProbe(self.network, self.tls, self.request)
            raise await probe.explain(request, cause) from error
        except (ClientOSError, LostError) as lost:
            cut = lost.error if isinstance(lost, LostError) else lost
            has_tls = url.scheme == "https" or _has_tls(proxy)
            may_be_alert = isinstance(cut, ClientOSError) and has_tls
            if not may_be_alert or context is not None or isinstance(cut.__cause__, SSLError):
                raise cut from cut.__cause__
            from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

            probe = CertificateProbe(self.network, self.tls, self.request)
            raise (await probe.find_alert(request, hop)) or cut from None

    def _session(self, url: Url, proxy: Proxy | None, *, dialled: bool) -> ClientSession:
        """Return the session for the proxy or the Unix socket of a URL, if it has one.

        ``dialled``: the connection to the proxy is ours, not aiohttp's.
        """
        network = self.network
        destination = network.unix_sockets.get(url.origin, "") if network.unix_sockets else ""
        if proxy is not None and dialled:
            destination = proxy.url
        if destination not in self._sessions:
            connector: Connector
            if (
                destination
                or network.ip_version
                or network.local_address is not None
                or network.pool_limits is not None
            ):
                from httpcli.transport.aiohttp.connectors import connector_for

                connector = connector_for(network, self._resolver, destination, proxy)
            else:
                connector = Connector(resolver=AiohttpResolver(self._resolver))
            connector.always_closes = network.http_version == "1.0"
            self._sessions[destination] = new_session(network, connector)
        return self._sessions[destination]

    def _context(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the TLS context where there will be a handshake; True is aiohttp's empty one."""
        if url.scheme == "https":
            return self.tls.for_origin(url)
        return self.tls.for_proxy() if _has_tls(proxy) else True

    def _server_name(
        self, session: ClientSession, url: Url, proxy: Proxy | None, *, required: bool
    ) -> str | None:
        """Return the name to verify, where it may differ from the address or the proxy's name.

        A handshake without one is the proxy's (``Connector.proxy_context``).
        """
        if url.scheme != "https" or not (required or self.tls.proxy_differs):
            return None
        if _has_tls(proxy) and isinstance(session.connector, Connector):
            session.connector.proxy_context = self.tls.for_proxy()
        return self.tls.server_name(url)


def _has_tls(proxy: Proxy | None) -> bool:
    return proxy is not None and proxy.url.startswith("https")
