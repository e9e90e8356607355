"""Describes the connection of a response, where somebody wants to know."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import time
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientRequest, ClientResponse, TraceConfig
from aiohttp.connector import Connection as AiohttpConnection

from httpcli.core.connection_info import (
    BODY,
    CONNECT,
    DNS,
    REQUEST,
    TLS,
    WAIT,
    Connection,
    Timings,
)
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
    known = Connection(_address(peer), proxy, local_address=local)
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return known if secured is None else _of_tls(known, secured)


def _address(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _of_tls(known: Connection, secured: ssl.SSLObject) -> Connection:
    cipher = secured.cipher()
    known = known._replace(tls_version=secured.version() or "", cipher=cipher[0] if cipher else "")
    der = secured.getpeercert(binary_form=True)
    try:
        certificate = read_certificate(der or b"")
    except ValueError:
        return known
    until = certificate.until
    return known._replace(
        certificate_name=certificate.name,
        certificate_expires=until,
        certificate_time_left=until - datetime.now(UTC),
    )


# Takes the times of each hop, where somebody wants to know.
#
# aiohttp's own signals tell of new and reused connections and of what is sent. They are blind
# to the handshake, which they count as connecting, and to names that a SOCKS proxy's connector
# looks up: our own hooks tell of those.


_NEXT = {
    "asked": DNS,
    "named": CONNECT,
    "handshaking": TLS,
    "ready": REQUEST,
    "sent": WAIT,
    "answered": BODY,
}
"""What begins when a mark is reached."""


class Stopwatch:
    """The marks that one hop has reached. ``secure``: there is to be TLS with the origin."""

    def __init__(self, *, secure: bool) -> None:
        self._clock = asyncio.get_running_loop().time
        self._zero = self._clock()
        self._began = time()
        self._secure = secure
        self._marks: dict[str, float] = {}
        self._phase = CONNECT

    def reached(self, mark: str) -> None:
        """Note that the hop is there now; what it did before, for a second time, counts."""
        self._marks[mark] = self._clock() - self._zero
        if "answered" not in self._marks or mark == "answered":  # an early answer ends the wait
            self._phase = _NEXT[mark]

    def again(self) -> None:
        """Forget it all but the beginning: a new connection is made, maybe for a dead one."""
        self._marks.clear()
        self._phase = CONNECT

    def reused(self) -> None:
        """Note that the connection is one of the pool."""
        self._marks.clear()
        self._phase = REQUEST

    def tunnels(self) -> None:
        """Forget a handshake: it was with a proxy, and that has still to connect."""
        self._marks.pop("handshaking", None)
        self._phase = CONNECT

    def read(self, *, ended: bool = False, failed: bool = False) -> Timings:
        """Return the times so far. ``ended``: this is the end; ``failed``: and a bad one."""
        marks = self._marks
        ready = marks.get("ready")
        handshaking = marks.get("handshaking") if self._secure else None
        return Timings(
            self._began,
            resolved=marks.get("named"),
            connected=ready if handshaking is None else handshaking,
            secured=None if handshaking is None else ready,
            sent=marks.get("sent"),
            responded=marks.get("answered"),
            ended=self._clock() - self._zero if ended or failed else None,
            failed_phase=self._phase if failed else "",
        )


def traces() -> list[TraceConfig]:
    """Return what a session needs so that the stopwatch given with a request hears of it."""
    config = TraceConfig()
    config.on_connection_create_start.append(_told(Stopwatch.again))
    config.on_connection_create_end.append(_told(_is_ready))
    config.on_connection_reuseconn.append(_told(Stopwatch.reused))
    config.on_request_headers_sent.append(_told(_is_sent))
    config.on_request_chunk_sent.append(_told(_is_sent))
    config.on_request_end.append(_told(_is_answered))
    return [config]


def _told(tell: Callable[[Stopwatch], None]) -> Callable[..., Awaitable[None]]:
    async def told(_session: Any, context: SimpleNamespace, _what: Any) -> None:
        watch: Stopwatch | None = context.trace_request_ctx
        if watch is not None:  # else it looks once more, for what went wrong before
            tell(watch)

    return told


def _is_ready(watch: Stopwatch) -> None:
    watch.reached("ready")


def _is_sent(watch: Stopwatch) -> None:
    watch.reached("sent")


def _is_answered(watch: Stopwatch) -> None:
    watch.reached("answered")
