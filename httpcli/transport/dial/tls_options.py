"""TLS handshakes with options: pins, a client certificate, versions, ciphers, a key log.

Imported only if the user gives one of these options.
"""

from __future__ import annotations

import os
import ssl
import warnings
from hashlib import sha256

from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Network
from httpcli.core.plan_options import ClientCertificate, TlsOptions
from httpcli.core.url import Url, canonical_host
from httpcli.protocol.certificates import read_certificate
from httpcli.transport.dial.tls_trust import LazyTrustContext, TlsContexts, configure_context

_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class CertificateHashes:
    """The two SHA-256 hashes of a certificate, one of which a pin must equal.

    Raises ssl.SSLError for an unreadable certificate.
    """

    def __init__(self, der: bytes) -> None:
        self.certificate = sha256(der).digest()
        """The hash of the whole certificate."""
        try:
            self.key = sha256(read_certificate(der).public_key).digest()
            """The hash of its public key."""
        except ValueError:
            raise ssl.SSLError("the server's certificate cannot be read") from None


class PinMismatchError(ssl.SSLError):
    """No pin equals one of the certificate's hashes."""

    def __init__(self, hashes: CertificateHashes) -> None:
        super().__init__("the certificate does not match --pin")
        self.hashes = hashes


class PinningHandshake(ssl.SSLObject):
    """A handshake that fails, before the request is sent, if no pin matches the certificate.

    It also verifies the certificate: aiohttp's Fingerprint would only compare the hash.
    """

    def do_handshake(self) -> None:
        super().do_handshake()
        self.check_pins()

    def check_pins(self) -> None:
        """Raise PinMismatchError if the context has pins and none matches the certificate."""
        context = self.context
        if not isinstance(context, PinningContext) or not context.pins:
            return
        hashes = CertificateHashes(self.getpeercert(binary_form=True) or b"")
        if not context.pins & {hashes.certificate, hashes.key}:
            context.mismatch = PinMismatchError(hashes)
            raise context.mismatch


class PinningContext(LazyTrustContext):
    """A context whose handshakes check pins."""

    pins: frozenset[bytes] = frozenset()
    """The accepted hashes, of certificates or keys; empty for no check."""
    mismatch: PinMismatchError | None = None
    """The last failure, which aiohttp hides if it connects to the next address."""
    sslobject_class = PinningHandshake


class CustomTlsContexts(TlsContexts):
    """One context for each combination of client certificate and pins.

    The client certificate is sent to the typed origin only, unless ``tls.send_everywhere``;
    pins and ``tls.server_name`` apply to the typed host. Making it reads the files.
    Raises UsageError, HttpcliError.
    """

    proxy_differs = True

    def __init__(self, network: Network, tls: TlsOptions) -> None:
        super().__init__(network.verify)
        self._tls = tls
        self._contexts: dict[tuple[bool, bool], LazyTrustContext] = {}
        """By whether they have the client certificate, and pins."""
        # Fail now, not at the first handshake.
        self._context_with(client_certificate=True, pins=bool(tls.pins))

    def for_origin(self, url: Url) -> LazyTrustContext:
        """Return the context for the origin of a URL."""
        pins = bool(self._tls.pins) and self._is_typed_host(url)
        return self._context_with(client_certificate=self._gets_client_certificate(url), pins=pins)

    def for_proxy(self) -> LazyTrustContext:
        """Return the context for a proxy: without client certificate and pins."""
        return self._context_with(client_certificate=False, pins=False)

    def server_name(self, url: Url) -> str:
        """Return the name that the origin's certificate must have."""
        typed = self._tls.server_name if self._is_typed_host(url) else ""
        return typed or super().server_name(url)

    def configure_for_origin(self, context: LazyTrustContext, url: Url) -> None:
        """Apply the user's options for the origin of a URL to a new context."""
        if isinstance(context, PinningContext) and self._is_typed_host(url):
            context.pins = self._tls.pins
        self._configure(context, client_certificate=self._gets_client_certificate(url))

    def configure(self, context: LazyTrustContext) -> None:
        """Apply the user's options for all handshakes to a new context."""
        self._configure(context, client_certificate=False)

    def _gets_client_certificate(self, url: Url) -> bool:
        return self._tls.send_everywhere or url.origin == self._tls.origin

    def _is_typed_host(self, url: Url) -> bool:
        return canonical_host(url.host) == self._tls.origin.host

    def _context_with(self, *, client_certificate: bool, pins: bool) -> LazyTrustContext:
        key = client_certificate, pins
        if key not in self._contexts:
            kind = PinningContext if pins else LazyTrustContext
            context = configure_context(kind(ssl.PROTOCOL_TLS_CLIENT), self.verify)
            if isinstance(context, PinningContext):
                context.pins = self._tls.pins
            self._configure(context, client_certificate=client_certificate)
            self._contexts[key] = context
        return self._contexts[key]

    def _configure(self, context: LazyTrustContext, *, client_certificate: bool) -> None:
        _set_limits(context, self._tls)
        if client_certificate and self._tls.client_certificate is not None:
            _load_client_certificate(context, self._tls.client_certificate)


def _set_limits(context: ssl.SSLContext, tls: TlsOptions) -> None:
    """Apply versions, ciphers and key log. Raises UsageError, HttpcliError."""
    with warnings.catch_warnings():
        # Python warns of old versions, but the user has typed this one.
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
                f"--ciphers={tls.ciphers}: unknown ciphers",
                hint="to list them: openssl ciphers -v (TLS 1.3 ciphers cannot be chosen)",
            ) from None
    if tls.key_log:
        _log_keys(context, tls.key_log)


def _log_keys(context: ssl.SSLContext, path: str) -> None:
    try:
        # The file decrypts all traffic, and Python would create it readable by everyone.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        context.keylog_filename = path
    except OSError as error:
        raise HttpcliError(
            f"SSLKEYLOGFILE: {path}: cannot be written: {error_reason(error)}",
            status=ExitStatus.LOCAL,
        ) from None


def _load_client_certificate(context: ssl.SSLContext, files: ClientCertificate) -> None:
    """Load the client certificate and its key. Raises UsageError."""
    try:
        # Without a passphrase OpenSSL itself would prompt on the terminal.
        context.load_cert_chain(files.certificate, files.key, password=files.passphrase or "")
    except (OSError, ValueError) as error:
        raise _client_certificate_error(files, error) from None


def _client_certificate_error(files: ClientCertificate, error: OSError | ValueError) -> UsageError:
    if isinstance(error, ssl.SSLError):
        if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            return UsageError(
                f"{files.key}: does not belong to the certificate {files.certificate}"
            )
        if files.passphrase is not None:
            return UsageError(f"{files.key}: wrong passphrase")
        reason = (error.reason or str(error)).replace("_", " ").lower()
        return UsageError(f"--cert={files.certificate}: OpenSSL cannot use it: {reason}")
    return UsageError(f"--cert={files.certificate}: cannot be read: {error_reason(error)}")
