"""A request as it will be sent, all but its framing (Host, lengths): plain data."""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.headers import Fields
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.core.body import Body, Compression
    from httpcli.core.streaming import WebSocket
else:  # what is in quotes would be compiled when its class is made (model.registry)
    Body = Compression = WebSocket = object


class Request(NamedTuple):
    """What is asked of the origin.

    ``fields`` holds the user's fields and the defaults that yield to them, in
    wire order, without the framing that ``protocol.framing`` adds.
    ``unset`` names (in lower case) the defaults that the user took away.
    ``chunked`` asks for chunked framing even where the length is known.
    ``compression`` is applied once the body is at hand, before it is framed.
    ``kept_codings``: content codings that are left on the response; ``*`` is any.
    ``websocket``: its answer may be the beginning of one.
    """

    method: str
    url: Url
    fields: Fields = Fields()
    body: Body | None = None
    removed_defaults: frozenset[str] = frozenset()
    chunked: bool = False
    compression: Compression | None = None
    kept_codings: frozenset[str] = frozenset()
    websocket: WebSocket | None = None

    def keeps_coding(self, codings: str) -> bool:
        """Tell whether content of these Content-Encodings is left as it came."""
        return "*" in self.kept_codings or codings.strip().lower() in self.kept_codings
