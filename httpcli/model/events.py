"""What happens in an exchange, in the order it happens: small values for ``match``.

::

    RequestStarted RequestChunk* ResponseStarted ResponseChunk* ResponseEnded

A run is a row of such exchanges; the skins in ``exchange/`` mark all but the
last one as intermediary. A failure is an exception, not an event. What happens on
a WebSocket is in ``model.messages``.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from httpcli.model.fields import Fields
from httpcli.model.url import Url

if TYPE_CHECKING:
    from httpcli.model.connection import Connection
    from httpcli.model.messages import Closed, Message, Opened


class RequestStarted(NamedTuple):
    """A request head leaves. ``target`` is the request target as it is on the wire."""

    method: str
    target: str
    url: Url
    fields: Fields
    version: str = "1.1"


class RequestChunk(NamedTuple):
    """A piece of the request's content, before chunked framing."""

    data: bytes


class ResponseStarted(NamedTuple):
    """A final (not 1xx) response head is here.

    ``version`` is ``1.1`` or ``1.0``; ``reason`` and field values are as in
    ``model.fields.Field``. ``intermediary``: another request follows it.
    ``undecoded``: the content codings that nobody here can undo, empty if none.
    ``connection`` is told where somebody wants to know.
    """

    version: str
    status: int
    reason: str
    fields: Fields
    url: Url
    intermediary: bool = False
    undecoded: str = ""
    connection: "Connection | None" = None


class ResponseChunk(NamedTuple):
    """A piece of the response's content, content codings undone."""

    data: bytes


class ResponseEnded(NamedTuple):
    """The content is whole. ``elapsed`` is seconds since the request began."""

    elapsed: float


Event: TypeAlias = (
    "RequestStarted | RequestChunk | ResponseStarted | ResponseChunk | ResponseEnded"
    " | Opened | Message | Closed"
)
