"""A connection's addresses and certificate, and the timings of an exchange."""

from datetime import datetime, timedelta

from httpcli.core.named_tuple import NamedTuple


class ServerHandshake(NamedTuple):
    """The server's part of a TLS handshake."""

    chain: tuple[bytes, ...]
    """The certificates as sent, in DER, the server's own first."""
    tls_version: str
    """As OpenSSL names it, such as ``TLSv1.3``."""
    cipher: str
    """The name of the cipher suite."""


DNS = "DNS"
CONNECT = "connect"
TLS = "TLS"
REQUEST = "request"
WAIT = "wait"
BODY = "body"
PHASES = (DNS, CONNECT, TLS, REQUEST, WAIT, BODY)
"""The phases of an exchange, in order; the first three only on a new connection."""


class Phase(NamedTuple):
    """One phase, in seconds since the request began."""

    name: str
    """One of PHASES."""
    start: float
    end: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


class Timings(NamedTuple):
    """Points of time in an exchange, in seconds since it began; None if not reached."""

    started_at: float
    """The beginning, in seconds since 1970."""
    resolved: float | None = None
    """The host's address was known; None on a reused connection, like the next two."""
    connected: float | None = None
    """The connection to the origin was made, if needed through a proxy's tunnel."""
    secured: float | None = None
    """The TLS handshake with the origin was done."""
    sent: float | None = None
    """The last byte of the request was written."""
    responded: float | None = None
    """The response's headers were received."""
    ended: float | None = None
    """The body was complete, or was not read."""
    failed_phase: str = ""
    """The phase in which the exchange failed; empty if it did not."""

    def without_body(self) -> "Timings":
        """Return the timings of an exchange whose response body was not read."""
        return self._replace(ended=self.responded)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases of the exchange, without gaps; the last one may be incomplete.

        >>> [(phase.name, phase.duration) for phase in Timings(0, connected=1, sent=3).phases]
        [('connect', 1.0), ('request', 2)]
        """
        ends = (
            (DNS, self.resolved),
            (CONNECT, self.connected),
            (TLS, self.secured),
            (REQUEST, self.sent),
            (WAIT, self.responded),
            (self.failed_phase or BODY, self.ended),
        )
        phases: list[Phase] = []
        now = 0.0
        for name, end in ends:
            if end is not None:
                # A response before the end of the request ends both phases.
                phases.append(Phase(name, now, max(now, end)))
                now = max(now, end)
        return tuple(phases)


class Connection(NamedTuple):
    """The connection of a response; the TLS fields are empty in plain http."""

    remote_address: str
    """``host:port`` in numbers."""
    is_proxy: bool = False
    """Whether the remote end is a proxy."""
    tls_version: str = ""
    cipher: str = ""
    certificate_name: str = ""
    """The subject of the server's certificate."""
    certificate_expires: datetime | None = None
    certificate_time_left: timedelta = timedelta(0)
    """Time until the certificate expires; negative after that."""
    local_address: str = ""
    """``host:port`` of this end."""
    certificates: tuple[bytes, ...] = ()
    """The certificates that the server sent, in DER, its own first."""
