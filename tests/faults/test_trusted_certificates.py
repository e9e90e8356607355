"""Which certificates are trusted: by alternative names only, or as the file of ``--verify``."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def self_signed(folder: Path, *, alternative_name: bool) -> tuple[Path, Path]:
    """Write a certificate of localhost, which has its name as common name too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if alternative_name:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
    certificate = builder.sign(key, hashes.SHA256())
    files = folder / "server.pem", folder / "server.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_a_common_name_is_no_host_name(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, alternative_name=False)
    with RawServer(server_context(certificate, key)) as server:
        server.assert_not_called()
        result = run_process(f"--verify={certificate}", f"https://localhost:{server.port}/")
    assert result.status == 14
    assert "the certificate is not valid for localhost" in result.err


def test_a_self_signed_certificate_in_the_file_is_trusted(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, alternative_name=True)
    with RawServer(server_context(certificate, key)) as server:
        server.answer(response("ok"))
        result = run_process(f"--verify={certificate}", f"https://localhost:{server.port}/")
    assert (result.status, result.text) == (0, "ok")


def test_a_server_certificate_in_the_file_is_trusted_without_its_issuer(
    ca: CertificateAuthority,
) -> None:
    certificate, key = ca.issue("localhost")
    other, _ = ca.issue("other.example")
    with RawServer(server_context(certificate, key)) as server:
        server.answer(response("ok"))
        url = f"https://localhost:{server.port}/"
        trusted = run_process(f"--verify={certificate}", url)
        untrusted = run_process(f"--verify={other}", url)
    assert (trusted.status, trusted.text) == (0, "ok")
    assert untrusted.status == 14
