"""Optional parts of a plan, in a separate module, which a plain GET does not load."""

from enum import Enum

from httpcli.core.errors import CONNECT_FAILURE, DNS_FAILURE, TIMEOUT, TRUNCATED
from httpcli.core.limits import MAX_EVENT_SIZE
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import Origin

# Connections


class ConnectTo(NamedTuple):
    """Connect to another host and port; the request does not change (``--connect-to``)."""

    host: str
    """The host of URLs that the rule is for; empty for any."""
    port: int | None
    """The port of URLs that the rule is for; None for any."""
    target_host: str
    """The host to connect to; empty for the URL's."""
    target_port: int | None
    """The port to connect to; None for the URL's."""


class LocalAddress(NamedTuple):
    """The local end of connections."""

    interface: str = ""
    """A network interface; empty for any."""
    address: str = ""
    """An IP address; empty for any."""
    ports: tuple[int, int] = (0, 0)
    """The first and the last port to choose from; 0 for any."""


class PoolLimits(NamedTuple):
    """How connections are kept for further requests."""

    idle_timeout: float | None = None
    """Seconds that an idle connection is kept; None for the engine's default."""
    max_connections: int = 0
    """Connections at a time; 0 for no limit."""
    max_per_host: int = 0
    """Connections at a time to one host and port; 0 for no limit."""


class ClientCertificate(NamedTuple):
    """A client certificate in PEM files, by absolute path."""

    certificate: str
    """The file of the certificate."""
    key: str
    """The file of the private key; it may be the file of the certificate."""
    passphrase: str | None = None
    """The key's passphrase; None if it has none or it is not known yet."""
    needs_passphrase: bool = False
    """Whether to prompt for the passphrase before the first request."""


class TlsOptions(NamedTuple):
    """Options of TLS handshakes, besides ``Network.verify``."""

    origin: Origin
    """The origin of the request that was typed."""
    client_certificate: ClientCertificate | None = None
    """Sent to ``origin`` only, unless ``send_everywhere``; None for no certificate."""
    send_everywhere: bool = False
    """Whether the client certificate is also sent to other origins, after a redirect."""
    min_version: str = ""
    """The lowest TLS version, such as ``1.2``; empty for the default."""
    max_version: str = ""
    """The highest TLS version; empty for the default."""
    ciphers: str = ""
    """An OpenSSL cipher list; empty for the default."""
    pins: frozenset[bytes] = frozenset()
    """SHA-256 hashes of accepted certificates or public keys of the host of ``origin``, on any
    port; empty for any."""
    server_name: str = ""
    """The name for SNI and verification at the host of ``origin``, on any port; empty for the
    host's own name."""
    key_log: str = ""
    """A file for the session secrets; empty for none."""


# Repeated requests

EXPECT = "expect"

CONDITIONS = {
    DNS_FAILURE: "the DNS server did not reply",
    CONNECT_FAILURE: "connection refused, unreachable, or closed before a response",
    TIMEOUT: "timed out, or slower than --min-rate",
    TRUNCATED: "the body was truncated",
    EXPECT: "an --expect check failed",
}
"""Words of ``--retry-on`` and their meaning; it takes statuses as well."""

RETRY_STATUSES = frozenset({"408", "425", "429", "500", "502", "503", "504", "522", "524"})

DEFAULT_CONDITIONS = RETRY_STATUSES | {DNS_FAILURE, CONNECT_FAILURE, TIMEOUT, TRUNCATED}


class RetryPolicy(NamedTuple):
    """When a failed request is sent again."""

    max_retries: int = 0
    """Retries after the first attempt."""
    delay: float | None = None
    """Seconds before each retry; None for a delay that doubles."""
    max_time: float | None = 600.0
    """Seconds since the first attempt, after which no retry begins; None for no limit."""
    conditions: frozenset[str] = DEFAULT_CONDITIONS
    """Statuses (``503``), classes of them (``5xx``), and keys of CONDITIONS."""
    retry_unsafe: bool = False
    """Whether requests such as POST are retried, although they may take effect twice."""

    def covers(self, kind: str) -> bool:
        """Return whether a status or a key of CONDITIONS is retried.

        >>> RetryPolicy(conditions=frozenset({"5xx"})).covers("503")
        True
        """
        return kind in self.conditions or (kind.isdigit() and f"{kind[:1]}xx" in self.conditions)


class EventStreamPolicy(NamedTuple):
    """How to read an event stream."""

    reconnect: bool = False
    """Whether to send the request again when the stream ends."""
    max_events: int = 0
    """Events until the stream is closed; 0 for no limit."""
    max_event_size: int = MAX_EVENT_SIZE
    """Bytes of an event; 0 for no limit."""


# Transfers


class MinimumRate(NamedTuple):
    """The rate below which a transfer is aborted."""

    rate: int
    """Bytes a second."""
    window: float
    """Seconds over which the rate is measured."""


class TeeAndHash(NamedTuple):
    """Where to copy the body of a response, and how to hash it."""

    tee: str = ""
    """The file for a copy; empty for none."""
    hashes: tuple[str, ...] = ()
    """The hash algorithms, each once."""


class ProgressStyle(Enum):
    """How the progress of transfers is reported on stderr."""

    BARS = "drawn"
    """Progress bars at the bottom of a terminal."""
    ENDS = "ends"
    """A line when a file begins, and one when it ends."""
    PLAIN = "plain"
    """As ENDS, and a line every 30 seconds."""
    JSON = "json"
    """A JSON object on a line, at the beginning, every second, and at the end."""
