"""A WebSocket's options, and the events between its handshake and its end (RFC 6455).

::

    ResponseStarted WebSocketOpened WebSocketMessage* [WebSocketClosed] ResponseEnded

There is no ``WebSocketClosed`` if the server disconnects without a Close frame after ours.
"""

from typing import Protocol

from httpcli.core.limits import MAX_MESSAGE_SIZE
from httpcli.core.named_tuple import NamedTuple


class WaitLimit(NamedTuple):
    """How long to receive after the last message was sent; exactly one field is given."""

    seconds: float | None = None
    """Seconds since the last message was sent."""
    messages: int | None = None
    """Messages received since the beginning."""


class WebSocket(NamedTuple):
    """The options of a WebSocket."""

    key: str
    """The value of Sec-WebSocket-Key."""
    subprotocols: tuple[str, ...] = ()
    """The subprotocols to offer, the preferred one first."""
    compress: bool = False
    """Whether to offer permessage-deflate (RFC 7692)."""
    heartbeat: float | None = None
    """Seconds of silence after which a ping is sent; None for no pings."""
    first_message: bytes | None = None
    """The message to send first; None for none."""
    read_stdin: bool = False
    """Whether each line of standard input is sent as a message."""
    interactive: bool = False
    """Whether a person types the messages."""
    binary: bool = False
    """Whether messages are sent as binary, not as text."""
    json: bool = False
    """Whether each line of standard input must be JSON."""
    wait: WaitLimit | None = None
    """When to stop receiving. None: if ``interactive``, at the end of standard input; else if
    ``read_stdin``, when no message arrives for a while after the last one was sent; else when
    the server closes or every expected message has arrived."""
    max_message_size: int = MAX_MESSAGE_SIZE
    """Bytes of a message, received or sent; 0 for no limit."""
    timestamps: bool = False
    """Whether messages are printed with their time."""


class MessageSender(Protocol):
    """The sending side of a WebSocket; errors are raised on the receiving side."""

    async def send(self, data: bytes, *, text: bool) -> bool:
        """Send a message, waiting while the server does not read.

        Return False if the connection is closed.
        """

    async def close(self) -> None:
        """Send the Close frame; messages are received until the server answers it."""

    def fail(self, error: BaseException) -> None:
        """Abort the connection; ``error`` is raised on the receiving side."""


class WebSocketOpened(NamedTuple):
    """The server accepted the handshake."""

    sender: MessageSender
    subprotocol: str = ""
    """The subprotocol that the server chose; empty for none."""


class WebSocketMessage(NamedTuple):
    """A complete message."""

    data: bytes
    """The payload; UTF-8 if it is text."""
    is_text: bool = True
    sent: bool = False
    """Whether it was sent, not received."""
    at: float = 0.0
    """Seconds since 1970."""


class WebSocketClosed(NamedTuple):
    """The server closed the WebSocket."""

    code: int
    """The status code; 1005 if the server sent none (RFC 6455, 7.1.5)."""
    reason: str
    """The server's explanation; may be empty."""
