"""The details of a connection: for ``--print=m``, and its certificates for ``--show-cert``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from httpcli.core.connection_info import Connection, ServerHandshake
from httpcli.core.escaping import escape_controls

if TYPE_CHECKING:
    from httpcli.protocol.certificates import Certificate

_MAX_NAMES = 50
"""Names of a certificate that are printed."""


def connection_facts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield labels and texts. The texts may contain unsafe characters from the server."""
    yield (
        "Remote address",
        connection.remote_address + (" (a proxy)" if connection.is_proxy else ""),
    )
    if connection.tls_version:
        yield "TLS", f"{connection.tls_version}, {connection.cipher}"
    if connection.certificate_expires is not None:
        remaining = time_left(connection.certificate_time_left)
        until = f"{connection.certificate_expires:%Y-%m-%d} ({remaining})"
        yield "Certificate", f"{connection.certificate_name}, valid until {until}"


def time_left(left: timedelta) -> str:
    """Return how long something is still valid, or how long ago it expired.

    >>> time_left(timedelta(days=1, hours=3)), time_left(-timedelta(days=2, hours=3))
    ('1 day left', 'expired 2 days ago')
    """
    days = abs(left) // timedelta(days=1)
    count = f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
    return f"{count} left" if left >= timedelta(0) else f"expired {count} ago"


def certificate_table(handshake: ServerHandshake, now: datetime) -> bytes:
    """Return a paragraph for each certificate that was sent, beginning with the server's."""
    return "".join(f"{line}\n" for line in _lines(handshake, now)).encode(
        "utf-8", "backslashreplace"
    )


def _lines(handshake: ServerHandshake, now: datetime) -> Iterator[str]:
    from hashlib import sha256

    from httpcli.protocol.certificates import read_certificate

    yield f"{handshake.tls_version}, {handshake.cipher}"
    for number, der in enumerate(handshake.chain, 1):
        yield ""
        yield f"Certificate {number} of {len(handshake.chain)}"
        try:
            facts = _facts(read_certificate(der), now)
        except ValueError as error:
            facts = [("Fault", f"cannot be read: {error}")]
        for label, text in [*facts, ("SHA-256", f"sha256:{sha256(der).hexdigest()}")]:
            yield f"  {label:<12}{escape_controls(text)}"


def _facts(certificate: Certificate, now: datetime) -> list[tuple[str, str]]:
    from base64 import b64encode
    from hashlib import sha256

    until = certificate.not_after
    facts = [("Subject", certificate.subject or "(none)")]
    names = certificate.names
    if names:
        more = f", and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        facts.append(("Names", ", ".join(names[:_MAX_NAMES]) + more))
    early = " (not yet)" if now < certificate.not_before else ""
    self_issued = " (itself)" if certificate.is_self_issued else ""
    serial = certificate.serial
    return [
        *facts,
        ("Issuer", certificate.issuer + self_issued),
        ("Valid from", _timestamp(certificate.not_before) + early),
        ("Valid until", f"{_timestamp(until)} ({time_left(until - now)})"),
        ("Serial", ":".join(serial[at : at + 2] for at in range(0, len(serial), 2))),
        ("Public key", f"sha256//{b64encode(sha256(certificate.public_key).digest()).decode()}"),
    ]


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
