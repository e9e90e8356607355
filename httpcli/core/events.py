"""The events of an exchange, in their order: small values for ``match``.

::

    RequestStarted RequestChunk* ResponseStarted ResponseChunk* ResponseEnded

A run consists of one or more exchanges; the middleware marks the response of
each but the last one with ``is_followed``. A failure is an exception, unless the
request is retried: then ``Retrying`` takes the place of the response. The events of a WebSocket
are in ``core.websocket``.
"""

from typing import TYPE_CHECKING, TypeAlias

from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection, Timings
    from httpcli.core.websocket import WebSocketClosed, WebSocketMessage, WebSocketOpened
else:  # a quoted annotation would be parsed and compiled with its class, in every run
    Connection = Timings = object


class RequestStarted(NamedTuple):
    """The request line and headers are sent."""

    method: str
    target: str
    """The request target as sent."""
    url: Url
    fields: Fields
    version: str = "1.1"


class RequestChunk(NamedTuple):
    """A piece of the request's body, before chunked framing."""

    data: bytes


class OtherHead(NamedTuple):
    """The head of another response to the same request: an interim one, or the proxy's."""

    version: str
    status: int
    reason: str
    fields: Fields


class ResponseStarted(NamedTuple):
    """The status line and headers of a final (not 1xx) response were received."""

    version: str
    """``1.1`` or ``1.0``."""
    status: int
    reason: str
    """The reason phrase; bytes that are not UTF-8 as in ``core.headers.Field``."""
    fields: Fields
    url: Url
    is_followed: bool = False
    """Whether httpcli sends another request after it: for a redirect or authentication."""
    unknown_coding: str = ""
    """The unsupported content codings; empty if all are supported."""
    connection: Connection | None = None
    """None unless ``Network.record_connection``."""
    timings: Timings | None = None
    """Timings up to now; None unless ``Network.record_timings``."""
    error_follows: bool = False
    """Whether an error follows at once, for example because the response redirects to an
    invalid URL."""
    head_size: int = 0
    """Bytes of the status line and headers as sent."""
    interim: tuple[OtherHead, ...] = ()
    """The interim responses (1xx) before it."""
    tunnel: OtherHead | None = None
    """The proxy's response to a CONNECT; None without a new tunnel."""


class ResponseChunk(NamedTuple):
    """A piece of the response's body, decoded."""

    data: bytes


class Retrying(NamedTuple):
    """An attempt failed; the request is sent again after a wait."""

    reason: str
    """Why, in one line."""
    wait: float
    """Seconds until the next attempt."""
    retries_left: int
    """Retries after the next attempt."""
    response: ResponseStarted | None = None
    """The response that is retried; None if none was received."""


class ResponseEnded(NamedTuple):
    """The body is complete."""

    elapsed: float
    """Seconds since the request began."""
    timings: Timings | None = None
    """None unless ``Network.record_timings``."""
    encoded_size: int | None = None
    """Bytes of the body as received, before decoding; None if they were not counted."""
    trailers: Fields = Fields()
    """The header fields after a chunked body."""
    surplus: int = 0
    """Bytes that the server sent after the end of the response, as far as they were received."""


Event: TypeAlias = (
    "RequestStarted | RequestChunk | ResponseStarted | ResponseChunk | ResponseEnded"
    " | Retrying | WebSocketOpened | WebSocketMessage | WebSocketClosed"
)
