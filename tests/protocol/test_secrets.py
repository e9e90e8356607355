"""Which names of headers and parameters are secret."""

from __future__ import annotations

import pytest

from httpcli.protocol.redaction import has_secret_member, is_secret_header
from httpcli.protocol.secrets import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "COOKIE",
        "Set-Cookie",
        "X-Api-Key",
        "x-goog-api-key",
        "Ocp-Apim-Subscription-Key",
        "apikey",
        "X-ApiKey",
        "PRIVATE-TOKEN",
        "X-Auth-Token",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Client-Secret",
        "X-Auth",
        "access_token",
        "accessToken",
        "client_secret",
        "password",
        "key",
        "sig",
        "Authentication",
        "X-JWT-Assertion",
        "DPoP",
        "X-Bearer",
        "X-Auth-Pass",
        "X-Authkey",
        "XAuthKey",
        "X-Pass",
        "X-Passcode",
        "X-OTP",
        "X-PSK",
        "X-User-Pw",
        "userPw2",
        "X-2FA",
        "X-Key-1",
        "X-Keys",
        "key_value",
        "api.key",
        "user[pass]",
        "tokens[]",
        "dbpass",
        "PHPSESSID",
        "connect.sid",
        "client_assertion",
        "code_verifier",
        "SAMLResponse",
        "X-XSRF",
        "security_code",
        "pin",
        "X-Sas",
        "X-PrivKey",
        "enckey",
        "motdepasse",
        "contraseña",
        "X-Shopify-Hmac-Sha256",
    ],
)
def test_name_that_looks_secret_is_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Idempotency-Key",
        "Surrogate-Key",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Protocol",
        "Content-Type",
        "Accept",
        "User-Agent",
        "X-Request-Id",
        "X-Monkey",
        "Keyword",
        "Key-Type",
        "author",
        "design",
        ":authority",
        "idempotencyKey",
        "Sec-WebSocket-Accept",
        "Public-Key-Pins-Report-Only",
        "WWW-Authenticate",
        "Authentication-Info",
        "Access-Control-Allow-Credentials",
        "Accept-Signature",
        "X-Pass-Through",
        "keyboard",
        "keyId",
        "passage",
        "passenger",
        "bypass",
        "compass",
        "passed",
        "opinion",
        "sidebar",
        "optional",
        "",
    ],
)
def test_other_names_are_not_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_long_names_take_no_longer_than_their_length() -> None:
    for name in ("A" * 200_000, "a-" * 100_000, "passkey" * 30_000 + "q"):
        assert not is_secret_name(name) or "pass" in name


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("X-Auth", "1", True),
        ("X-Plain", "Bearer abc", True),
        ("X-Plain", "basic YTpi", True),
        ("X-Plain", "Basic", False),
        ("X-Plain", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", True),
        ("X-Plain", "a token of thanks", False),
        ("Referer", "http://h/?page=2", False),
        ("Referer", "http://h/?access_token=t", True),
        ("Origin", "http://me:pw@h", True),
        ("X-Plain", "http://h/?access_token=t", True),
    ],
)
def test_header_is_secret_by_name_or_value(name: str, value: str, secret: bool) -> None:
    assert is_secret_header(name, value) is secret


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        ('{"password": "x"}', True),
        (r'{"p\u0061ssword":"x"}', True),
        ('[{"user": {"apiKey" : ["x"]}}]', True),
        ('{"name": "password", "note": "token: x"}', False),
        ("a=1&token=x", True),
        ("a=1&tok%65n=x", True),
        ("user%5Bpass%5D=x", True),
        ("a=password&b=token", False),
        ("<a><Password>x</Password></a>", True),
        ("<a><b>password</b></a>", False),
        ("any text with a password", False),
        ("", False),
    ],
)
def test_body_has_a_secret_member(body: str, secret: bool) -> None:
    assert has_secret_member(body.encode()) is secret


def test_search_for_members_takes_linear_time() -> None:
    for text in (
        '"' * 200_000,
        "<" * 200_000,
        "&" * 200_000,
        '"a"' + " " * 200_000,
        "a" * 200_000,
    ):
        assert not has_secret_member(text.encode())
