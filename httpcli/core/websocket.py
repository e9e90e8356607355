"""What a WebSocket is to be: the part of the plan that other requests have none of."""

from typing import NamedTuple

LONGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes of a message, where nothing else is said."""


class Wait(NamedTuple):
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
    first: bytes | None = None
    reads: bool = False
    person: bool = False
    binary: bool = False
    json: bool = False
    wait: Wait | None = None
    longest: int = LONGEST_MESSAGE
    timestamps: bool = False
