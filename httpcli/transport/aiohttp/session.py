"""aiohttp's session and connector, set up to add nothing to a request."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from ssl import CertificateError, SSLContext
from typing import Any

from aiohttp import (
    ClientConnectionError,
    ClientConnectorCertificateError,
    ClientConnectorSSLError,
    ClientRequest,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    HttpVersion10,
    HttpVersion11,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.limits import MAX_HEADER_SIZE, MAX_HEADERS
from httpcli.core.plan import Network
from httpcli.transport.aiohttp.http1_protocol import Http1Protocol
from httpcli.transport.aiohttp.request import AiohttpAttempt, hidden_tls_error
from httpcli.transport.current_attempt import current_attempt, set_timeout_reason, timeout_reason
from httpcli.transport.dial.dns import NUMERIC, Resolver, numeric_host

HANDSHAKE_LIMIT = 1e9
"""Seconds for a TLS handshake; effectively none: --connect-timeout is the limit.

asyncio has a limit of 60 s, which would end a longer one with an error of its own.
"""


def new_session(network: Network, connector: Connector) -> ClientSession:
    """Return a session that adds nothing to a request."""
    # In a limited pool, waiting for a free connection is not connecting.
    is_limited = network.pool_limits is not None and bool(
        network.pool_limits.max_connections or network.pool_limits.max_per_host
    )
    request_class, trace_configs = ClientRequest, None
    if network.record_connection or network.record_timings:
        from httpcli.transport.aiohttp.connection_info import (
            RequestWithTransport,
            stopwatch_trace_configs,
        )

        request_class = RequestWithTransport if network.record_connection else ClientRequest
        trace_configs = stopwatch_trace_configs() if network.record_timings else None
    return ClientSession(
        connector=connector,
        # No cookies and no headers on the session: a proxy would get them.
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(
            total=None,
            connect=None if is_limited else network.connect_timeout,
            sock_connect=network.connect_timeout,
            sock_read=network.read_timeout,
        ),
        version=HttpVersion10 if network.http_version == "1.0" else HttpVersion11,
        auto_decompress=False,
        request_class=request_class,
        trace_configs=trace_configs,
    )


class AiohttpResolver(AbstractResolver):
    """Our resolver with aiohttp's interface."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises OSError, HttpcliError."""
        return [
            ResolveResult(
                hostname=host,
                host=numeric_host(address),
                port=int(address[4][1]),
                family=address[0],
                proto=address[2],
                flags=NUMERIC,
            )
            for address in await self._resolver.resolve(host, port, family)
        ]

    async def close(self) -> None:
        """Do nothing: the engine closes its resolver."""


class Connector(TCPConnector):
    """A connector that keeps the attempt of its task up to date."""

    proxy_context: SSLContext | None = None
    """The TLS context for a proxy; None if it is the origin's.

    With a context here, requests to origins must have a ``server_hostname``.
    """
    always_closes = False
    """Whether each connection is for one request.

    True for HTTP/1.0, where aiohttp would ask the server to keep the connection.
    """

    def use_own_reader(self, network: Network) -> None:
        """Read the responses of new connections with our reader."""
        factory: Any = partial(
            Http1Protocol,
            loop=self._loop,
            max_header_size=network.max_header_size or MAX_HEADER_SIZE,
            max_headers=max(MAX_HEADERS, network.max_fields),
        )
        self._factory = factory

    @property
    def force_close(self) -> bool:
        """Whether each connection is for one request."""
        return self.always_closes or super().force_close

    def _get_ssl_context(self, req: ClientRequest) -> SSLContext | None:
        """Return the proxy's own context for a handshake with it: aiohttp has one for both."""
        context = super()._get_ssl_context(req)
        if context is not None and self.proxy_context is not None and req.server_hostname is None:
            return self.proxy_context
        return context

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's name
    ) -> Connection:
        """Connect; send a proxy the CONNECT authority as the Host header.

        aiohttp copies Host from our headers into its CONNECT, and fails without one.
        """
        to_proxy = "" if req.proxy is None else f" to the proxy {req.proxy.authority}"
        with timeout_reason(f"no connection{to_proxy}"):
            if req.proxy is None:
                return _note_connection(await super().connect(req, traces, timeout))
            original, req.headers = req.headers, CIMultiDict(req.headers)
            req.headers["Host"] = str(req.url.host_port_subcomponent)
            try:
                return _note_connection(await super().connect(req, traces, timeout))
            finally:
                req.headers = original

    async def _wrap_create_connection(self, *args: Any, **options: Any) -> Any:
        """Connect by TCP and begin TLS, if any, without asyncio's limit for the handshake."""
        if options.get("ssl"):
            options["ssl_handshake_timeout"] = HANDSHAKE_LIMIT
        return await super()._wrap_create_connection(*args, **options)

    async def _create_direct_connection(
        self, req: ClientRequest, *args: Any, **options: Any
    ) -> tuple[asyncio.Transport, Any]:
        """Connect by TCP; to a proxy, also note that the tunnel is not open yet."""
        if self.family:
            _check_family(req.url.raw_host or "", self.family)
        connection = await super()._create_direct_connection(req, *args, **options)
        # client_error is passed only when connecting to a proxy.
        if options.get("client_error") is not None:
            set_timeout_reason(
                f"the proxy {req.url.authority} did not open a tunnel", is_opening_tunnel=True
            )
            attempt = current_attempt()
            if attempt is not None and attempt.stopwatch is not None:
                attempt.stopwatch.proxy_connected()
            if isinstance(attempt, AiohttpAttempt):
                protocol: Any = connection[1]
                attempt.note_proxy(protocol)
        return connection

    async def _start_tls_connection(
        self,
        underlying_transport: asyncio.Transport,
        req: ClientRequest,
        *args: Any,
        **options: Any,
    ) -> Any:
        """Begin TLS in a tunnel; raise its error, which some Python versions hide."""
        attempt = current_attempt()
        if isinstance(attempt, AiohttpAttempt):
            try:
                attempt.check_tunnel()
            except BaseException:
                underlying_transport.close()  # aiohttp closes it only if TLS fails
                raise
        # aiohttp uses the total only as the limit of the handshake.
        limit = options["timeout"].sock_connect
        options["timeout"] = ClientTimeout(total=HANDSHAKE_LIMIT, sock_connect=limit)
        try:
            return await super()._start_tls_connection(underlying_transport, req, *args, **options)
        except ClientConnectionError as error:
            hidden = hidden_tls_error(error.__cause__)
            if hidden is None:
                raise
            kind = ClientConnectorSSLError
            if isinstance(hidden, CertificateError):
                kind = ClientConnectorCertificateError
            raise kind(req.connection_key, hidden) from hidden


def _note_connection(connection: Connection) -> Connection:
    attempt = current_attempt()
    if isinstance(attempt, AiohttpAttempt):
        attempt.note_connection(connection)
    return connection


def _check_family(host: str, family: int) -> None:
    """Raise HttpcliError for an IP address of the other family, which aiohttp does not check."""
    is_ipv6 = ":" in host
    if (is_ipv6 and family == socket.AF_INET) or (
        not is_ipv6 and family == socket.AF_INET6 and host.replace(".", "").isdecimal()
    ):
        raise HttpcliError(
            f"{host} is an IPv{6 if is_ipv6 else 4} address",
            hint="--ipv4, --ipv6 or the local address allows only the other kind",
            status=ExitStatus.NOT_CONNECTED,
        )
