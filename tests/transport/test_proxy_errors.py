"""The hints of proxy errors depend on fields of the failure, not on the words of a message."""

from __future__ import annotations

import ssl

import pytest
from python_socks import ProxyError

from httpcli.core.errors import CONNECT_FAILURE
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.transport.aiohttp.errors import is_alert_of_proxy
from httpcli.transport.aiohttp.request import AiohttpAttempt
from httpcli.transport.dial.socks import is_login_failure
from httpcli.transport.proxy_errors import socks_failed, tls_with_proxy_failed
from httpcli.transport.tls_errors import TlsFailure, TlsFailureKind, describe_handshake_failure

PROXY = Proxy("https://p.test:3128")
ORIGIN = Url("https", "h.test", None)
OTHER_PROXY = "to use another proxy: --proxy URL; to use none: --noproxy HOST"


def openssl_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", TlsFailureKind.CLIENT_CERTIFICATE),
        ("TLSV1_ALERT_UNKNOWN_CA", TlsFailureKind.CLIENT_CERTIFICATE),
        ("WRONG_VERSION_NUMBER", TlsFailureKind.NOT_TLS),
        ("NO_SHARED_CIPHER", TlsFailureKind.OTHER),
        ("client certificate", TlsFailureKind.OTHER),
    ],
)
def test_kind_of_a_tls_failure_comes_from_the_reason_of_openssl(
    reason: str, kind: TlsFailureKind
) -> None:
    assert describe_handshake_failure(openssl_error(reason), ORIGIN).kind is kind


@pytest.mark.parametrize(
    ("kind", "message", "hint"),
    [
        (
            TlsFailureKind.CLIENT_CERTIFICATE,
            "requires a client certificate, which is not supported",
            OTHER_PROXY,
        ),
        (
            TlsFailureKind.NOT_TLS,
            ": any text",
            "is it an http proxy? --proxy=http://HOST:PORT",
        ),
        (TlsFailureKind.OTHER, ": any text", OTHER_PROXY),
    ],
)
def test_kind_of_a_tls_failure_decides_the_error(
    kind: TlsFailureKind, message: str, hint: str
) -> None:
    error = tls_with_proxy_failed(PROXY, TlsFailure("any text", "", kind))
    assert error.message.endswith(message)
    assert (error.hint, error.status) == (hint, ExitStatus.PROXY)


@pytest.mark.parametrize(
    ("needs_credentials", "hint", "retry_on"),
    [(True, "use --proxy-auth USER:PASSWORD", ""), (False, OTHER_PROXY, CONNECT_FAILURE)],
)
def test_rejected_login_is_not_retried(needs_credentials: bool, hint: str, retry_on: str) -> None:
    error = socks_failed(PROXY, "h.test:80", "any text", needs_credentials=needs_credentials)
    assert (error.hint, error.transient_kind) == (hint, retry_on)


@pytest.mark.parametrize(
    ("error", "is_login"),
    [
        (ProxyError("Username and password authentication failure"), True),
        (ProxyError("No acceptable authentication methods were offered"), True),
        (ProxyError("Malformed connect reply"), False),
        (ProxyError("Not authorized by the rules", error_code=2), False),
    ],
)
def test_login_failures_of_python_socks_are_recognized(error: ProxyError, is_login: bool) -> None:
    assert is_login_failure(error) is is_login


@pytest.mark.parametrize(
    ("proxy", "scheme", "is_opening_tunnel", "expected"),
    [
        (PROXY, "https", True, True),
        (PROXY, "https", False, False),
        (PROXY, "http", False, True),
        (Proxy("http://p.test"), "https", True, False),
        (None, "https", True, False),
    ],
)
def test_alert_is_of_the_proxy_until_the_tunnel_is_open(
    proxy: Proxy | None, scheme: str, is_opening_tunnel: bool, expected: bool
) -> None:
    attempt = AiohttpAttempt("GET", Fields(), proxy)
    attempt.timeout_reason = "any text"
    attempt.is_opening_tunnel = is_opening_tunnel
    assert is_alert_of_proxy(ORIGIN._replace(scheme=scheme), attempt) is expected
