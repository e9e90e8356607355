"""Handshakes that come through only where the certificate is pinned."""

from __future__ import annotations

import ssl
from hashlib import sha256

from httpcli.protocol.certificates import read_certificate
from httpcli.transport.dial.tls import LazyTrust


class Seen:
    """A certificate's two hashes. Raises ssl.SSLError for what is none."""

    def __init__(self, der: bytes) -> None:
        self.certificate = sha256(der).digest()
        try:
            self.key = sha256(read_certificate(der).key).digest()
        except ValueError:
            raise ssl.SSLError("the server's certificate cannot be read") from None


class PinMismatchError(ssl.SSLError):
    """The certificate is none of those that are pinned. ``seen`` has what it would be."""

    def __init__(self, seen: Seen) -> None:
        super().__init__("the certificate is not a pinned one")
        self.seen = seen


class Pinned(ssl.SSLObject):
    """A handshake that fails unless the certificate is pinned: no byte of a request leaves then.

    aiohttp's Fingerprint would take the place of verification; this comes after it.
    """

    def do_handshake(self) -> None:
        super().do_handshake()
        self.check_pins()

    def check_pins(self) -> None:
        """Raise ssl.SSLError where there are pins, and none fits."""
        context = self.context
        if not isinstance(context, PinningTrust) or not context.pins:
            return
        seen = Seen(self.getpeercert(binary_form=True) or b"")
        if not context.pins & {seen.certificate, seen.key}:
            context.mismatch = PinMismatchError(seen)
            raise context.mismatch


class PinningTrust(LazyTrust):
    """A context whose handshakes are ``Pinned``, to any of ``pins``.

    ``mismatch``: the first one; aiohttp goes on to the host's next address, and
    tells only how the last one failed.
    """

    pins: frozenset[bytes] = frozenset()
    mismatch: PinMismatchError | None = None
    sslobject_class = Pinned
