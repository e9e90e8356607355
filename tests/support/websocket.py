"""WebSocket servers: one that is scripted frame by frame, and the ``websockets`` library's."""

from __future__ import annotations

import re
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1
from typing import Any, NamedTuple

from websockets.sync.server import ServerConnection, serve, unix_serve

from tests.support.http_connection import ClientConnection, Step
from tests.support.servers import LoopbackServer

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(
    opcode: int, payload: bytes | str = b"", *, fin: bool = True, rsv: int = 0, mask: bool = False
) -> bytes:
    """Return one frame (RFC 6455, section 5.2). ``rsv``: the reserved bits as a number."""
    data = payload.encode() if isinstance(payload, str) else payload
    first = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if len(data) < 126:
        head = first + bytes([bit | len(data)])
    elif len(data) < 1 << 16:
        head = first + bytes([bit | 126]) + len(data).to_bytes(2, "big")
    else:
        head = first + bytes([bit | 127]) + len(data).to_bytes(8, "big")
    return head + (b"\0\0\0\0" if mask else b"") + data


def close_frame(code: int | None = 1000, reason: bytes | str = b"") -> bytes:
    """Return a close frame."""
    text = reason.encode() if isinstance(reason, str) else reason
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + text)


def handshake_response(head: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the 101 response to a request; ``headers`` replace the usual ones."""
    match = re.search(rb"(?i)\r\nSec-WebSocket-Key: *(\S+)", head)
    key = match[1].decode() if match else ""
    default = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": b64encode(sha1((key + _GUID).encode()).digest()).decode(),
    }
    lines = "".join(
        f"{name}: {value}\r\n" for name, value in {**default, **(headers or {})}.items()
    )
    return f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode()


class Frame(NamedTuple):
    """A frame that a client sent, with its payload unmasked."""

    opcode: int
    payload: bytes
    rsv: int
    masked: bool


class FrameServer(LoopbackServer):
    """Accepts each WebSocket, runs ``steps``, and answers a close frame.

    ``response_headers`` replace the usual headers of the 101 response. ``frames`` holds the
    frames that clients sent.
    """

    def __init__(
        self, *steps: Step, response_headers: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.steps = steps
        self.response_headers = response_headers or {}
        self.frames: list[Frame] = []
        self.frames_changed = threading.Condition()

    @property
    def websocket_url(self) -> str:
        """The URL of the server."""
        return f"ws://{self.address}"

    def serve(self, connection: ClientConnection) -> None:
        request = connection.receive()
        if request is None:
            return
        self.record(request)
        connection.send(handshake_response(request.head, self.response_headers))
        for step in self.steps:
            if isinstance(step, bytes):
                connection.send(step)
            else:
                step(connection)
            if not connection.open:
                return
        while (received := self.read_frame(connection)) is not None:
            if received.opcode == CLOSE:
                connection.send(frame(CLOSE, received.payload))
                connection.close()
                return

    def read_frame_step(self, connection: ClientConnection) -> None:
        """Wait for one frame (a step)."""
        self.read_frame(connection)

    def read_frame(self, connection: ClientConnection) -> Frame | None:
        """Read a frame; return None if the client has closed."""
        head = connection.read_exactly(2)
        if len(head) < 2:
            return None
        length = head[1] & 0x7F
        if length > 125:
            length = int.from_bytes(connection.read_exactly(2 if length == 126 else 8), "big")
        mask = connection.read_exactly(4) if head[1] & 0x80 else b"\0\0\0\0"
        masked = connection.read_exactly(length)
        if len(masked) < length:
            return None
        payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))
        received = Frame(head[0] & 0x0F, payload, head[0] >> 4 & 7, bool(head[1] & 0x80))
        with self.frames_changed:
            self.frames.append(received)
            self.frames_changed.notify_all()
        return received


def message_server(*messages: bytes | str) -> FrameServer:
    """Return a server that sends these messages, then closes."""
    frames = [frame(BINARY if isinstance(m, bytes) else TEXT, m) for m in messages]
    return FrameServer(*frames, close_frame())


Handler = Callable[[ServerConnection], None]


def echo(connection: ServerConnection) -> None:
    """Send every message back."""
    for message in connection:
        connection.send(message)


@contextmanager
def websockets_server(
    handler: Handler = echo,
    *,
    path: str | None = None,
    tls: ssl.SSLContext | None = None,
    **options: Any,
) -> Iterator[str]:
    """Run the library's server; yield its ``host:port``. ``path``: listen on a Unix socket."""
    settings: dict[str, Any] = {"ssl": tls, "max_size": None, **options}
    server = (
        unix_serve(handler, path, **settings)
        if path is not None
        else serve(handler, "127.0.0.1", 0, **settings)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "" if path is not None else f"127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()
