"""What happens on a WebSocket, between the head of the response and the exchange's end.

::

    ResponseStarted Opened Message* Closed ResponseEnded

Apart from ``model.events`` because nothing else than a WebSocket needs it.
"""

from typing import NamedTuple, Protocol


class Line(Protocol):
    """The sending end of a WebSocket; why it ended is said where it is listened to."""

    async def send(self, data: bytes, *, text: bool) -> bool:
        """Send a message, and wait while the server takes nothing; False: nobody takes it."""

    async def close(self) -> None:
        """Say that this was the last word; what comes before the answer still comes."""

    def fail(self, error: BaseException) -> None:
        """Break the connection off; ``error`` is raised where it is listened to."""


class Opened(NamedTuple):
    """The server agreed. ``subprotocol``: the one it chose, empty for none."""

    line: Line
    subprotocol: str = ""


class Message(NamedTuple):
    """A whole message; ``data`` of a text is UTF-8. ``at``: seconds since 1970."""

    data: bytes
    is_text: bool = True
    sent: bool = False
    at: float = 0.0


class Closed(NamedTuple):
    """The server said its last word. ``code`` is 1005 where it gave none (RFC 6455, 7.1.5)."""

    code: int
    reason: str
