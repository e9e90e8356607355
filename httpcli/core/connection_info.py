"""What a server showed in a handshake."""

from datetime import datetime, timedelta
from typing import NamedTuple


class ServerHandshake(NamedTuple):
    """The certificates as they were sent, in DER, the server's own first; version and cipher."""

    chain: tuple[bytes, ...]
    tls_version: str
    cipher: str


# When what happened in one exchange with a server: where the time went.


DNS = "DNS"
CONNECT = "connect"
TLS = "TLS"
REQUEST = "request"
WAIT = "wait"
BODY = "body"
PHASES = (DNS, CONNECT, TLS, REQUEST, WAIT, BODY)
"""What one exchange goes through, in order; some of it only on a new connection."""


class Phase(NamedTuple):
    """A stretch of time, in seconds since the request began."""

    name: str
    start: float
    end: float

    @property
    def duration(self) -> float:
        """How long it took, in seconds."""
        return self.end - self.start


class Timings(NamedTuple):
    """Instants of one exchange, in seconds since it began; None where that did not happen.

    ``began`` is in seconds since 1970. ``named``: the name was looked up;
    ``connected``: there was a stream to the origin, through a proxy's tunnel
    too; ``secured``: the TLS handshake with the origin was done. All three are
    None on a connection that was used again. ``sent``: the last byte of the
    request was written; ``answered``: the response's head was here; ``ended``:
    nothing more came, or was waited for. ``cut`` names the phase in which a
    failure ended it, empty where nothing failed.
    """

    started_at: float
    resolved: float | None = None
    connected: float | None = None
    secured: float | None = None
    sent: float | None = None
    responded: float | None = None
    ended: float | None = None
    failed_phase: str = ""

    def without_body(self) -> "Timings":
        """Return the times of a response whose content nobody waited for."""
        return self._replace(ended=self.responded)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that were gone through, without gaps; the last one may have been cut.

        >>> [(each.name, each.length) for each in Timings(0, connected=1, sent=3).phases]
        [('connect', 1), ('request', 2)]
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
                # An answer that came before the request was whole ends both.
                phases.append(Phase(name, now, max(now, end)))
                now = max(now, end)
        return tuple(phases)


# What is known of the connection that a response came over.


class Connection(NamedTuple):
    """The other end of a connection. What is of TLS is empty in plain http.

    ``address`` is ``host:port``, as numbers, ``local`` ours; ``proxy``: it is a
    proxy's. ``name`` and ``until`` are the certificate's own words; ``left`` is how long it is
    valid yet, negative when it is not any more.
    """

    remote_address: str
    is_proxy: bool = False
    tls_version: str = ""
    cipher: str = ""
    certificate_name: str = ""
    certificate_expires: datetime | None = None
    certificate_time_left: timedelta = timedelta(0)
    local_address: str = ""
