"""Certificates for servers on the loopback interface, from a test CA made by trustme."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class CertificateAuthority:
    """A CA for tests. ``file`` is its certificate in PEM, for ``--verify``."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def trusted(self) -> ssl.SSLContext:
        """Return a server context with a valid certificate for localhost and its addresses."""
        return _context(self._ca.issue_cert(*_LOOPBACK))

    def for_hosts(self, *names: str) -> ssl.SSLContext:
        """Return a server context with a valid certificate for ``names``."""
        return _context(self._ca.issue_cert(*names))

    def expired(self) -> ssl.SSLContext:
        """Return a server context whose certificate expired yesterday."""
        yesterday = datetime.now(UTC) - timedelta(days=1)
        leaf = self._ca.issue_cert(*_LOOPBACK, not_after=yesterday)
        return _context(leaf)

    def not_yet_valid(self) -> ssl.SSLContext:
        """Return a server context whose certificate becomes valid in 30 days."""
        not_before = datetime.now(UTC) + timedelta(days=30)
        return _context(self._ca.issue_cert(*_LOOPBACK, not_before=not_before))

    def missing_intermediate(self) -> ssl.SSLContext:
        """Return a server context that does not send its intermediate CA certificate."""
        leaf = self._ca.create_child_ca().issue_cert(*_LOOPBACK)
        return self._with_pem(leaf.cert_chain_pems[0], leaf.private_key_pem)

    def self_signed(self) -> ssl.SSLContext:
        """Return a server context with a self-signed certificate."""
        authority = trustme.CA(organization_name="alone")
        return self._with_pem(authority.cert_pem, authority.private_key_pem)

    def wrong_host(self) -> ssl.SSLContext:
        """Return a server context whose certificate is for another host."""
        return _context(self._ca.issue_cert("elsewhere.example"))

    def requiring_client_certificate(self) -> ssl.SSLContext:
        """Return a valid server context that requires a client certificate from this CA."""
        context = self.trusted()
        self._ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def issue(self, *names: str) -> tuple[Path, Path]:
        """Issue a certificate for ``names``; return the files of its chain and its key."""
        leaf = self._ca.issue_cert(*names)
        stem = names[0].replace("*", "_").replace("/", "_")
        chain, key = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key))
        return chain, key

    def issue_with_common_name(self, common_name: str) -> tuple[Path, Path]:
        """Issue a certificate with this common name; return the files of its chain and its key."""
        leaf = self._ca.issue_cert("localhost", common_name=common_name)
        chain, key = self._folder / "named.pem", self._folder / "named.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key))
        return chain, key

    def encrypt_key(self, key: Path, passphrase: str) -> Path:
        """Return a file with the same key, encrypted with ``passphrase``."""
        private = load_pem_private_key(key.read_bytes(), None)
        encryption = BestAvailableEncryption(passphrase.encode())
        file = key.with_suffix(".locked")
        file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return file

    def _with_pem(self, certificate: trustme.Blob, key: trustme.Blob) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        file = self._folder / "alone.pem"
        file.write_bytes(key.bytes() + certificate.bytes())
        context.load_cert_chain(file)
        return context


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """Return a server context that sends this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context
