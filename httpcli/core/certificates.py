"""What a server showed in a handshake."""

from typing import NamedTuple


class Sight(NamedTuple):
    """The certificates as they were sent, in DER, the server's own first; version and cipher."""

    chain: tuple[bytes, ...]
    version: str
    cipher: str
