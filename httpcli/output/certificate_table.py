"""The certificates that a server sent, as text for people; its hashes can be pasted to --pin."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from httpcli.core.connection_info import ServerHandshake
from httpcli.core.escaping import escape_controls
from httpcli.output.head import time_left
from httpcli.protocol.certificates import Certificate, read_certificate

_MOST_NAMES = 50


def certificate_table(sight: ServerHandshake, now: datetime) -> bytes:
    """Return all that was seen, a paragraph for each certificate, the server's own first."""
    return "".join(f"{line}\n" for line in _lines(sight, now)).encode("utf-8", "backslashreplace")


def _lines(sight: ServerHandshake, now: datetime) -> Iterator[str]:
    yield f"{sight.tls_version}, {sight.cipher}"
    for number, der in enumerate(sight.chain, 1):
        yield ""
        yield f"Certificate {number} of {len(sight.chain)}"
        try:
            facts = _facts(read_certificate(der), now)
        except ValueError as error:
            facts = [("Fault", f"it cannot be read: {error}")]
        for label, text in [*facts, ("SHA-256", f"sha256:{sha256(der).hexdigest()}")]:
            yield f"  {label:<12}{escape_controls(text)}"


def _facts(certificate: Certificate, now: datetime) -> list[tuple[str, str]]:
    until = certificate.until
    facts = [("Subject", certificate.subject or "(none)")]
    names = certificate.names
    if names:
        more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        facts.append(("Names", ", ".join(names[:_MOST_NAMES]) + more))
    early = " (not yet)" if now < certificate.since else ""
    itself = " (itself)" if certificate.is_its_own_issuer else ""
    serial = certificate.serial
    return [
        *facts,
        ("Issuer", certificate.issuer + itself),
        ("Valid from", _moment(certificate.since) + early),
        ("Valid until", f"{_moment(until)} ({time_left(until - now)})"),
        ("Serial", ":".join(serial[at : at + 2] for at in range(0, len(serial), 2))),
        ("Public key", f"sha256//{b64encode(sha256(certificate.key).digest()).decode()}"),
    ]


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
