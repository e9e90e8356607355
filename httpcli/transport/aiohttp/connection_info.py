"""Describes the connection of a response, where somebody wants to know."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientRequest, ClientResponse
from aiohttp.connector import Connection as AiohttpConnection

from httpcli.core.connection_info import Connection
from httpcli.protocol.certificates import read_certificate


class Outgoing(ClientRequest):
    """A request that remembers its transport: a short response has given it back already."""

    transport: asyncio.Transport | None = None

    async def send(self, conn: AiohttpConnection) -> ClientResponse:
        self.transport = conn.transport
        return await super().send(conn)


def described(request: ClientRequest | None, *, proxy: bool) -> Connection | None:
    """Return what is known of the connection that ``request`` was sent over."""
    transport = request.transport if isinstance(request, Outgoing) else None
    if transport is None:
        return None
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return None
    ours = transport.get_extra_info("sockname")
    local = _address(ours) if isinstance(ours, tuple) else ""
    known = Connection(_address(peer), proxy, local=local)
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return known if secured is None else _of_tls(known, secured)


def _address(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _of_tls(known: Connection, secured: ssl.SSLObject) -> Connection:
    cipher = secured.cipher()
    known = known._replace(version=secured.version() or "", cipher=cipher[0] if cipher else "")
    der = secured.getpeercert(binary_form=True)
    try:
        certificate = read_certificate(der or b"")
    except ValueError:
        return known
    until = certificate.until
    return known._replace(name=certificate.name, until=until, left=until - datetime.now(UTC))
