"""A request as it will be sent, all but its framing (Host, lengths): plain data."""

from typing import NamedTuple

from httpcli.model.fields import Fields
from httpcli.model.url import Url


class Bytes(NamedTuple):
    """Content at hand."""

    data: bytes

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        return len(self.data)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return True


class File(NamedTuple):
    """Content that is read from a regular file while it is sent.

    ``size`` is what the file had when the plan was made; a file that has
    another size while it is sent ends the request.
    """

    path: str
    size: int

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        return self.size

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return True


class Stdin(NamedTuple):
    """Content from standard input; what was read of it already stands in ``head``.

    ``size`` is what is left of a regular file, None for a pipe.
    """

    head: bytes = b""
    size: int | None = None

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        return self.size

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return False


Body = Bytes | File | Stdin


class Request(NamedTuple):
    """What is asked of the origin.

    ``fields`` holds the user's fields and the defaults that yield to them, in
    wire order, without the framing that ``protocol.framing`` adds.
    ``unset`` names (in lower case) the defaults that the user took away.
    ``chunked`` asks for chunked framing even where the length is known.
    """

    method: str
    url: Url
    fields: Fields = Fields()
    body: Body | None = None
    unset: frozenset[str] = frozenset()
    chunked: bool = False
