"""Which names of headers and parameters are secret."""

from __future__ import annotations

import pytest

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
