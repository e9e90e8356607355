"""Handshakes that come through only where the certificate is pinned."""

from __future__ import annotations

import os
import ssl
import warnings
from hashlib import sha256
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import Url
from httpcli.protocol.certificates import read_certificate
from httpcli.transport.dial.tls import Handshakes, LazyTrust, trusting

if TYPE_CHECKING:
    from httpcli.core.connection_options import ClientCertificate, TlsOptions
    from httpcli.core.plan import Network


class PinnedHandshake:
    """A certificate's two hashes. Raises ssl.SSLError for what is none."""

    def __init__(self, der: bytes) -> None:
        self.certificate = sha256(der).digest()
        try:
            self.key = sha256(read_certificate(der).key).digest()
        except ValueError:
            raise ssl.SSLError("the server's certificate cannot be read") from None


class PinMismatchError(ssl.SSLError):
    """The certificate is none of those that are pinned. ``seen`` has what it would be."""

    def __init__(self, seen: PinnedHandshake) -> None:
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
        seen = PinnedHandshake(self.getpeercert(binary_form=True) or b"")
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


# What the user asks of handshakes, done to a context before anything is sent.


_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class CustomHandshakes(Handshakes):
    """The contexts for what the user asks: who gets the client certificate, and whose is pinned.

    What the user gave is read here. Raises UsageError, HttpcliError.
    """

    particular = True

    def __init__(self, network: Network, tls: TlsOptions) -> None:
        super().__init__(network.verify)
        self._tls = tls
        self._made: dict[tuple[bool, bool], LazyTrust] = {}
        self._context(shown=True, pinned=bool(tls.pins))

    def context(self, url: Url) -> LazyTrust:
        """Return the context for the origin of a URL."""
        pinned = bool(self._tls.pins) and self._is_typed_host(url)
        return self._context(shown=self._is_shown(url), pinned=pinned)

    def of_proxy(self) -> LazyTrust:
        """Return the context for a proxy: no certificate of ours, and no pins."""
        return self._context(shown=False, pinned=False)

    def name(self, url: Url) -> str:
        """Return the name that a certificate must have."""
        own = self._tls.server_name if self._is_typed_host(url) else ""
        return own or super().name(url)

    def settle(self, context: LazyTrust, url: Url) -> None:
        """Do to a new context what is done to the one for the origin of a URL."""
        if isinstance(context, PinningTrust) and self._is_typed_host(url):
            context.pins = self._tls.pins
        self._settle(context, shown=self._is_shown(url))

    def limit(self, context: LazyTrust) -> None:
        """Do to a new context what is done to all."""
        self._settle(context, shown=False)

    def _is_shown(self, url: Url) -> bool:
        return self._tls.send_everywhere or url.origin == self._tls.origin

    def _is_typed_host(self, url: Url) -> bool:
        return url.host == self._tls.origin.host

    def _context(self, *, shown: bool, pinned: bool) -> LazyTrust:
        if (shown, pinned) not in self._made:
            kind = PinningTrust if pinned else LazyTrust
            context = trusting(kind(ssl.PROTOCOL_TLS_CLIENT), self.verify)
            if isinstance(context, PinningTrust):
                context.pins = self._tls.pins
            self._settle(context, shown=shown)
            self._made[shown, pinned] = context
        return self._made[shown, pinned]

    def _settle(self, context: LazyTrust, *, shown: bool) -> None:
        _limit(context, self._tls)
        if shown and self._tls.client_certificate is not None:
            _show(context, self._tls.client_certificate)


def _limit(context: ssl.SSLContext, tls: TlsOptions) -> None:
    """Apply versions, ciphers and key log. Raises UsageError, HttpcliError."""
    with warnings.catch_warnings():
        # Python warns of old versions, and the user has typed that one.
        warnings.simplefilter("ignore", DeprecationWarning)
        if tls.max_version:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = _VERSIONS[tls.max_version]
        if tls.min_version:
            context.minimum_version = _VERSIONS[tls.min_version]
        elif tls.max_version in ("1.2", "1.3"):
            context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.ciphers:
        try:
            context.set_ciphers(tls.ciphers)
        except ssl.SSLError:
            raise UsageError(
                f"--ciphers={tls.ciphers}: OpenSSL knows no such ciphers",
                hint="`openssl ciphers -v` lists them; those of TLS 1.3 cannot be chosen",
            ) from None
    if tls.key_log:
        _log_keys(context, tls.key_log)


def _log_keys(context: ssl.SSLContext, path: str) -> None:
    try:
        # Who reads it reads all that is sent: Python would make it readable for everybody.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        context.keylog_filename = path
    except OSError as error:
        raise HttpcliError(
            f"SSLKEYLOGFILE: {path}: cannot be written: {error_reason(error)}",
            status=ExitStatus.LOCAL,
        ) from None


def _show(context: ssl.SSLContext, identity: ClientCertificate) -> None:
    """Load the client certificate. Raises UsageError."""
    try:
        # Without a password OpenSSL itself would ask, on the terminal.
        context.load_cert_chain(
            identity.certificate, identity.key, password=identity.passphrase or ""
        )
    except (OSError, ValueError) as error:
        raise _unusable(identity, error) from None


def _unusable(identity: ClientCertificate, error: OSError | ValueError) -> UsageError:
    if isinstance(error, ssl.SSLError):
        if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            return UsageError(
                f"{identity.key}: not the key of the certificate {identity.certificate}"
            )
        if identity.passphrase is not None:
            return UsageError(f"{identity.key}: the passphrase is wrong")
        reason = (error.reason or str(error)).replace("_", " ").lower()
        return UsageError(f"--cert={identity.certificate}: OpenSSL cannot use it: {reason}")
    return UsageError(f"--cert={identity.certificate}: cannot be read: {error_reason(error)}")
