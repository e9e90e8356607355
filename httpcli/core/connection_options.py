"""Ways that most runs do not go: apart from the plan, so that those do not load them."""

from typing import NamedTuple

from httpcli.core.url import Origin


class ConnectTo(NamedTuple):
    """Connect to another host and port; the request stays as it is.

    An empty ``host`` or a ``port`` of None is any; ``there`` and ``port_there``
    say where to, and keep what they do not name.
    """

    host: str
    port: int | None
    target_host: str
    target_port: int | None


class LocalAddress(NamedTuple):
    """Where connections come from: a network interface, a local address, ports to choose from."""

    interface: str = ""
    address: str = ""
    ports: tuple[int, int] = (0, 0)


class PoolLimits(NamedTuple):
    """How connections are kept for further requests.

    ``idle``: seconds that one is kept, None for the engine's own; ``most`` of them
    at once, and ``most_at_one`` host and port; 0 for no limit.
    """

    idle_timeout: float | None = None
    max_connections: int = 0
    max_per_host: int = 0


# What the user says of TLS handshakes, beside whom to trust (``Wire.verify``).


class ClientCertificate(NamedTuple):
    """A client certificate: files in PEM, by absolute path.

    ``key`` may be the same file. ``passphrase``: None for a key without one;
    ``locked``: the key has one, and it is still to be asked for.
    """

    certificate: str
    key: str
    passphrase: str | None = None
    needs_passphrase: bool = False


class TlsOptions(NamedTuple):
    """What handshakes are like.

    ``origin`` is the one typed: pins (SHA-256 of a certificate or of its public
    key) and ``server_name`` hold for its host, and ``identity`` is shown to it
    alone, unless ``everywhere``. ``oldest`` and ``newest`` are versions
    (``1.2``), empty for no limit of the user's. ``key_log``: a file that takes
    the secrets of each session (empty: none).
    """

    origin: Origin
    client_certificate: ClientCertificate | None = None
    send_everywhere: bool = False
    min_version: str = ""
    max_version: str = ""
    ciphers: str = ""
    pins: frozenset[bytes] = frozenset()
    server_name: str = ""
    key_log: str = ""
