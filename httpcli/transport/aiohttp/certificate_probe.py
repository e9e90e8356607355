"""Reads a server's certificates in a TLS handshake, and sends no request.

OpenSSL does not provide a certificate that it rejects. ``--show-cert``, and the error for a
rejected certificate, therefore connect again without verification. Imported only then.
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
from httpcli.protocol.http1_head import Http1Error
from httpcli.protocol.proxies import network_proxy
from httpcli.transport.aiohttp.connection_info import received_chain
from httpcli.transport.aiohttp.errors import find_cause, is_alert_of_proxy, translated_errors
from httpcli.transport.aiohttp.request import AiohttpAttempt
from httpcli.transport.dial.tls_options import PinMismatchError, PinningContext, PinningHandshake
from httpcli.transport.dial.tls_trust import LazyTrustContext, TlsContexts, configure_context
from httpcli.transport.tls_errors import certificate_rejected, handshake_failed

SendHead = Callable[[Request, AiohttpAttempt, None, LazyTrustContext], Awaitable[ClientResponse]]
"""``AiohttpEngine.send_head``: send a request without a body, with this TLS context."""

_FAILURES = (ClientError, Http1Error, OSError, TimeoutError, HttpcliError)
"""What may end a connection that sends no request."""
_ALERT_TIMEOUT = 2.0
"""Seconds to wait for a TLS alert."""


class UntrustedError(HttpcliError):
    """The error of a rejected certificate."""

    def __init__(self, error: HttpcliError, handshake: ServerHandshake | None) -> None:
        super().__init__(error.message, hint=error.hint, status=error.status)
        self.handshake = handshake
        """The server's handshake; None if it is not known."""


class CertificateProbe:
    """Connects as an engine does, with its options and sessions, but sends no request."""

    def __init__(self, network: Network, tls: TlsContexts, send_head: SendHead) -> None:
        self._network = network
        self._tls = tls
        self._send_head = send_head

    async def probe(self, request: Request) -> tuple[ServerHandshake, HttpcliError | None]:
        """Return the server's handshake, and the error if its certificate is rejected.

        Raises HttpcliError if the handshake fails before the certificates are received.
        """
        attempt = self._attempt(request)
        try:
            with translated_errors(request.url, attempt):
                context = configure_context(
                    ProbeContext(ssl.PROTOCOL_TLS_CLIENT), self._network.verify
                )
                self._tls.configure_for_origin(context, request.url)
                handshake, mismatch = await self._handshake(request, context, attempt)
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
        """Return the error for a rejected certificate, described from a second connection."""
        handshake: ServerHandshake | None = None
        context = configure_context(ProbeContext(ssl.PROTOCOL_TLS_CLIENT), False)
        self._tls.configure(context)
        with suppress(*_FAILURES):
            handshake, _ = await self._handshake(request, context, self._attempt(request))
        name = self._tls.server_name(request.url)
        chain = certificates_of(handshake) if handshake else []
        return UntrustedError(certificate_rejected(error, request.url, name, chain), handshake)

    async def find_alert(self, request: Request, attempt: AiohttpAttempt) -> ssl.SSLError | None:
        """Return the TLS alert of a server that reset the connection after the handshake.

        In TLS 1.3 a server verifies the client's certificate while our request is
        already being sent, and a reset caused by the request may overtake the alert. So
        this connects again and sends nothing: to the proxy if ``attempt`` did not get
        past it. Return None if there is no alert.
        """
        context = configure_context(_SilentContext(ssl.PROTOCOL_TLS_CLIENT), self._network.verify)
        if is_alert_of_proxy(request.url, attempt):
            self._tls.configure(context)
            request = request._replace(url=request.url._replace(scheme="http"))
        else:
            self._tls.configure_for_origin(context, request.url)
        try:
            async with asyncio.timeout(_ALERT_TIMEOUT):
                probe = AiohttpAttempt("HEAD", Fields(), attempt.proxy)
                await self._connect(request, probe, context)
        except _FAILURES as error:
            return find_cause(error, ssl.SSLError)
        return None

    async def _handshake(
        self, request: Request, context: ProbeContext, attempt: AiohttpAttempt
    ) -> tuple[ServerHandshake, PinMismatchError | None]:
        """Return the server's handshake and the pin mismatch, if any.

        Raises the connection error if no certificate was received.
        """
        try:
            await self._connect(request, attempt, context)
        except (ClientConnectorError, PinMismatchError) as error:
            if context.handshake is None:
                raise
            return context.handshake, error if isinstance(error, PinMismatchError) else None
        raise AssertionError("a probe sends nothing")

    async def _connect(
        self, request: Request, attempt: AiohttpAttempt, context: LazyTrustContext
    ) -> None:
        await self._send_head(request._replace(body=None), attempt, None, context)

    def _attempt(self, request: Request) -> AiohttpAttempt:
        return AiohttpAttempt("HEAD", Fields(), network_proxy(request.url, self._network))


def certificates_of(handshake: ServerHandshake) -> list[Certificate]:
    """Return the readable certificates of the chain, the server's own first."""
    certificates = []
    for der in handshake.chain:
        with suppress(ValueError):
            certificates.append(read_certificate(der))
    return certificates


class _ProbeEndedError(ssl.SSLError):
    """Raised to end a handshake after the certificates: asyncio then closes the connection."""


class _ProbeHandshake(PinningHandshake):
    def do_handshake(self) -> None:
        ssl.SSLObject.do_handshake(self)
        if isinstance(self.context, ProbeContext):
            cipher = self.cipher()
            self.context.handshake = ServerHandshake(
                received_chain(self), self.version() or "", cipher[0] if cipher else ""
            )
        self.check_pins()
        raise _ProbeEndedError("certificates received")


class ProbeContext(PinningContext):
    """A context that stores the server's handshake, and then ends it."""

    handshake: ServerHandshake | None = None
    """None until the certificates are received."""
    sslobject_class = _ProbeHandshake

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake, only once: aiohttp would connect to the host's other addresses."""
        if self.handshake is not None:
            raise _ProbeEndedError("certificates received")
        return super().wrap_bio(*args, **kwargs)


class _SilentHandshake(PinningHandshake):
    def write(self, _data: object) -> int:
        raise ssl.SSLWantReadError  # asyncio keeps the data for later


class _SilentContext(PinningContext):
    """A context whose connections send nothing after the handshake."""

    sslobject_class = _SilentHandshake
