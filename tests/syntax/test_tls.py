"""Parsing of TLS versions and of public key pins."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.tls import parse_pin, parse_tls_versions


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("tls1", ("1.0", "1.0")),
        ("tls1.0", ("1.0", "1.0")),
        ("tls1.1", ("1.1", "1.1")),
        ("TLS1.2", ("1.2", "1.2")),
        ("tls1.3", ("1.3", "1.3")),
        ("ssl2.3", ("", "")),
        ("auto", ("", "")),
        ("tls1.2..tls1.3", ("1.2", "1.3")),
        ("tls1.2..", ("1.2", "")),
        ("..tls1.2", ("", "1.2")),
    ],
)
def test_version_is_a_name_of_httpie_or_a_range(text: str, limits: tuple[str, str]) -> None:
    assert parse_tls_versions(text) == limits


@pytest.mark.parametrize("text", ["", "..", "ssl3", "tls1.4", "tls1.3..tls1.2", "a..", "..b"])
def test_invalid_version_is_rejected(text: str) -> None:
    with pytest.raises(UsageError):
        parse_tls_versions(text)


@pytest.mark.parametrize(
    "text",
    [
        "sha256:" + "0f" * 32,
        "SHA256:" + "0F" * 32,
        "sha256:" + ":".join(["0f"] * 32),
        "sha256//Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8=",
    ],
)
def test_a_pin_is_32_bytes_in_hexadecimal_or_base64(text: str) -> None:
    assert parse_pin(text) == b"\x0f" * 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0f" * 32,
        "md5:" + "0f" * 16,
        "sha256:" + "0f" * 31,
        "sha256:" + "xx" * 32,
        "sha256//" + "A" * 44,
        "sha256//" + "A" * 40,
        "sha256//" + "-" * 43 + "=",
        "sha1//" + "A" * 27 + "=",
    ],
)
def test_pin_of_another_length_or_encoding_is_rejected(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pin(text)
    assert caught.value.message.startswith("--pin=")
    assert "--show-cert" in caught.value.hint
