"""Certificates are parsed as another library parses them; invalid bytes are rejected."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from httpcli.protocol import certificates as der
from httpcli.protocol.certificates import read_certificate
from tests.support.certificates import CertificateAuthority

SINCE = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
UNTIL = datetime(2050, 1, 1, tzinfo=UTC)


def make_certificate(name: x509.Name, *extensions: x509.ExtensionType) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(name, name, key.public_key(), 0xABC, SINCE, UNTIL)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CH"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Grüße & Söhne"),
        x509.NameAttribute(NameOID.COMMON_NAME, "www.example.org"),
        x509.NameAttribute(x509.ObjectIdentifier("2.999.3"), "odd"),
    ]
)
GOOD = make_certificate(
    NAME,
    x509.BasicConstraints(ca=False, path_length=None),
    x509.SubjectAlternativeName(
        [
            x509.DNSName("example.org"),
            x509.DNSName("*.example.org"),
            x509.IPAddress(ip_address("192.0.2.1")),
            x509.IPAddress(ip_address("2001:db8::1")),
            x509.RFC822Name("a@example.org"),
            x509.DirectoryName(NAME),
        ]
    ),
)


def test_certificate_is_parsed_completely() -> None:
    read = read_certificate(GOOD)
    assert read.subject == "C=CH, O=Grüße & Söhne, CN=www.example.org, 2.999.3=odd"
    assert read.is_self_issued
    assert read.name == "www.example.org"
    hosts = ("example.org", "*.example.org", "192.0.2.1", "2001:db8::1", "a@example.org")
    assert read.names == hosts
    assert (read.not_before, read.not_after) == (SINCE, UNTIL)
    assert read.serial == "0ABC"


def test_public_key_is_the_same_as_in_another_library(ca: CertificateAuthority) -> None:
    data = ssl.PEM_cert_to_DER_cert(Path(ca.file).read_text())
    theirs = x509.load_der_x509_certificate(data)
    form = PublicFormat.SubjectPublicKeyInfo
    key = theirs.public_key().public_bytes(Encoding.DER, form)
    assert sha256(read_certificate(data).public_key).digest() == sha256(key).digest()


def test_certificate_may_have_no_names() -> None:
    read = read_certificate(make_certificate(x509.Name([])))
    assert (read.subject, read.names, read.name) == ("", (), "")


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80", b"\x30\x03\x02\x01\x01", GOOD[:-1]])
def test_invalid_certificate_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any message
        read_certificate(data)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
def test_corrupted_certificate_is_parsed_or_rejected(at: int, piece: bytes) -> None:
    try:
        read_certificate(GOOD[:at] + piece + GOOD[at + len(piece) :])
    except ValueError:
        return


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_as_der_or_rejected(data: bytes) -> None:
    try:
        node = der.parse(data)
    except ValueError:
        return
    assert node.encoded == data
