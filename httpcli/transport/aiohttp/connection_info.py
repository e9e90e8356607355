"""Describes the connection of a response, and measures its phases with aiohttp's signals.

Imported only if the connection or the timings are reported.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientRequest, ClientResponse, TraceConfig
from aiohttp.connector import Connection as AiohttpConnection

from httpcli.core.connection_info import Connection
from httpcli.protocol.certificates import read_certificate
from httpcli.transport.stopwatch import Stopwatch


class RequestWithTransport(ClientRequest):
    """A request that keeps its transport, which aiohttp drops after a short response."""

    transport: asyncio.Transport | None = None

    async def send(self, conn: AiohttpConnection) -> ClientResponse:
        self.transport = conn.transport
        return await super().send(conn)


def describe_connection(request: ClientRequest | None, *, proxy: bool) -> Connection | None:
    """Return a description of the connection over which ``request`` was sent.

    None for a connection without IP addresses, such as a Unix socket.
    """
    transport = request.transport if isinstance(request, RequestWithTransport) else None
    if transport is None:
        return None
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return None
    local = transport.get_extra_info("sockname")
    local_address = _address(local) if isinstance(local, tuple) else ""
    connection = Connection(_address(peer), proxy, local_address=local_address)
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return connection if tls is None else _with_tls(connection, tls)


def _address(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _with_tls(connection: Connection, tls: ssl.SSLObject) -> Connection:
    cipher = tls.cipher()
    connection = connection._replace(
        tls_version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        certificates=received_chain(tls),
    )
    der = tls.getpeercert(binary_form=True)
    try:
        certificate = read_certificate(der or b"")
    except ValueError:
        return connection
    until = certificate.not_after
    return connection._replace(
        certificate_name=certificate.name,
        certificate_expires=until,
        certificate_time_left=until - datetime.now(UTC),
    )


def received_chain(handshake: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates as they were sent; only the first if Python has no others."""
    # A public method since Python 3.13; before that, a method of the private object.
    public = hasattr(handshake, "get_unverified_chain")
    inner: Any = handshake if public else getattr(handshake, "_sslobj", None)
    get_chain = getattr(inner, "get_unverified_chain", None)
    sent = get_chain() if get_chain is not None else None
    if sent:
        return tuple(
            certificate
            if isinstance(certificate, bytes)
            else ssl.PEM_cert_to_DER_cert(certificate.public_bytes())
            for certificate in sent
        )
    leaf = handshake.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


def stopwatch_trace_configs() -> list[TraceConfig]:
    """Return trace configs that mark times on the stopwatch in ``trace_request_ctx``.

    aiohttp has no signal for the TLS handshake, nor for the names that a SOCKS
    connector resolves: ``mark_time`` marks these.
    """
    config = TraceConfig()
    config.on_connection_create_start.append(_signal(Stopwatch.restart))
    config.on_connection_create_end.append(_signal(_mark_ready))
    config.on_connection_reuseconn.append(_signal(Stopwatch.reused))
    config.on_request_headers_sent.append(_signal(_mark_sent))
    config.on_request_chunk_sent.append(_signal(_mark_sent))
    config.on_request_end.append(_signal(_mark_responded))
    return [config]


def _signal(report: Callable[[Stopwatch], None]) -> Callable[..., Awaitable[None]]:
    async def receive(_session: Any, context: SimpleNamespace, _parameters: Any) -> None:
        stopwatch: Stopwatch | None = context.trace_request_ctx
        if stopwatch is not None:  # None for a certificate probe
            report(stopwatch)

    return receive


def _mark_ready(stopwatch: Stopwatch) -> None:
    stopwatch.mark("ready")


def _mark_sent(stopwatch: Stopwatch) -> None:
    stopwatch.mark("sent")


def _mark_responded(stopwatch: Stopwatch) -> None:
    stopwatch.mark("responded")
