"""What proves that a file arrived as it was: the hash that it must have."""

from typing import NamedTuple


class Checksum(NamedTuple):
    """A hash by ``algorithm`` (a name of hashlib's); ``source`` says who promised it."""

    algorithm: str
    digest: bytes
    source: str = ""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest.hex()}"
