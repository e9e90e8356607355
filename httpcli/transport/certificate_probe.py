"""Looks at a server's certificates: a handshake after which nothing is sent.

OpenSSL tells nothing of a certificate that it refuses. So an error that is to
say more, and ``--show-cert``, look at it once more without trusting it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import ClientConnectorError, ClientError

from httpcli.core.connection_info import ServerHandshake
from httpcli.core.errors import HttpcliError
from httpcli.core.headers import Fields
from httpcli.protocol.certificates import Certificate, read_certificate
from httpcli.protocol.proxies import proxy_of
from httpcli.transport.aiohttp.engine import Engine, open_engine
from httpcli.transport.aiohttp.errors import is_before_the_tunnel, translated, underneath
from httpcli.transport.aiohttp.hop import Hop
from httpcli.transport.dial.tls import LazyTrust, trusting
from httpcli.transport.dial.tls_options import PinMismatchError, Pinned, PinningTrust
from httpcli.transport.tls_errors import failure, untrusted

if TYPE_CHECKING:
    from httpcli.core.body import Body
    from httpcli.core.plan import Network
    from httpcli.core.request import Request

_PATIENCE = 2.0
"""Seconds in which an alert comes, if one does."""


class UntrustedError(HttpcliError):
    """A certificate that is not accepted. ``sight``: what was seen of it, if anything."""

    def __init__(self, error: HttpcliError, sight: ServerHandshake | None) -> None:
        super().__init__(error.message, hint=error.hint, status=error.status)
        self.sight = sight


class _SeenError(ssl.SSLError):
    """All that was wanted is there; asyncio ends the connection then."""


class _Glance(Pinned):
    def do_handshake(self) -> None:
        ssl.SSLObject.do_handshake(self)
        if isinstance(self.context, Looking):
            cipher = self.cipher()
            self.context.sight = ServerHandshake(
                _chain(self), self.version() or "", cipher[0] if cipher else ""
            )
        self.check_pins()
        raise _SeenError("seen")


class Looking(PinningTrust):
    """A context that keeps what it sees, and goes no further."""

    sight: ServerHandshake | None = None
    sslobject_class = _Glance

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake, once: aiohttp tries a host's other addresses after a failure."""
        if self.sight is not None:
            raise _SeenError("seen")
        return super().wrap_bio(*args, **kwargs)


class _Mute(Pinned):
    def write(self, _data: object) -> int:
        raise ssl.SSLWantReadError  # asyncio keeps it for later


class _Listening(PinningTrust):
    """A context whose connections never say anything, so that the other end can."""

    sslobject_class = _Mute


def _chain(seen: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates as they were sent; the first alone where Python tells no more."""
    # Public since Python 3.13; before, only the object inside has it.
    inner: Any = seen if hasattr(seen, "get_unverified_chain") else getattr(seen, "_sslobj", None)
    tell = getattr(inner, "get_unverified_chain", None)
    sent = tell() if tell is not None else None
    if sent:
        return tuple(
            one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes())
            for one in sent
        )
    leaf = seen.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


async def look(request: Request, network: Network) -> tuple[ServerHandshake, HttpcliError | None]:
    """Return what the server of ``request`` shows, and why it is not accepted, if it is not.

    Raises HttpcliError where nothing was seen.
    """
    async with open_engine(network, _no_body, None) as engine:
        hop = _hop(engine, request)
        try:
            with translated(request.url, hop):
                context = trusting(Looking(ssl.PROTOCOL_TLS_CLIENT), network.verify)
                engine.handshakes.settle(context, request.url)
                sight, fault = await _glance(engine, request, context, hop)
                return sight, None if fault is None else failure(fault, request.url)
        except UntrustedError as error:
            if error.sight is None:
                raise
            return error.sight, error


async def explained(
    engine: Engine, request: Request, error: ssl.SSLCertVerificationError
) -> UntrustedError:
    """Return the error for a certificate that was refused, told from a second look at it."""
    sight: ServerHandshake | None = None
    context = trusting(Looking(ssl.PROTOCOL_TLS_CLIENT), False)
    engine.handshakes.limit(context)
    with suppress(ClientError, OSError, TimeoutError, HttpcliError):
        sight, _ = await _glance(engine, request, context, _hop(engine, request))
    name = engine.handshakes.name(request.url)
    return UntrustedError(
        untrusted(error, request.url, name, certificates_of(sight) if sight else []), sight
    )


async def alert(engine: Engine, request: Request, hop: Hop) -> ssl.SSLError | None:
    """Return what TLS says to a connection that was reset after its handshake, if anything.

    In TLS 1.3 a server judges the client's certificate when our request is on
    its way already, and the reset that answers it may overtake the alert. So
    it is asked again, with a mouth that stays closed. Where it was a proxy that
    ``hop`` did not come past, the proxy is.
    """
    context = trusting(_Listening(ssl.PROTOCOL_TLS_CLIENT), engine.network.verify)
    if is_before_the_tunnel(request.url, hop):
        engine.handshakes.limit(context)
        request = request._replace(url=request.url._replace(scheme="http"))
    else:
        engine.handshakes.settle(context, request.url)
    try:
        async with asyncio.timeout(_PATIENCE):
            await _ask(engine, request, context, Hop("HEAD", Fields(), hop.proxy))
    except (ClientError, OSError, TimeoutError, HttpcliError) as error:
        return underneath(error, ssl.SSLError)
    return None


def certificates_of(sight: ServerHandshake) -> list[Certificate]:
    """Return the chain, the server's own first, as far as it can be read."""
    read = []
    for der in sight.chain:
        with suppress(ValueError):
            read.append(read_certificate(der))
    return read


async def _glance(
    engine: Engine, request: Request, context: Looking, hop: Hop
) -> tuple[ServerHandshake, PinMismatchError | None]:
    """Shake hands; raises what went wrong where nothing was seen."""
    try:
        await _ask(engine, request, context, hop)
    except (ClientConnectorError, PinMismatchError) as error:
        if context.sight is None:
            raise
        return context.sight, error if isinstance(error, PinMismatchError) else None
    raise AssertionError("a look sends nothing")


def _hop(engine: Engine, request: Request) -> Hop:
    return Hop("HEAD", Fields(), proxy_of(request.url, engine.network))


async def _ask(engine: Engine, request: Request, context: LazyTrust, hop: Hop) -> None:
    await engine.ask(request._replace(body=None), hop, None, context)


def _no_body(_body: Body) -> AsyncIterator[bytes]:
    raise AssertionError("a look sends nothing")
