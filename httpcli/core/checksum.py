"""What proves that a file arrived as it was: the hash that it must have."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from httpcli.core.url import Url


class Checksum(NamedTuple):
    """A hash by ``algorithm`` (a name of hashlib's); ``source`` says who promised it."""

    algorithm: str
    digest: bytes
    source: str = ""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest.hex()}"


class Wanted(NamedTuple):
    """What ``--checksum`` says: one of a checksum, the text of a list, the URL of a list."""

    typed: str
    checksum: Checksum | None = None
    listed: str | None = None
    url: "Url | None" = None
