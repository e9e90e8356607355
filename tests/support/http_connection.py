"""The server's end of an HTTP/1.1 connection, and the steps from which a response is built.

It parses only as much as it needs to find the end of a request (RFC 9112, section 6).
It keeps every byte of the request, so that a test can check what was really sent.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

_READ_SIZE = 65536


class ReceivedRequest(NamedTuple):
    """A request as the server received it."""

    head: bytes
    """Request line and headers, with the empty line."""
    raw_body: bytes
    """The bytes after the head, with chunked framing."""
    body: bytes
    """The body without chunked framing."""
    connection: int
    """The number of the server's connection, from 0."""
    complete: bool
    """False if the client closed the connection before the end of the request."""

    @property
    def raw(self) -> bytes:
        """Head and body, byte for byte."""
        return self.head + self.raw_body

    @property
    def request_line(self) -> str:
        """The request line."""
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def method(self) -> str:
        """The method."""
        return self.request_line.split(" ")[0]

    @property
    def target(self) -> str:
        """The request target: a path, an absolute URL or an authority."""
        return self.request_line.split(" ")[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers in order, names and values as sent (UTF-8)."""
        lines = self.head.decode("utf-8", "surrogateescape").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return [(name, value.strip(" \t")) for name, _, value in pairs]

    def header_values(self, name: str) -> list[str]:
        """Return the values of all headers of that name; case does not matter."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the value of the only header of that name, or None. Fails on a duplicate."""
        values = self.header_values(name)
        if len(values) > 1:
            raise AssertionError(f"{name} was sent {len(values)} times: {values}")
        return values[0] if values else None

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)


class ClientConnection:
    """One accepted connection."""

    def __init__(
        self, client_socket: socket.socket, number: int, stopping: threading.Event
    ) -> None:
        self.socket = client_socket
        self.number = number
        """The number of the server's connection, from 0."""
        self.stopping = stopping
        """Set when the test ends."""
        self.requests = 0
        """How many requests arrived on this connection, including the current one."""
        self.open = True
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.socket.sendall(data)

    def close(self) -> None:
        """Close the connection; TLS sends its close_notify alert."""
        self.open = False
        with suppress(OSError, ValueError):  # the client closed it already
            if isinstance(self.socket, ssl.SSLSocket):
                self.socket.settimeout(1)
                self.socket.unwrap()
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def reset(self) -> None:
        """Reset the connection: the client gets ECONNRESET."""
        self.open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self, on_head: Callable[[bytes], None] | None = None) -> ReceivedRequest | None:
        """Read the next request; return None if the client closed before its first byte.

        ``on_head`` is called with the head before the body is read; it may
        close the connection.
        """
        head = self._read_until(b"\r\n\r\n")
        if not head:
            return None
        self.requests += 1
        complete = head.endswith(b"\r\n\r\n")
        raw_body = body = b""
        if complete and on_head is not None:
            on_head(head)
        if complete and self.open:
            raw_body, body, complete = self._read_body(
                ReceivedRequest(head, b"", b"", self.number, True)
            )
        return ReceivedRequest(head, raw_body, body, self.number, complete)

    def _read_body(self, message: ReceivedRequest) -> tuple[bytes, bytes, bool]:
        """Return the raw body, the body, and whether it is complete."""
        if any("chunked" in value.lower() for value in message.header_values("Transfer-Encoding")):
            return self._read_chunks()
        length = int(message.header("Content-Length") or 0)
        data = self.read_exactly(length)
        return data, data, len(data) == length

    def _read_chunks(self) -> tuple[bytes, bytes, bool]:
        """Read a chunked body with its trailers (RFC 9112, 7.1)."""
        raw_body = body = b""
        while line := self._read_until(b"\r\n"):
            raw_body += line
            if not line.endswith(b"\r\n"):
                break
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                return self._read_trailers(raw_body, body)
            data = self.read_exactly(size + 2)
            raw_body += data
            body += data[:size]
        return raw_body, body, False

    def _read_trailers(self, raw_body: bytes, body: bytes) -> tuple[bytes, bytes, bool]:
        """Read the trailers after the last chunk."""
        while line := self._read_until(b"\r\n"):
            raw_body += line
            if line == b"\r\n":
                return raw_body, body, True
        return raw_body, body, False

    def _read_until(self, end: bytes) -> bytes:
        """Read up to and including ``end``; less only if the client closed."""
        while end not in self._buffer and self._read_more():
            pass
        before, separator, self._buffer = self._buffer.partition(end)
        return before + separator

    def read_exactly(self, count: int) -> bytes:
        """Read ``count`` bytes; less only if the client closed."""
        pieces = [self._buffer]
        size = len(self._buffer)
        self._buffer = b""
        while size < count and self._read_more():
            pieces.append(self._buffer)
            size += len(self._buffer)
            self._buffer = b""
        data = b"".join(pieces)
        self._buffer = data[count:]
        return data[:count]

    def _read_more(self) -> bool:
        """Append received bytes to the buffer; return False at the end of the stream."""
        try:
            data = self.socket.recv(_READ_SIZE)
        except OSError:  # the client reset the connection, or the test has ended
            return False
        self._buffer += data
        return bool(data)


Step = bytes | Callable[[ClientConnection], None]
"""A part of a response: bytes to send, or a function that acts on the connection."""


def response(body: bytes | str = b"", *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP/1.1 response; ``headers`` are lines such as ``Content-Type: text/plain``.

    Content-Length is added unless a header defines the framing of the body.
    """
    content = body.encode() if isinstance(body, str) else body
    framing = {"content-length", "transfer-encoding"}
    lines = [f"HTTP/1.1 {status}", *headers]
    if not framing & {header.partition(":")[0].lower() for header in headers}:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + content


def chunk(data: bytes | str) -> bytes:
    """Return ``data`` as one chunk of a chunked body; empty data is the last chunk."""
    content = data.encode() if isinstance(data, str) else data
    return b"%x\r\n%b\r\n" % (len(content), content)


def close(connection: ClientConnection) -> None:
    """Close the connection here (a step)."""
    connection.close()


def reset(connection: ClientConnection) -> None:
    """Reset the connection here (a step)."""
    connection.reset()


def stall(connection: ClientConnection) -> None:
    """Send nothing more until the test ends, then close (a step)."""
    connection.stopping.wait()
    connection.close()


def repeat_until_closed(data: bytes) -> Step:
    """Return a step that sends ``data`` repeatedly until the client closes."""

    def step(connection: ClientConnection) -> None:
        while not connection.stopping.is_set():
            connection.send(data)

    return step


def flood(data: bytes, mebibytes: int = 160) -> Step:
    """Return a step that sends ``data`` repeatedly, then closes.

    Not without end: a client that keeps all of it should fail the test, not the machine.
    """

    def step(connection: ClientConnection) -> None:
        piece = data * max(1, 65536 // len(data))
        for _ in range((mebibytes << 20) // len(piece)):
            connection.send(piece)
        connection.close()

    return step


def wait_for_event(event: threading.Event) -> Step:
    """Return a step that waits until the test sets ``event``."""

    def step(connection: ClientConnection) -> None:
        while not event.wait(0.05):
            if connection.stopping.is_set():
                connection.close()
                return

    return step


def signal_event(event: threading.Event) -> Step:
    """Return a step that sets ``event``, so that the test knows which steps are done."""

    def step(_: ClientConnection) -> None:
        event.set()

    return step
