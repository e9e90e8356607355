"""The TLS context: verifies by default, and reads the trust store at the first handshake.

Reading it costs more than the rest of a plain request, and only a handshake
needs it. It fails closed: a store that cannot be read trusts nobody.
"""

from __future__ import annotations

import os
import re
import ssl
from typing import Any, TypeVar

from httpcli.core.errors import UsageError
from httpcli.core.url import Url
from httpcli.transport.aiohttp.hop import mark_time, now_waiting_for

_HASHED = r"[0-9a-f]{8}\.\d+\Z"


class LazyTrust(ssl.SSLContext):
    """A client context that trusts nobody until it is first used."""

    _trust: str | None = None
    _read = False

    def trust(self, place: str | None) -> None:
        """Say which CA file or directory is to be read; None is the system's store."""
        self._trust = place

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake, with the trust store read. Raises UsageError, OSError."""
        now_waiting_for("the TLS handshake did not end")
        mark_time("handshaking")
        if not self._read and self.verify_mode is not ssl.CERT_NONE:
            self._read = True
            self._load()
        return super().wrap_bio(*args, **kwargs)

    def _load(self) -> None:
        if self._trust is not None:
            self._load_own(self._trust)
            return
        hashed = _hashed_directory()
        if hashed is not None:
            self.load_verify_locations(capath=hashed)
        else:
            self.set_default_verify_paths()

    def _load_own(self, place: str) -> None:
        directory = os.path.isdir(place)
        try:
            self.load_verify_locations(
                cafile=None if directory else place, capath=place if directory else None
            )
        except OSError:
            raise UsageError(
                f"{place}: no certificates in it",
                hint="--verify, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names a CA file in PEM",
            ) from None


_Trust = TypeVar("_Trust", bound=LazyTrust)


def trusting(context: _Trust, verify: bool | str) -> _Trust:
    """Tell a new context whom to trust, and return it.

    ``verify``: True for the system's trust store (or SSL_CERT_FILE,
    SSL_CERT_DIR), False for no check at all, or the path of a CA file or
    directory.
    """
    context.set_alpn_protocols(["http/1.1"])
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is not True:
        context.trust(verify)
    return context


class Handshakes:
    """The context of a run's handshakes, made when the first one comes.

    ``particular``: the user asks for more than that, and a proxy's are not as an origin's.
    """

    particular = False

    def __init__(self, verify: bool | str) -> None:
        self.verify = verify
        self._one: LazyTrust | None = None

    def context(self, _url: Url) -> LazyTrust:
        """Return the context for the origin of a URL."""
        return self.of_proxy()

    def of_proxy(self) -> LazyTrust:
        """Return the context for a proxy."""
        if self._one is None:
            self._one = trusting(LazyTrust(ssl.PROTOCOL_TLS_CLIENT), self.verify)
        return self._one

    def name(self, url: Url) -> str:
        """Return the name that a certificate must have."""
        return url.host.partition("%")[0].rstrip(".")

    def settle(self, context: LazyTrust, url: Url) -> None:
        """Do to a new context what is done to the one for the origin of a URL."""

    def limit(self, context: LazyTrust) -> None:
        """Do to a new context what is done to all."""


def _hashed_directory() -> str | None:
    """Return the system's directory of CAs by hash, from which OpenSSL reads just the one needed.

    None where the user named a store of their own, or there is no such
    directory.
    """
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return None
    directory = ssl.get_default_verify_paths().openssl_capath
    try:
        with os.scandir(directory) as entries:
            return directory if any(re.match(_HASHED, entry.name) for entry in entries) else None
    except OSError:
        return None
