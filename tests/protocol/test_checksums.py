"""Checksums from options, checksum lists and response headers."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest

from httpcli.core.download import Checksum
from httpcli.core.headers import Field, Fields
from httpcli.protocol.checksums import checksum_from_fields, find_in_list, parse_checksum

SHA256 = hashlib.sha256(b"a").hexdigest()
SHA512 = hashlib.sha512(b"a").hexdigest()
OTHER = hashlib.sha256(b"b").hexdigest()
MD5 = hashlib.md5(b"a").hexdigest()
BLAKE = hashlib.blake2b(b"a").hexdigest()
SHA3 = hashlib.sha3_256(b"a").hexdigest()


@pytest.mark.parametrize(
    ("text", "algorithm", "digits"),
    [
        (f"sha256:{SHA256}", "sha256", SHA256),
        (f"SHA-256:{SHA256.upper()}", "sha256", SHA256),
        (f"sha256={SHA256}", "sha256", SHA256),
        (f"sha3-256:{SHA3}", "sha3_256", SHA3),
        (f"blake2b:{BLAKE}", "blake2b", BLAKE),
        (f"md5:{MD5}", "md5", MD5),
    ],
)
def test_checksum_option_names_its_algorithm(text: str, algorithm: str, digits: str) -> None:
    assert parse_checksum(text) == Checksum(algorithm, bytes.fromhex(digits))


@pytest.mark.parametrize(
    "text", ["http://example.org/SHA256SUMS", "SHA256SUMS", "a.sha256", "c:abc", "", SHA256]
)
def test_text_without_an_algorithm_is_not_a_checksum(text: str) -> None:
    assert parse_checksum(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sha256:abc", "sha256 needs 64 digits, not 3"),
        (f"sha256:{SHA512}", "sha256 needs 64 digits, not 128"),
        (f"sha257:{SHA256}", "unknown hash algorithm sha257"),
        (f"shake_128:{SHA256}", "unknown hash algorithm shake_128"),
    ],
)
def test_invalid_checksum_is_reported(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_checksum(text)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        (f"{OTHER}  other.bin\n{SHA256}  a.bin\n", SHA256),
        (f"{SHA256} *a.bin\r\n", SHA256),
        (f"{SHA256} *./a.bin\n", SHA256),
        (f"{OTHER}  dir/a.bin\n{SHA256}  a.bin\n", SHA256),
        (f"{SHA256}  dir/a.bin\n", SHA256),
        (f"SHA256 (a.bin) = {SHA256}\n", SHA256),
        (f"SHA256(a.bin)= {SHA256}\n", SHA256),
        (f"MD5 (a.bin) = {MD5}\nSHA256 (other) = {OTHER}\n", MD5),
        (f"# made today\n\n{SHA256}\ta.bin", SHA256),
        (f"{SHA256}\n", SHA256),
        (f"\ufeff{SHA256.upper()}  a.bin", SHA256),
        (f"{MD5}  a.bin", MD5),
        (f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{SHA256}  a.bin\n", SHA256),
        (f"{OTHER}  a.bin.asc\n", None),
        ("<html>not found</html>", None),
        ("", None),
        (f"CRC9 (a.bin) = {SHA256}\n", None),
        (f"{SHA256[:-1]}  a.bin\n", None),
    ],
)
def test_checksum_list_is_searched_by_file_name(text: str, digits: str | None) -> None:
    checksum = find_in_list(text, ["a.bin"])
    assert (checksum and checksum.digest.hex()) == digits


def test_first_candidate_name_in_the_list_is_used() -> None:
    text = f"{OTHER}  b.bin\n{SHA256}  a.bin\n"
    assert find_in_list(text, ["c.bin", "a.bin", "b.bin"]) == Checksum(
        "sha256", bytes.fromhex(SHA256)
    )


def test_escaped_backslash_in_a_listed_name_is_decoded() -> None:
    assert find_in_list(f"\\{SHA256}  a\\\\b.bin\n", ["a\\b.bin"]) is not None


@pytest.mark.parametrize(
    ("list_name", "digits", "algorithm"),
    [
        ("B2SUMS", BLAKE, "blake2b"),
        ("SHA512SUMS", SHA512, "sha512"),
        ("a.bin.sha3-256", SHA3, "sha3_256"),
        ("a.bin.sha256", SHA256, "sha256"),
        ("a.bin.sha512", SHA256, "sha256"),
        ("checksums.txt", SHA512, "sha512"),
    ],
)
def test_list_name_determines_the_algorithm(list_name: str, digits: str, algorithm: str) -> None:
    checksum = find_in_list(f"{digits}  a.bin\n", ["a.bin"], list_name)
    assert checksum is not None
    assert checksum.algorithm == algorithm


def _fields(**fields: str) -> Fields:
    return Fields(Field(name.replace("_", "-"), value) for name, value in fields.items())


def _digest(key: str, content: bytes = b"a") -> str:
    made = hashlib.new(key.replace("-", ""), content).digest()
    return f"{key}=:{b64encode(made).decode()}:"


BOTH = f"{_digest('sha-512')}, {_digest('sha-256')}"


@pytest.mark.parametrize(
    ("fields", "status", "algorithm"),
    [
        ({"Repr_Digest": _digest("sha-256")}, 200, "sha256"),
        ({"Repr_Digest": BOTH}, 200, "sha256"),
        ({"Repr_Digest": _digest("sha-512")}, 206, "sha512"),
        ({"Content_Digest": _digest("sha-256")}, 200, "sha256"),
        ({"Content_Digest": _digest("sha-256")}, 206, None),
        ({"Repr_Digest": f"crc32c=:AAAAAA==:, {_digest('sha-256')}"}, 200, "sha256"),
        ({"Repr_Digest": "md5=:AAAA:"}, 200, None),
        ({"Repr_Digest": "sha-256=:AAAA:"}, 200, None),
        ({"Repr_Digest": f"sha-256={SHA256}"}, 200, None),
        ({"Repr_Digest": f"{_digest('sha-256')};q=1"}, 200, "sha256"),
        ({"Digest": f"sha-256={SHA256}"}, 200, None),
        ({}, 200, None),
    ],
)
def test_digest_header_gives_the_checksum_of_the_whole_file(
    fields: dict[str, str], status: int, algorithm: str | None
) -> None:
    checksum = checksum_from_fields(_fields(**fields), status)
    assert (checksum and checksum.algorithm) == algorithm
    if checksum:
        assert checksum.digest == hashlib.new(checksum.algorithm, b"a").digest()
