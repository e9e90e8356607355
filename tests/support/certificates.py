"""Certificates for the loopback: a CA that nobody else trusts, made by trustme."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Authority:
    """A CA of the test's own. ``file`` is its certificate in PEM, for ``--verify``."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def trusted(self) -> ssl.SSLContext:
        """Return a server's context with a good certificate for the loopback's names."""
        return _context(self._ca.issue_cert("localhost", "127.0.0.1", "::1"))

    def expired(self) -> ssl.SSLContext:
        """Return a context whose certificate was good until yesterday."""
        yesterday = datetime.now(UTC) - timedelta(days=1)
        leaf = self._ca.issue_cert("localhost", "127.0.0.1", "::1", not_after=yesterday)
        return _context(leaf)

    def misnamed(self) -> ssl.SSLContext:
        """Return a context whose certificate is for another host."""
        return _context(self._ca.issue_cert("elsewhere.example"))

    def asking(self) -> ssl.SSLContext:
        """Return a good context that asks the client for a certificate of this CA."""
        context = self.trusted()
        self._ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def issue(self, *names: str) -> tuple[Path, Path]:
        """Return the files (certificate chain, key) of a new certificate for ``names``."""
        leaf = self._ca.issue_cert(*names)
        stem = names[0].replace("*", "_").replace("/", "_")
        chain, key = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key))
        return chain, key


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """Return a server's context that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context
