"""A request as it will be sent, except for its framing (Host, lengths)."""

from typing import TYPE_CHECKING

from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.core.body import Body, Compression
    from httpcli.core.websocket import WebSocket
else:  # a quoted annotation would be parsed and compiled with its class, in every run
    Body = Compression = WebSocket = object


class Request(NamedTuple):
    """A request to an origin."""

    method: str
    url: Url
    fields: Fields = Fields()
    """The user's header fields and the remaining defaults, in order, without the framing
    that ``protocol.request_head`` adds."""
    body: Body | None = None
    removed_defaults: frozenset[str] = frozenset()
    """Names, in lower case, of default fields that the user removed."""
    chunked: bool = False
    """Whether to use chunked framing even if the length is known."""
    compression: Compression | None = None
    """Applied to the body before it is framed."""
    kept_codings: frozenset[str] = frozenset()
    """Content codings of the response that are not decoded; ``*`` for all."""
    websocket: WebSocket | None = None
    """The WebSocket whose handshake this request is; None for an ordinary request."""
    has_secret_body: bool = False
    """Whether the body is known to hold a secret: see ``protocol.redirects.body_has_secret``."""

    def keeps_coding(self, codings: str) -> bool:
        """Return whether content with this Content-Encoding is not decoded."""
        return "*" in self.kept_codings or codings.strip().lower() in self.kept_codings
