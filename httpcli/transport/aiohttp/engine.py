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
from httpcli.protocol.proxies import head_by, proxy_of
from httpcli.transport.aiohttp.aiohttp_types import (
    new_session,
    response_head,
    tunnel_head,
    url_for,
)
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.errors import is_the_proxys, translated
from httpcli.transport.aiohttp.hop import Connector, Hop, LostError
from httpcli.transport.aiohttp.response_body import content_of, decoder_of, keep_memory, leave
from httpcli.transport.dial.early_dns import Lookup
from httpcli.transport.dial.tls import Handshakes

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.protocol.codings import Chain
    from httpcli.transport.aiohttp.upload import Upload
    from httpcli.transport.rate_limit import RateLimit


@asynccontextmanager
async def open_send(
    network: Network,
    open_body: OpenBody,
    early: Lookup | None = None,
    flow: RateLimit | None = None,
) -> AsyncIterator[Send]:
    """Give a Send that keeps its connections until the block ends.

    ``open_body`` reads a body that is not at hand; ``early`` is a lookup that
    was started before; ``flow`` is what all Sends of a run share of one limit. The
    Send raises HttpcliError.
    """
    async with open_engine(network, open_body, early) as engine:
        engine.flow = flow or engine.flow
        yield engine.send


@asynccontextmanager
async def open_engine(
    network: Network, open_body: OpenBody, early: Lookup | None
) -> AsyncIterator[Engine]:
    """Give an engine that keeps its connections until the block ends. Raises HttpcliError."""
    keep_memory()
    servers = None
    if network.dns_servers:
        from httpcli.transport.aiohttp.connectors import name_servers

        servers = name_servers(network)
    engine = Engine(network, open_body, Resolver(network, early, servers and servers.ask))
    try:
        yield engine
    finally:
        await engine.close()
        if servers is not None:
            await servers.close()


class Engine:
    """The sessions, one for each kind of way, and what they need for each hop."""

    def __init__(self, network: Network, open_body: OpenBody, resolver: Resolver) -> None:
        self.network = network
        self._open_body = open_body
        self._resolver = resolver
        self._sessions: dict[str, ClientSession] = {}
        self.flow: RateLimit | None = None
        if network.max_rate or network.min_rate:
            from httpcli.transport import rate_limit

            self.flow = rate_limit.RateLimit(network)
        self.handshakes = Handshakes(network.verify)
        if network.tls is not None:
            from httpcli.transport.dial.tls_options import CustomHandshakes

            self.handshakes = CustomHandshakes(network, network.tls)

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()

    async def send(
        self, request: Request, open_body: OpenBody | None = None
    ) -> AsyncGenerator[Event, None]:
        """Send one request; ``open_body`` reads its body, where it is not all the same.

        Raises HttpcliError.
        """
        proxy = proxy_of(request.url, self.network)
        head = head_by(request, proxy, self.network)
        yield head
        upload = self._upload(request, head, open_body or self._open_body)
        began = asyncio.get_running_loop().time()
        hop = Hop(request.method, head.fields, proxy)
        if self.network.record_timings:
            from httpcli.transport.aiohttp.connection_info import Stopwatch

            hop.watch = Stopwatch(secure=request.url.scheme == "https")
        with translated(request.url, hop):
            if upload is None:  # a task for nothing would be a tenth of the request's cost
                hop.sets_out()
                try:
                    response = await self.ask(request, hop, None)
                except asyncio.CancelledError:
                    hop.break_off()
                    raise
            else:
                waiting = asyncio.ensure_future(self.ask(request, hop, upload))
                try:
                    async for piece in upload.sent(waiting):
                        yield RequestChunk(piece)
                    response = await waiting
                except asyncio.CancelledError:
                    upload.raise_if_stalled(request.url)
                    raise
                finally:
                    await hop.abandon(waiting)
            try:
                decoder = decoder_of(response, request)
                started = self._started(response, request, hop, decoder)
                yield started
                if request.websocket is not None and started.status == 101:
                    from httpcli.transport.aiohttp.websocket import messages_of

                    talk = messages_of(response, started, request.websocket)
                    async with aclosing(talk) as events:
                        async for event in events:
                            yield event
                async for content in content_of(response, request.url, decoder, self.flow):
                    yield ResponseChunk(content)
                hop.check_end(request.url)
            finally:
                leave(response)
        spent = None if hop.watch is None else hop.watch.read(ended=True)
        elapsed = asyncio.get_running_loop().time() - began
        yield ResponseEnded(elapsed, spent, response.content.total_bytes)

    def _started(
        self, response: ClientResponse, request: Request, hop: Hop, decoder: Chain | None
    ) -> ResponseStarted:
        """Return the head, with what somebody wants to know besides. Raises HttpcliError."""
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

            known = described(hop.request, proxy=hop.proxy is not None)
            started = started._replace(connection=known)
        if hop.watch is not None:
            started = started._replace(timings=hop.watch.read())
        return started

    def _upload(
        self, request: Request, head: RequestStarted, open_body: OpenBody
    ) -> Upload | None:
        if request.body is None:
            return None
        from httpcli.transport.aiohttp import upload

        waits = head.fields.has("Expect")
        return upload.Upload(
            request.body, open_body, self.network.read_timeout, waits=waits, flow=self.flow
        )

    async def ask(
        self,
        request: Request,
        hop: Hop,
        upload: Upload | None,
        context: SSLContext | None = None,
    ) -> ClientResponse:
        """Return the response. ``context``: another one than the usual.

        Raises what aiohttp raises, and HttpcliError.
        """
        fields, url = hop.fields, request.url
        proxy = hop.proxy if hop.proxy is not None and hop.proxy.is_http else None
        if request.websocket is not None and url.scheme == "http":
            proxy = None  # its tunnel is a way of its own
        there = self.network.connect_address(url) if self.network.connect_to else None
        if there is not None and proxy is not None and url.scheme == "http":
            raise UsageError(
                f"--connect-to: a proxy finds its own way to {url.authority}",
                hint="--noproxy goes around it",
            )
        session = self._session(url, hop.proxy, tunnelled=proxy is None)
        if upload is not None:
            from httpcli.transport.aiohttp.upload import install_early_response_reader

            install_early_response_reader(session.connector)
        particular = context is not None or there is not None
        tls = context or self._tls(url, proxy)
        # Our head goes in the place of aiohttp's; how content is sent that reads of it.
        chunked, headers = None, None
        if upload is not None:
            headers = [pair for pair in fields if pair[0].lower() != "transfer-encoding"]
            chunked = len(headers) < len(fields) or None
        try:
            return await session.request(
                request.method,
                url_for(url, there or (url.host, url.port)),
                data=None if upload is None else upload.content,
                headers=headers,
                # All others it adds before our head takes their place, this one behind it.
                skip_auto_headers=None if request.method == "GET" else ("Content-Type",),
                chunked=chunked,
                allow_redirects=False,
                proxy=None if proxy is None else URL(proxy.url),
                # For a tunnel; without it aiohttp would call itself by its own name.
                proxy_headers=None if proxy is None else tunnel_head(request, proxy, self.network),
                ssl=tls,
                server_hostname=self._name(session, url, proxy, particular=particular),
                middlewares=(hop,),
                trace_request_ctx=hop.watch,
            )
        except ClientConnectorError as error:
            mismatch: Exception | None = getattr(tls, "mismatch", None)
            if mismatch is not None:
                raise mismatch from None
            refused = isinstance(error, ClientConnectorCertificateError)
            if not refused or (hop.proxy is not None and is_the_proxys(error, hop.proxy)):
                raise
            from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

            cause = error.os_error
            assert isinstance(cause, SSLCertVerificationError)  # noqa: S101 - for mypy
            probe = CertificateProbe(self.network, self.handshakes, self.ask)
            raise await probe.explain(request, cause) from error
        except (ClientOSError, LostError) as lost:
            why = lost.error if isinstance(lost, LostError) else lost
            secured = url.scheme == "https" or _is_secured(proxy)
            broken = isinstance(why, ClientOSError) and secured
            if not broken or context is not None or isinstance(why.__cause__, SSLError):
                raise why from why.__cause__
            from httpcli.transport.aiohttp.certificate_probe import CertificateProbe

            probe = CertificateProbe(self.network, self.handshakes, self.ask)
            raise (await probe.find_alert(request, hop)) or why from None

    def _session(self, url: Url, proxy: Proxy | None, *, tunnelled: bool) -> ClientSession:
        """Return the session for the way to a URL: TCP, a Unix socket or by a proxy.

        ``tunnelled``: the proxy, if any, is not one that aiohttp speaks to.
        """
        network = self.network
        way = network.unix_sockets.get(url.origin, "") if network.unix_sockets else ""
        if proxy is not None and tunnelled:
            way = proxy.url
        if way not in self._sessions:
            connector: Connector
            if (
                way
                or network.ip_version
                or network.local_address is not None
                or network.pool_limits is not None
            ):
                from httpcli.transport.aiohttp.connectors import connector_for as make

                connector = make(network, self._resolver, way, proxy)
            else:
                connector = Connector(resolver=self._resolver)
            connector.unasked = network.http_version == "1.0"
            self._sessions[way] = new_session(network, connector)
        return self._sessions[way]

    def _tls(self, url: Url, proxy: Proxy | None) -> SSLContext | bool:
        """Return the context where a handshake will come; else what trusts nobody."""
        if url.scheme == "https":
            return self.handshakes.context(url)
        return self.handshakes.of_proxy() if _is_secured(proxy) else True

    def _name(
        self, session: ClientSession, url: Url, proxy: Proxy | None, *, particular: bool
    ) -> str | None:
        """Return the name to verify, where the handshake is not to be as with the proxy.

        By the name the two are told apart (``Connector.of_proxy``).
        """
        if url.scheme != "https" or not (particular or self.handshakes.particular):
            return None
        if _is_secured(proxy) and isinstance(session.connector, Connector):
            session.connector.of_proxy = self.handshakes.of_proxy()
        return self.handshakes.name(url)


def _is_secured(proxy: Proxy | None) -> bool:
    return proxy is not None and proxy.url.startswith("https")
