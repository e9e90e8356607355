"""Why a TLS handshake failed, in words: loaded when one did."""

from __future__ import annotations

import ssl
from base64 import b64encode

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import Url
from httpcli.transport.certificate_errors import untrusted
from httpcli.transport.dial.pins import PinMismatchError


def failure(error: BaseException, url: Url) -> HttpcliError:
    """Return the error for a handshake that failed, or an alert that came after it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return untrusted(error, url, url.host, ())
    message, hint = _told(error, url)
    return HttpcliError(f"{url.authority}: {message}", hint=hint, status=ExitStatus.TLS)


def _told(error: BaseException, url: Url) -> tuple[str, str]:
    if isinstance(error, PinMismatchError):
        seen = error.seen
        key = b64encode(seen.key).decode()
        message = (
            f"the certificate is not a pinned one: it is sha256:{seen.certificate.hex()}, "
            f"its public key sha256//{key}"
        )
        return message, "--pin takes either, if you know that this is the server"
    reason = getattr(error, "reason", None) or str(error)
    for reasons, message, hint in _REASONS:
        if reason in reasons:
            return message, hint.format(authority=url.authority)
    return f"the TLS handshake failed: {reason.replace('_', ' ').lower()}", ""


_REASONS = (
    (
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"),
        "the TLS handshake failed: the server does not speak TLS",
        "does it speak plain http? try http://{authority}",
    ),
    (
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
        "the server wants a client certificate",
        "--cert=FILE, --cert-key=FILE",
    ),
    (
        (
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "TLSV1_ALERT_ACCESS_DENIED",
            "TLSV1_ALERT_DECRYPT_ERROR",
            "TLSV1_ALERT_UNKNOWN_CA",
        ),
        "the server does not accept the client certificate",
        "--cert=FILE: one that is valid, of a CA that the server knows",
    ),
    (
        (
            "NO_PROTOCOLS_AVAILABLE",
            "TLSV1_ALERT_PROTOCOL_VERSION",
            "UNSUPPORTED_PROTOCOL",
            "UNKNOWN_PROTOCOL",
            "VERSION_TOO_LOW",
        ),
        "the TLS handshake failed: no TLS version in common",
        "see --ssl; before 1.2 OpenSSL needs --ciphers=DEFAULT@SECLEVEL=0, too",
    ),
    (
        ("NO_CIPHERS_AVAILABLE", "NO_SHARED_CIPHER", "WRONG_CIPHER_RETURNED"),
        "the TLS handshake failed: no cipher in common",
        "see --ciphers; before TLS 1.2 OpenSSL needs --ciphers=DEFAULT@SECLEVEL=0",
    ),
    (
        ("SSLV3_ALERT_HANDSHAKE_FAILURE",),
        "the TLS handshake failed: the server finds nothing in common, or wants a certificate",
        "see --ciphers, --ssl, --cert",
    ),
    (
        ("TLSV1_UNRECOGNIZED_NAME",),
        "the TLS handshake failed: the server does not know that name",
        "--server-name=NAME asks for another",
    ),
    (
        ("DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "BAD_ECPOINT"),
        "the TLS handshake failed: the server's keys are too weak",
        "--ciphers=DEFAULT@SECLEVEL=0 allows them",
    ),
    (
        ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED",),
        "the TLS handshake failed: the server is too old (no secure renegotiation)",
        "",
    ),
    (
        ("UNEXPECTED_EOF_WHILE_READING",),
        "the TLS handshake failed: the server closed the connection",
        "",
    ),
)
"""OpenSSL's reasons, what they mean, and what helps."""
