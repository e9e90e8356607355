"""What happens in an exchange, in the order it happens: small values for ``match``.

::

    RequestStarted RequestChunk* ResponseStarted ResponseChunk* ResponseEnded

A run is a row of such exchanges; the skins in ``exchange/`` mark all but the
last one as intermediary. A failure is an exception, not an event, unless the
request is sent again: then ``Retrying`` stands in the place of the response.
What happens on a WebSocket is in ``model.messages``.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from httpcli.core.headers import Fields
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection, Timings
    from httpcli.core.streaming import WebSocketClosed, WebSocketMessage, WebSocketOpened
else:  # what is in quotes would be compiled when its class is made (model.registry)
    Connection = Timings = object


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
    ``refused``: what it asks for cannot be done, an error follows at once.
    ``undecoded``: the content codings that nobody here can undo, empty if none.
    ``connection`` and ``timings``, up to here, are told where somebody wants to know.
    """

    version: str
    status: int
    reason: str
    fields: Fields
    url: Url
    intermediary: bool = False
    unknown_coding: str = ""
    connection: Connection | None = None
    timings: Timings | None = None
    error_follows: bool = False


class ResponseChunk(NamedTuple):
    """A piece of the response's content, content codings undone."""

    data: bytes


class Retrying(NamedTuple):
    """A try has failed: nothing of it counts, and after a wait comes another.

    ``reason`` is one line without an end; ``wait`` is in seconds; ``left``: tries
    that are left after the next one. ``response``: the head of what was no
    answer, None where none came.
    """

    reason: str
    wait: float
    retries_left: int
    response: ResponseStarted | None = None


class ResponseEnded(NamedTuple):
    """The content is whole. ``elapsed`` is seconds since the request began.

    ``timings``: how they were spent, where somebody wants to know. ``received``:
    bytes of content as they came, with codings; None where they were not counted.
    """

    elapsed: float
    timings: Timings | None = None
    encoded_size: int | None = None


Event: TypeAlias = (
    "RequestStarted | RequestChunk | ResponseStarted | ResponseChunk | ResponseEnded"
    " | Retrying | WebSocketOpened | WebSocketMessage | WebSocketClosed"
)
