"""TLS contexts: they verify by default, and read the system's trust store at the first handshake.

Reading it costs more than the rest of a plain request. Without a trust store no
certificate is trusted.
"""

from __future__ import annotations

import os
import re
import ssl
from typing import Any, TypeVar

from httpcli.core.errors import UsageError
from httpcli.core.url import Url
from httpcli.transport.current_attempt import mark_time, set_timeout_reason

_HASHED = r"[0-9a-f]{8}\.\d+\Z"


class LazyTrustContext(ssl.SSLContext):
    """A client context that reads the system's trust store at its first handshake."""

    _is_loaded = False

    def load_store(self, path: str) -> None:
        """Read a CA file or directory in place of the system's trust store. Raises UsageError.

        Not at the first handshake: asyncio would then not close the socket.
        """
        self._is_loaded = True
        is_directory = os.path.isdir(path)
        try:
            self.load_verify_locations(
                cafile=None if is_directory else path, capath=path if is_directory else None
            )
        except OSError:
            raise UsageError(
                f"{path}: no certificates found",
                hint=(
                    "--verify, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE need a PEM file or "
                    "a directory"
                ),
            ) from None

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake; read the trust store first."""
        set_timeout_reason("the TLS handshake did not finish")
        mark_time("handshaking")
        if not self._is_loaded and self.verify_mode is not ssl.CERT_NONE:
            self._is_loaded = True
            self._load_system_store()
        return super().wrap_bio(*args, **kwargs)

    def _load_system_store(self) -> None:
        hashed = _hashed_directory()
        if hashed is not None:
            self.load_verify_locations(capath=hashed)
        else:
            self.set_default_verify_paths()


def _hashed_directory() -> str | None:
    """Return the system's directory of CAs by hash, from which OpenSSL reads only the CA it needs.

    None if the user chose another trust store, or there is no such directory.
    """
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return None
    directory = ssl.get_default_verify_paths().openssl_capath
    try:
        with os.scandir(directory) as entries:
            return directory if any(re.match(_HASHED, entry.name) for entry in entries) else None
    except OSError:
        return None


_Context = TypeVar("_Context", bound=LazyTrustContext)


def configure_context(context: _Context, verify: bool | str) -> _Context:
    """Set ALPN and the trusted CAs of a new context; return it.

    ``verify``: True for the system's trust store (or SSL_CERT_FILE,
    SSL_CERT_DIR), False for no verification, or the path of a CA file or
    directory. Raises UsageError.
    """
    context.set_alpn_protocols(["http/1.1"])
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    # RFC 9525, 2: only the alternative names count, on every version of Python and OpenSSL.
    context.hostname_checks_common_name = False
    if verify is not True:
        # The file may hold the server's own certificate or an intermediate, without its root.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_store(verify)
    return context


class TlsContexts:
    """The TLS contexts of one engine: a single one, made for the first handshake."""

    proxy_differs = False
    """Whether a proxy has another context, or another name to verify, than an origin."""

    def __init__(self, verify: bool | str) -> None:
        self.verify = verify
        self._context: LazyTrustContext | None = None

    def for_origin(self, _url: Url) -> LazyTrustContext:
        """Return the context for the origin of a URL. Raises UsageError."""
        return self._shared_context()

    def for_proxy(self) -> LazyTrustContext:
        """Return the context for a proxy. Raises UsageError."""
        return self._shared_context()

    def _shared_context(self) -> LazyTrustContext:
        if self._context is None:
            self._context = configure_context(
                LazyTrustContext(ssl.PROTOCOL_TLS_CLIENT), self.verify
            )
        return self._context

    def server_name(self, url: Url) -> str:
        """Return the name that the origin's certificate must have."""
        return url.host.partition("%")[0].rstrip(".")

    def configure_for_origin(self, context: LazyTrustContext, url: Url) -> None:
        """Do nothing: only ``CustomTlsContexts`` has options for the origin of a URL."""

    def configure(self, context: LazyTrustContext) -> None:
        """Do nothing: only ``CustomTlsContexts`` has options for all handshakes."""
