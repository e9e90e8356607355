"""Sends one request through aiohttp and yields its events.

The head that is sent is the one from ``protocol.request_head``: a client middleware
replaces aiohttp's. So ``--offline``, ``-v`` and the bytes sent agree. aiohttp follows no
redirects, stores no cookies, does not authenticate and decodes nothing: other parts of
the program do.
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
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.proxies import frame_for_proxy, network_proxy
from httpcli.transport.aiohttp.errors import is_from_proxy, translated_errors
from httpcli.transport.aiohttp.request import (
    AiohttpAttempt,
    ConnectionLostError,
    tunnel_headers,
    url_for,
)
from httpcli.transport.aiohttp.response import (
    close_unfinished,
    other_head,
    raise_mmap_threshold,
    read_body,
    received_response,
    response_decoder,
    response_head,
)
from httpcli.transport.aiohttp.session import AiohttpResolver, Connector, new_session
from httpcli.transport.current_attempt import set_current_attempt
from httpcli.transport.dial.dns import Lookup, Resolver, resolve_by_system
from httpcli.transport.dial.tls_trust import TlsContexts

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody
    from httpcli.protocol.codings import ContentDecoder
    from httpcli.transport.aiohttp.http1_protocol import ReceivedResponse
    from httpcli.transport.aiohttp.upload import Upload
    from httpcli.transport.rate_limit import RateLimit


@asynccontextmanager
async def open_aiohttp_engine(
    network: Network, early: Lookup | None = None, limit: RateLimit | None = None
) -> AsyncIterator[AiohttpEngine]:
    """Open an engine; its connections are closed at the end of the block. Raises HttpcliError.

    ``early``: a lookup that was started before. ``limit``: the rate limit of the
    transfers, which other engines may share.
    """
    raise_mmap_threshold()
    servers = None
    if network.dns_servers:
        from httpcli.transport.aiohttp.connectors import name_servers

        servers = name_servers(network)
    resolver = Resolver(network, early, servers.resolve if servers else resolve_by_system)
    engine = AiohttpEngine(network, resolver, limit)
    try:
        yield engine
    finally:
        await engine.close()
        if servers is not None:
            await servers.close()


class AiohttpEngine:
    """Sends requests over aiohttp sessions, which keep the connections."""

    def __init__(self, network: Network, resolver: Resolver, limit: RateLimit | None) -> None:
        self.network = network
        self._resolver = resolver
        self._limit = limit
        self._sessions: dict[str, ClientSession] = {}
        """By the URL of the proxy or the path of the Unix socket; by an empty text for others."""
        self.tls = TlsContexts(network.verify)
        if network.tls is not None:
            from httpcli.transport.dial.tls_options import CustomTlsContexts

            self.tls = CustomTlsContexts(network, network.tls)

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()

    async def send(self, request: Request, open_body: OpenBody) -> AsyncGenerator[Event, None]:
        """Send one request, whose body ``open_body`` reads; yield its events.

        Raises HttpcliError.
        """
        proxy = network_proxy(request.url, self.network)
        head = frame_for_proxy(request, proxy, self.network)
        yield head
        upload = self._upload(request, head, open_body)
        began = asyncio.get_running_loop().time()
        attempt = AiohttpAttempt(request.method, head.fields, proxy)
        if self.network.record_timings:
            from httpcli.transport.stopwatch import Stopwatch

            attempt.stopwatch = Stopwatch(secure=request.url.scheme == "https")
        with translated_errors(request.url, attempt):
            if upload is None:  # no task, which would cost a tenth of the request
                set_current_attempt(attempt)
                try:
                    response = await self.send_head(request, attempt, None)
                except asyncio.CancelledError:
                    attempt.abort_connection()
                    raise
            else:
                response_task = asyncio.ensure_future(self.send_head(request, attempt, upload))
                try:
                    async for piece in upload.sent_pieces(response_task):
                        yield RequestChunk(piece)
                    response = await response_task
                except asyncio.CancelledError:
                    upload.raise_if_stalled(request.url)
                    raise
                finally:
                    await attempt.abandon(response_task)
            try:
                received = received_response(response)
                decoder = response_decoder(received.head.fields, request)
                started = self._started(received, request, attempt, decoder)
                if started.status == 101 and not _asked_to_upgrade(request, head.fields):
                    yield started._replace(error_follows=True)
                    from httpcli.transport.response_errors import unasked_upgrade

                    raise unasked_upgrade(request.url)
                yield started
                if request.websocket is not None and started.status == 101:
                    from httpcli.transport.aiohttp.websocket import websocket_events

                    events = websocket_events(response, started, request.websocket)
                    async with aclosing(events):
                        async for event in events:
                            yield event
                async for content in read_body(response, request.url, decoder, self._limit):
                    yield ResponseChunk(content)
            finally:
                close_unfinished(response)
        timings = None if attempt.stopwatch is None else attempt.stopwatch.read(ended=True)
        elapsed = asyncio.get_running_loop().time() - began
        yield ResponseEnded(
            elapsed,
            timings,
            response.content.total_bytes,
            trailers=received.trailers,
            surplus=received.surplus,
        )

    def _started(
        self,
        received: ReceivedResponse,
        request: Request,
        attempt: AiohttpAttempt,
        decoder: ContentDecoder | None,
    ) -> ResponseStarted:
        """Return the response head, with connection and timings if wanted. Raises HttpcliError."""
        started, max_fields = response_head(received, request.url), self.network.max_fields
        if 0 < max_fields < len(started.fields):
            raise HttpcliError(
                f"{started.url.authority}: the response has more than {max_fields} headers",
                hint="--max-headers sets the limit",
                status=ExitStatus.INCOMPLETE,
            )
        if decoder is not None:
            started = started._replace(unknown_coding=decoder.unknown)
        if self.network.record_connection:
            from httpcli.transport.aiohttp.connection_info import describe_connection

            connection = describe_connection(attempt.request, proxy=attempt.proxy is not None)
            started = started._replace(connection=connection)
        if attempt.stopwatch is not None:
            started = started._replace(timings=attempt.stopwatch.read())
        tunnel = None if attempt.tunnel is None else attempt.tunnel.received
        if tunnel is not None:
            started = started._replace(tunnel=other_head(tunnel.head))
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

    async def send_head(
        self,
        request: Request,
        attempt: AiohttpAttempt,
        upload: Upload | None,
        context: SSLContext | None = None,
    ) -> ClientResponse:
        """Send a request, and return the response when its head is complete.

        ``context``: a TLS context instead of the engine's. Raises aiohttp's errors,
        OSError and HttpcliError.
        """
        url = request.url
        address = self.network.connect_address(url) if self.network.connect_to else None
        proxy = _aiohttp_proxy(request, attempt)
        if address is not None and proxy is not None and url.scheme == "http":
            raise UsageError(
                f"--connect-to does not work through a proxy ({url.authority})",
                hint="to connect without the proxy: --noproxy HOST",
            )
        session = self._session(url, attempt.proxy, is_dialled=proxy is None)
        server_name = None
        if url.scheme == "https" and (
            context is not None or address is not None or self.tls.proxy_differs
        ):
            # Without a name, the connector takes the handshake for the proxy's and uses
            # proxy_context.
            server_name = self.tls.server_name(url)
            self._set_proxy_context(session, proxy)
        tls = context or self._context(url, proxy)
        # The middleware replaces the head. aiohttp reads from these how to send the body.
        chunked, body_headers = None, None
        if upload is not None:
            headers = attempt.headers
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
                server_hostname=server_name,
                middlewares=(attempt,),
                trace_request_ctx=attempt.stopwatch,
            )
        except ClientConnectorError as error:
            mismatch: Exception | None = getattr(tls, "mismatch", None)
            if mismatch is not None:
                raise mismatch from None
            rejection = await self._rejected_certificate_error(request, attempt, error)
            if rejection is None:
                raise
            raise rejection from error
        except (ClientOSError, ConnectionLostError) as error:
            lost = error.error if isinstance(error, ConnectionLostError) else error
            has_tls = url.scheme == "https" or _has_tls(proxy)
            may_be_alert = has_tls and context is None and isinstance(lost, ClientOSError)
            if not may_be_alert or isinstance(lost.__cause__, SSLError):
                raise lost from lost.__cause__
            raise await self._lost_connection_error(request, attempt, lost) from None

    async def _rejected_certificate_error(
        self, request: Request, attempt: AiohttpAttempt, error: ClientConnectorError
    ) -> HttpcliError | None:
        """Return the error for a rejected certificate of the origin; None for another error."""
        is_rejection = isinstance(error, ClientConnectorCertificateError)
        if not is_rejection or (attempt.proxy is not None and is_from_proxy(error, attempt.proxy)):
            return None
        from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

        cause = error.os_error
        assert isinstance(cause, SSLCertVerificationError)  # noqa: S101 - for mypy
        return await CertificateProbe(self.network, self.tls, self.send_head).explain(
            request, cause
        )

    async def _lost_connection_error(
        self, request: Request, attempt: AiohttpAttempt, error: Exception
    ) -> Exception:
        """Return the TLS alert hidden by a reset connection, or ``error`` without an alert."""
        from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

        probe = CertificateProbe(self.network, self.tls, self.send_head)
        return await probe.find_alert(request, attempt) or error

    def _session(self, url: Url, proxy: Proxy | None, *, is_dialled: bool) -> ClientSession:
        """Return the session for a URL: that of its proxy or Unix socket, or the usual one.

        ``is_dialled``: our connector connects to the proxy, not aiohttp's.
        """
        network = self.network
        destination = network.unix_sockets.get(url.origin, "") if network.unix_sockets else ""
        if proxy is not None and is_dialled:
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
            connector.use_own_reader(network)
            self._sessions[destination] = new_session(network, connector)
        return self._sessions[destination]

    def _context(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the TLS context for the origin or proxy; True (aiohttp's) if neither uses TLS."""
        if url.scheme == "https":
            return self.tls.for_origin(url)
        return self.tls.for_proxy() if _has_tls(proxy) else True

    def _set_proxy_context(self, session: ClientSession, proxy: Proxy | None) -> None:
        if _has_tls(proxy) and isinstance(session.connector, Connector):
            session.connector.proxy_context = self.tls.for_proxy()


def _asked_to_upgrade(request: Request, fields: Fields) -> bool:
    """Return whether the request asks for another protocol: a WebSocket, or a typed Upgrade."""
    return request.websocket is not None or fields.has("Upgrade")


def _aiohttp_proxy(request: Request, attempt: AiohttpAttempt) -> Proxy | None:
    """Return the proxy to which aiohttp connects; None without one, or if we dial it."""
    proxy = attempt.proxy
    if proxy is None or not proxy.is_http:
        return None
    # A plain WebSocket needs a tunnel, which only our connector opens.
    return None if request.websocket is not None and request.url.scheme == "http" else proxy


def _has_tls(proxy: Proxy | None) -> bool:
    return proxy is not None and proxy.url.startswith("https")
