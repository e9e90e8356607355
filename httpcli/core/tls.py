"""What the user says of TLS handshakes, beside whom to trust (``Wire.verify``)."""

from typing import NamedTuple

from httpcli.core.url import Origin


class Identity(NamedTuple):
    """A client certificate: files in PEM, by absolute path.

    ``key`` may be the same file. ``passphrase``: None for a key without one;
    ``locked``: the key has one, and it is still to be asked for.
    """

    certificate: str
    key: str
    passphrase: str | None = None
    locked: bool = False


class Tls(NamedTuple):
    """What handshakes are like.

    ``origin`` is the one typed: pins (SHA-256 of a certificate or of its public
    key) and ``server_name`` hold for its host, and ``identity`` is shown to it
    alone, unless ``everywhere``. ``oldest`` and ``newest`` are versions
    (``1.2``), empty for no limit of the user's. ``key_log``: a file that takes
    the secrets of each session (empty: none).
    """

    origin: Origin
    identity: Identity | None = None
    everywhere: bool = False
    oldest: str = ""
    newest: str = ""
    ciphers: str = ""
    pins: frozenset[bytes] = frozenset()
    server_name: str = ""
    key_log: str = ""
