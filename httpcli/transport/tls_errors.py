"""The errors of TLS: rejected certificates and failed handshakes. Imported when one occurs."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum, auto

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import Url
from httpcli.protocol.certificates import Certificate
from httpcli.transport.dial.tls_options import PinMismatchError

_OWN_CA = "to trust your own CA: --verify=CA_FILE (or SSL_CERT_FILE)"
_CLOCK = "is the clock of this machine right?"
_NO_CHECK = "to skip verification: --verify=no"
_MAX_NAMES = 6
"""Names of a certificate that an error shows."""

_NOT_YET, _EXPIRED, _SELF_SIGNED, _UNKNOWN_ROOT = 9, 10, 18, 19
_NO_ISSUER = (2, _UNKNOWN_ROOT, 20, 21)
_WRONG_NAME = (62, 64)
_TOO_WEAK = (66, 67, 68)
"""OpenSSL's numbers of verification errors (X509_V_ERR_…)."""


class TlsFailureKind(Enum):
    """The kinds of failures for which a proxy's error has another hint."""

    CLIENT_CERTIFICATE = auto()
    """The peer requires a client certificate, or did not accept it."""
    NOT_TLS = auto()
    """The peer does not speak TLS."""
    OTHER = auto()


class TlsFailure(NamedTuple):
    """Why a handshake failed."""

    message: str
    """Without the peer's name."""
    hint: str
    kind: TlsFailureKind = TlsFailureKind.OTHER


def certificate_rejected(
    error: ssl.SSLCertVerificationError, url: Url, name: str, chain: Sequence[Certificate]
) -> HttpcliError:
    """Return the error for a certificate that failed verification.

    ``name`` is the one that it must be for; ``chain`` has the certificates that the
    server sent, and is empty if they are unknown.
    """
    return _error_of(_rejection(error, name, chain), url)


def _error_of(failure: TlsFailure, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: {failure.message}", hint=failure.hint, status=ExitStatus.TLS
    )


def _rejection(
    error: ssl.SSLCertVerificationError, name: str, chain: Sequence[Certificate]
) -> TlsFailure:
    message, remedy = _problem_and_remedy(error, name, chain)
    return TlsFailure(message, f"{remedy}{' ' if remedy.endswith('?') else ', '}{_NO_CHECK}")


def _problem_and_remedy(
    error: ssl.SSLCertVerificationError, name: str, chain: Sequence[Certificate]
) -> tuple[str, str]:
    code = getattr(error, "verify_code", 0)
    if code in (_EXPIRED, _NOT_YET):
        return _outside_validity(code, chain)
    if code in _WRONG_NAME:
        remedy = "is this the right server? to check another name: --server-name=NAME"
        return f"the certificate is not valid for {name}{_names_suffix(chain)}", remedy
    if code == _SELF_SIGNED:
        owner = f" of {chain[0].name}" if chain else ""
        return f"the certificate{owner} is self-signed", _OWN_CA
    if code in _NO_ISSUER and chain:
        return _unknown_issuer(code, chain), _OWN_CA
    reason = getattr(error, "verify_message", "") or str(error)
    if code in _TOO_WEAK:
        return f"the certificate is too weak: {reason}", (
            "to allow it: --ciphers=DEFAULT@SECLEVEL=0"
        )
    return f"the certificate is not trusted: {reason}", _OWN_CA


def _outside_validity(code: int, chain: Sequence[Certificate]) -> tuple[str, str]:
    now = datetime.now(UTC)
    if code == _EXPIRED:
        expired = next((certificate for certificate in chain if certificate.not_after < now), None)
        message = "the certificate has expired"
        if expired is not None:
            message = f"{_label(expired, chain)} expired on {_in_utc(expired.not_after)}"
        return message, f"the server needs a new certificate ({_CLOCK})"
    early = next((certificate for certificate in chain if certificate.not_before > now), None)
    message = "the certificate is not yet valid"
    if early is not None:
        message = f"{_label(early, chain)} is not valid before {_in_utc(early.not_before)}"
    return message, _CLOCK


def _unknown_issuer(code: int, chain: Sequence[Certificate]) -> str:
    issuer = chain[-1].name if code == _UNKNOWN_ROOT else chain[-1].issuer
    message = f"the certificate is not trusted: unknown CA {issuer}"
    if len(set(chain)) == 1:
        # The CA may be known, and only the intermediate certificates be missing.
        message += ", and the server did not send its certificate (incomplete chain?)"
    return message


def _label(certificate: Certificate, chain: Sequence[Certificate]) -> str:
    owner = "" if certificate is chain[0] else "CA's "
    return f"the {owner}certificate of {certificate.name}"


def _names_suffix(chain: Sequence[Certificate]) -> str:
    if not chain:
        return ""
    names = chain[0].names or ((chain[0].common_name,) if chain[0].common_name else ())
    if not names:
        return ": it has no host names"
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return f", only for {', '.join(names[:_MAX_NAMES])}{more}"


def _in_utc(time: datetime) -> str:
    """Return a point in time to the minute, in UTC."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def handshake_failed(error: BaseException, url: Url) -> HttpcliError:
    """Return the error for a handshake that failed, or an alert that arrived after it."""
    return _error_of(describe_handshake_failure(error, url), url)


def describe_handshake_failure(error: BaseException, url: Url) -> TlsFailure:
    """Return why the handshake for a request to ``url``, or to its proxy, failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _rejection(error, url.host, ())
    if isinstance(error, PinMismatchError):
        hashes = error.hashes
        key = b64encode(hashes.key).decode()
        message = (
            "the certificate does not match --pin: it is "
            f"sha256:{hashes.certificate.hex()}, its public key sha256//{key}"
        )
        return TlsFailure(
            message, "if you know that this is the right server, pass one of them to --pin"
        )
    reason = getattr(error, "reason", None) or str(error)
    for reasons, failure in _FAILURES:
        if reason in reasons:
            return failure._replace(hint=failure.hint.format(authority=url.authority))
    return TlsFailure(f"the TLS handshake failed: {reason.replace('_', ' ').lower()}", "")


_FAILURES: tuple[tuple[tuple[str, ...], TlsFailure], ...] = (
    (
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"),
        TlsFailure(
            "the TLS handshake failed: the server does not speak TLS",
            "does it speak plain http? try http://{authority}",
            TlsFailureKind.NOT_TLS,
        ),
    ),
    (
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
        TlsFailure(
            "the server requires a client certificate",
            "use --cert=FILE --cert-key=FILE",
            TlsFailureKind.CLIENT_CERTIFICATE,
        ),
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
        TlsFailure(
            "the server rejected the client certificate",
            "use a valid certificate of a CA that the server trusts: --cert=FILE",
            TlsFailureKind.CLIENT_CERTIFICATE,
        ),
    ),
    (
        (
            "NO_PROTOCOLS_AVAILABLE",
            "TLSV1_ALERT_PROTOCOL_VERSION",
            "UNSUPPORTED_PROTOCOL",
            "UNKNOWN_PROTOCOL",
            "VERSION_TOO_LOW",
        ),
        TlsFailure(
            "the TLS handshake failed: no TLS version in common",
            "see --ssl; versions before 1.2 also need --ciphers=DEFAULT@SECLEVEL=0",
        ),
    ),
    (
        ("NO_CIPHERS_AVAILABLE", "NO_SHARED_CIPHER", "WRONG_CIPHER_RETURNED"),
        TlsFailure(
            "the TLS handshake failed: no cipher in common",
            "see --ciphers; versions before 1.2 also need --ciphers=DEFAULT@SECLEVEL=0",
        ),
    ),
    (
        ("SSLV3_ALERT_HANDSHAKE_FAILURE",),
        TlsFailure(
            (
                "the TLS handshake failed: no parameters in common, or the server requires a "
                "client certificate"
            ),
            "see --ciphers, --ssl, --cert",
        ),
    ),
    (
        ("TLSV1_UNRECOGNIZED_NAME",),
        TlsFailure(
            "the TLS handshake failed: the server does not know this host name",
            "to send another name: --server-name=NAME",
        ),
    ),
    (
        ("DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "BAD_ECPOINT"),
        TlsFailure(
            "the TLS handshake failed: the server's keys are too weak",
            "to allow them: --ciphers=DEFAULT@SECLEVEL=0",
        ),
    ),
    (
        ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED",),
        TlsFailure(
            "the TLS handshake failed: the server is too old (no secure renegotiation)",
            "",
        ),
    ),
    (
        ("UNEXPECTED_EOF_WHILE_READING",),
        TlsFailure(
            "the TLS handshake failed: the server closed the connection",
            "",
        ),
    ),
)
"""OpenSSL's reasons, and what they mean for the user."""
