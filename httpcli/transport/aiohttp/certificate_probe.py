"""Looks at a server's certificates: a TLS handshake after which no request is sent.

OpenSSL does not show a certificate that it rejects. ``--show-cert``, and an error
that is to describe a rejected certificate, therefore connect once more without
verification. Loaded only then.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientResponse

from httpcli.core.connection_info import ServerHandshake
from httpcli.core.errors import HttpcliError
from httpcli.core.headers import Fields
from httpcli.core.plan import Network
from httpcli.core.request import Request
from httpcli.protocol.certificates import Certificate, read_certificate
from httpcli.protocol.proxies import network_proxy
from httpcli.transport.aiohttp.errors import find_cause, is_alert_of_proxy, translated_errors
from httpcli.transport.aiohttp.request import Hop
from httpcli.transport.dial.tls_options import PinMismatchError, PinningContext, PinningHandshake
from httpcli.transport.dial.tls_trust import LazyTrustContext, TlsContexts, with_trust
from httpcli.transport.tls_errors import certificate_rejected, handshake_failed

SendHead = Callable[[Request, Hop, None, LazyTrustContext], Awaitable[ClientResponse]]
"""Send a request without a body, with this TLS context (``AiohttpEngine.request``)."""

_ALERT_TIMEOUT = 2.0
"""Seconds to wait for a TLS alert."""


class UntrustedError(HttpcliError):
    """A certificate that was rejected."""

    def __init__(self, error: HttpcliError, handshake: ServerHandshake | None) -> None:
        super().__init__(error.message, hint=error.hint, status=error.status)
        self.handshake = handshake
        """What the server showed, None where that is unknown."""


class CertificateProbe:
    """Connects with the options and the sessions of an engine, but sends no request."""

    def __init__(self, network: Network, tls: TlsContexts, send_head: SendHead) -> None:
        self._network = network
        self._tls = tls
        self._send_head = send_head

    async def look(self, request: Request) -> tuple[ServerHandshake, HttpcliError | None]:
        """Return what the server of ``request`` shows, and why that is rejected, if it is.

        Raises HttpcliError where the handshake did not come as far as the certificates.
        """
        hop = self._hop(request)
        try:
            with translated_errors(request.url, hop):
                context = with_trust(ProbeContext(ssl.PROTOCOL_TLS_CLIENT), self._network.verify)
                self._tls.configure_for_origin(context, request.url)
                handshake, mismatch = await self._shake_hands(request, context, hop)
                return handshake, None if mismatch is None else handshake_failed(
                    mismatch, request.url
                )
        except UntrustedError as error:
            if error.handshake is None:
                raise
            return error.handshake, error

    async def explain(
        self, request: Request, error: ssl.SSLCertVerificationError
    ) -> UntrustedError:
        """Return the error for a rejected certificate, which is described from a second look."""
        handshake: ServerHandshake | None = None
        context = with_trust(ProbeContext(ssl.PROTOCOL_TLS_CLIENT), False)
        self._tls.configure(context)
        with suppress(ClientError, OSError, TimeoutError, HttpcliError):
            handshake, _ = await self._shake_hands(request, context, self._hop(request))
        name = self._tls.server_name(request.url)
        chain = certificates_of(handshake) if handshake else []
        return UntrustedError(certificate_rejected(error, request.url, name, chain), handshake)

    async def find_alert(self, request: Request, hop: Hop) -> ssl.SSLError | None:
        """Return the TLS alert of a server that reset the connection after the handshake, if any.

        In TLS 1.3 a server verifies the client's certificate while our request is
        already on its way, and the reset that answers the request may overtake the
        alert. So this connects again and sends nothing. Where ``hop`` got no further
        than a proxy, it connects to the proxy.
        """
        context = with_trust(_SilentContext(ssl.PROTOCOL_TLS_CLIENT), self._network.verify)
        if is_alert_of_proxy(request.url, hop):
            self._tls.configure(context)
            request = request._replace(url=request.url._replace(scheme="http"))
        else:
            self._tls.configure_for_origin(context, request.url)
        try:
            async with asyncio.timeout(_ALERT_TIMEOUT):
                await self._connect(request, Hop("HEAD", Fields(), hop.proxy), context)
        except (ClientError, OSError, TimeoutError, HttpcliError) as error:
            return find_cause(error, ssl.SSLError)
        return None

    async def _shake_hands(
        self, request: Request, context: ProbeContext, hop: Hop
    ) -> tuple[ServerHandshake, PinMismatchError | None]:
        """Return what was seen; raises what went wrong where nothing was."""
        try:
            await self._connect(request, hop, context)
        except (ClientConnectorError, PinMismatchError) as error:
            if context.handshake is None:
                raise
            return context.handshake, error if isinstance(error, PinMismatchError) else None
        raise AssertionError("a probe sends nothing")

    async def _connect(self, request: Request, hop: Hop, context: LazyTrustContext) -> None:
        await self._send_head(request._replace(body=None), hop, None, context)

    def _hop(self, request: Request) -> Hop:
        return Hop("HEAD", Fields(), network_proxy(request.url, self._network))


def certificates_of(handshake: ServerHandshake) -> list[Certificate]:
    """Return the chain, the server's own certificate first, without those that are unreadable."""
    certificates = []
    for der in handshake.chain:
        with suppress(ValueError):
            certificates.append(read_certificate(der))
    return certificates


class _ProbeEndedError(ssl.SSLError):
    """Ends the handshake once the certificates are known; asyncio then closes the connection."""


class _ProbeHandshake(PinningHandshake):
    def do_handshake(self) -> None:
        ssl.SSLObject.do_handshake(self)
        if isinstance(self.context, ProbeContext):
            cipher = self.cipher()
            self.context.handshake = ServerHandshake(
                _chain(self), self.version() or "", cipher[0] if cipher else ""
            )
        self.check_pins()
        raise _ProbeEndedError("seen")


class ProbeContext(PinningContext):
    """A context that keeps what the server showed, and then ends the handshake."""

    handshake: ServerHandshake | None = None
    sslobject_class = _ProbeHandshake

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake, once: after a failure aiohttp tries the host's other addresses."""
        if self.handshake is not None:
            raise _ProbeEndedError("seen")
        return super().wrap_bio(*args, **kwargs)


class _SilentHandshake(PinningHandshake):
    def write(self, _data: object) -> int:
        raise ssl.SSLWantReadError  # asyncio keeps the data for later


class _SilentContext(PinningContext):
    """A context whose connections send nothing after the handshake."""

    sslobject_class = _SilentHandshake


def _chain(handshake: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates as they were sent; only the first where Python gives no more."""
    # Public since Python 3.13; before, only the object inside has it.
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
