"""The TLS context: verifies by default, and reads the trust store at the first handshake.

Reading it costs more than the rest of a plain request, and only a handshake
needs it. It fails closed: a store that cannot be read trusts nobody.
"""

from __future__ import annotations

import os
import re
import ssl
from typing import Any

from httpcli.model.errors import UsageError
from httpcli.transport.hop import passed_on_to

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+\Z")


class LazyTrust(ssl.SSLContext):
    """A client context that trusts nobody until it is first used."""

    _trust: str | None = None
    _read = False

    def trust(self, place: str | None) -> None:
        """Say which CA file or directory is to be read; None is the system's store."""
        self._trust = place

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Start a handshake, with the trust store read. Raises UsageError, OSError."""
        passed_on_to("the TLS handshake did not end")
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
                f"--verify={place}: no certificates in it", hint="name a CA file in PEM"
            ) from None


def context_for(verify: bool | str) -> ssl.SSLContext:
    """Return the context that a request's handshakes use.

    ``verify``: True for the system's trust store (or SSL_CERT_FILE,
    SSL_CERT_DIR), False for no check at all, or the path of a CA file or
    directory.
    """
    context = LazyTrust(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is not True:
        context.trust(verify)
    return context


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
            return directory if any(_HASHED.match(entry.name) for entry in entries) else None
    except OSError:
        return None
