"""The server's end of a connection: exact bytes in, exact bytes out.

It reads just enough HTTP/1.1 to know where a request ends (RFC 9112, 6) and
keeps every byte of it, so that a test can say what was really on the wire.
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
    """A request as it came: ``head`` with its empty line, ``framed`` the body's bytes after it.

    ``body`` is the content with the chunked framing undone. ``connection``
    counts the server's connections from 0. ``whole`` is False where the
    client left before the end.
    """

    head: bytes
    raw_body: bytes
    body: bytes
    connection: int
    complete: bool

    @property
    def raw(self) -> bytes:
        """All of it, as it was on the wire."""
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
        """The field lines in order, names and values as they were sent (UTF-8)."""
        lines = self.head.decode("utf-8", "surrogateescape").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return [(name, value.strip(" \t")) for name, _, value in pairs]

    def header_values(self, name: str) -> list[str]:
        """Return all values of the fields of that name, in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the value of the only field of that name, None where there is none."""
        values = self.header_values(name)
        if len(values) > 1:
            raise AssertionError(f"{name} was sent {len(values)} times: {values}")
        return values[0] if values else None

    @property
    def json(self) -> Any:
        """The content as one JSON value."""
        return json.loads(self.body)


class Connection:
    """One accepted connection. ``stopping`` is set when the test is over.

    ``requests`` counts those that came on this connection, the current one too.
    """

    def __init__(self, plain: socket.socket, number: int, stopping: threading.Event) -> None:
        self.socket = plain
        self.number = number
        self.stopping = stopping
        self.requests = 0
        self.open = True
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.socket.sendall(data)

    def close(self) -> None:
        """End the connection in an orderly way: over TLS with its closing alert."""
        self.open = False
        with suppress(OSError, ValueError):  # it is gone already
            if isinstance(self.socket, ssl.SSLSocket):
                self.socket.settimeout(1)
                self.socket.unwrap()
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def reset(self) -> None:
        """Break the connection off: the client gets ECONNRESET."""
        self.open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self, on_head: Callable[[bytes], None] | None = None) -> ReceivedRequest | None:
        """Read the next request; None where the client left before the first byte.

        ``on_head`` is called with the head before the body is read; it may
        close the connection.
        """
        head = self._read_until(b"\r\n\r\n")
        if not head:
            return None
        self.requests += 1
        whole = head.endswith(b"\r\n\r\n")
        framed = body = b""
        if whole and on_head is not None:
            on_head(head)
        if whole and self.open:
            framed, body, whole = self._read_body(
                ReceivedRequest(head, b"", b"", self.number, True)
            )
        return ReceivedRequest(head, framed, body, self.number, whole)

    def _read_body(self, message: ReceivedRequest) -> tuple[bytes, bytes, bool]:
        """Read the body that the head announces: as framed, as meant, and whether it is whole."""
        if any("chunked" in value.lower() for value in message.header_values("Transfer-Encoding")):
            return self._read_chunks()
        length = int(message.header("Content-Length") or 0)
        data = self.read_exactly(length)
        return data, data, len(data) == length

    def _read_chunks(self) -> tuple[bytes, bytes, bool]:
        """Read a chunked body with its trailers (RFC 9112, 7.1)."""
        framed = body = b""
        while line := self._read_until(b"\r\n"):
            framed += line
            if not line.endswith(b"\r\n"):
                break
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                return self._read_trailers(framed, body)
            data = self.read_exactly(size + 2)
            framed += data
            body += data[:size]
        return framed, body, False

    def _read_trailers(self, framed: bytes, body: bytes) -> tuple[bytes, bytes, bool]:
        """Read the trailer fields after the last chunk."""
        while line := self._read_until(b"\r\n"):
            framed += line
            if line == b"\r\n":
                return framed, body, True
        return framed, body, False

    def _read_until(self, end: bytes) -> bytes:
        """Read up to and with ``end``; less only where the client left."""
        while end not in self._buffer and self._read_more():
            pass
        head, found, rest = self._buffer.partition(end)
        self._buffer = rest
        return head + found

    def read_exactly(self, count: int) -> bytes:
        """Read ``count`` bytes; less only where the client left."""
        pieces = [self._buffer]
        have = len(self._buffer)
        self._buffer = b""
        while have < count and self._read_more():
            pieces.append(self._buffer)
            have += len(self._buffer)
            self._buffer = b""
        data = b"".join(pieces)
        self._buffer = data[count:]
        return data[:count]

    def _read_more(self) -> bool:
        """Read what comes next; False where nothing does any more."""
        try:
            data = self.socket.recv(_READ_SIZE)
        except OSError:  # the client broke off, or the test is over
            return False
        self._buffer += data
        return bool(data)


Step = bytes | Callable[[Connection], None]
"""A part of an answer: bytes to send, or something to do with the connection."""


def response(body: bytes | str = b"", *fields: str, status: str = "200 OK") -> bytes:
    """Return an HTTP/1.1 response; ``fields`` are lines such as ``Content-Type: text/plain``.

    Content-Length is added unless a field says how the content is framed.
    """
    content = body.encode() if isinstance(body, str) else body
    framing = {"content-length", "transfer-encoding"}
    lines = [f"HTTP/1.1 {status}", *fields]
    if not framing & {field.partition(":")[0].lower() for field in fields}:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + content


def chunk(data: bytes | str) -> bytes:
    """Return ``data`` as one chunk of a chunked body; empty data is the last one."""
    content = data.encode() if isinstance(data, str) else data
    return b"%x\r\n%b\r\n" % (len(content), content)


def close(connection: Connection) -> None:
    """End the connection here: a step."""
    connection.close()


def reset(connection: Connection) -> None:
    """Break the connection off here: a step."""
    connection.reset()


def stall(connection: Connection) -> None:
    """Say nothing more until the test is over: a step."""
    connection.stopping.wait()
    connection.close()


def repeat_until_closed(data: bytes) -> Step:
    """Return the step that sends ``data`` again and again until the client leaves."""

    def step(connection: Connection) -> None:
        while not connection.stopping.is_set():
            connection.send(data)

    return step


def wait_for_event(event: threading.Event) -> Step:
    """Return the step that waits until the test sets ``event``."""

    def step(connection: Connection) -> None:
        while not event.wait(0.05):
            if connection.stopping.is_set():
                connection.close()
                return

    return step


def signal_event(event: threading.Event) -> Step:
    """Return the step that sets ``event``, so that the test knows how far the answer is."""

    def step(_: Connection) -> None:
        event.set()

    return step
