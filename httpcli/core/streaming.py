"""How an event stream is listened to."""

from typing import NamedTuple, Protocol


class EventStreamPolicy(NamedTuple):
    """``reconnects``: a stream that ended is asked for again. ``most``: events, 0 for no limit."""

    reconnect: bool = False
    max_events: int = 0


# What a WebSocket is to be: the part of the plan that other requests have none of.


DEFAULT_MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of a message, where nothing else is said."""


class WaitLimit(NamedTuple):
    """How long to listen after the last message was sent: one of the two is given.

    ``seconds`` from then on; ``messages``: until that many have come in all.
    """

    seconds: float | None = None
    messages: int | None = None


class WebSocket(NamedTuple):
    """How a request becomes a WebSocket (RFC 6455), and what is said on it.

    ``key`` is the handshake's nonce. ``first``: the message that is sent first.
    ``reads``: standard input is messages, one a line; ``person``: somebody types
    them and looks at what comes. ``binary``: what is sent is bytes; ``json``:
    each line must be JSON. ``wait`` is None for as long as the server likes where
    nothing was read, else until it is quiet. ``longest``: bytes of a message that
    are taken or sent (0: no limit). ``heartbeat``: seconds of silence after which
    the server has to show that it is there. ``timestamps``: when each message
    came is shown with it.
    """

    key: str
    subprotocols: tuple[str, ...] = ()
    compress: bool = False
    heartbeat: float | None = None
    first_message: bytes | None = None
    read_stdin: bool = False
    interactive: bool = False
    binary: bool = False
    json: bool = False
    wait: WaitLimit | None = None
    max_message_size: int = DEFAULT_MAX_MESSAGE
    timestamps: bool = False


# What happens on a WebSocket, between the head of the response and the exchange's end.
#
# ::
#
# ResponseStarted Opened Message* Closed ResponseEnded
#
# Apart from ``model.events`` because nothing else than a WebSocket needs it.


class MessageSender(Protocol):
    """The sending end of a WebSocket; why it ended is said where it is listened to."""

    async def send(self, data: bytes, *, text: bool) -> bool:
        """Send a message, and wait while the server takes nothing; False: nobody takes it."""

    async def close(self) -> None:
        """Say that this was the last word; what comes before the answer still comes."""

    def fail(self, error: BaseException) -> None:
        """Break the connection off; ``error`` is raised where it is listened to."""


class WebSocketOpened(NamedTuple):
    """The server agreed. ``subprotocol``: the one it chose, empty for none."""

    sender: MessageSender
    subprotocol: str = ""


class WebSocketMessage(NamedTuple):
    """A whole message; ``data`` of a text is UTF-8. ``at``: seconds since 1970."""

    data: bytes
    is_text: bool = True
    sent: bool = False
    at: float = 0.0


class WebSocketClosed(NamedTuple):
    """The server said its last word. ``code`` is 1005 where it gave none (RFC 6455, 7.1.5)."""

    code: int
    reason: str
