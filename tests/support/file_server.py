"""A server for one file that supports ranges and conditions, and sends faulty responses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tests.support.http_connection import ClientConnection, ReceivedRequest
from tests.support.servers import LoopbackServer

DATE = "Tue, 03 Mar 2026 10:00:00 GMT"


class FileVersion(NamedTuple):
    """One version of the file. An empty ``etag`` or ``modified`` is not sent."""

    content: bytes
    etag: str = '"v1"'
    modified: str = "Mon, 02 Mar 2026 10:00:00 GMT"

    def matches(self, condition: str | None) -> bool:
        """Return whether an If-Range header matches this version (RFC 9110, section 13.1.5)."""
        strong = self.etag if not self.etag.startswith("W/") else None
        return condition in (None, strong, self.modified)


Fault = Callable[["FileServer", ReceivedRequest, ClientConnection], None]
"""Sends the response to one request instead of the server."""


class FileServer(LoopbackServer):
    """Serves ``version``. Each of the added faults answers one request first."""

    def __init__(self, version: FileVersion) -> None:
        super().__init__()
        self.version = version
        self.faults: deque[Fault] = deque()
        self.ranges = True
        """Whether Range headers are followed."""

    def add_faults(self, *faults: Fault) -> FileServer:
        """Answer the next requests with these faults, one for each request."""
        self.faults.extend(faults)
        return self

    def serve(self, connection: ClientConnection) -> None:
        """Answer requests until one side closes."""
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if self.faults:
                self.faults.popleft()(self, request, connection)
            else:
                connection.send(self.answer(request))

    def answer(self, request: ReceivedRequest) -> bytes:
        """Return the correct response."""
        content = self.version.content
        requested = request.header("Range") if self.ranges else None
        if requested is None or not self.version.matches(request.header("If-Range")):
            return self.head("200 OK", len(content)) + content
        first, _, last = requested.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last or len(content) - 1) + 1
        if start >= len(content):
            return self.head(
                "416 Range Not Satisfiable", 0, f"Content-Range: bytes */{len(content)}"
            )
        part = content[start:end]
        span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(content)}"
        return self.head("206 Partial Content", len(part), span) + part

    def head(self, status: str, length: int | None, *headers: str) -> bytes:
        """Return the head of a response; ``length`` None leaves out Content-Length."""
        version = self.version
        lines = [f"HTTP/1.1 {status}", f"Date: {DATE}", *headers]
        lines += [f"ETag: {version.etag}"] if version.etag else []
        lines += [f"Last-Modified: {version.modified}"] if version.modified else []
        lines += [] if length is None else [f"Content-Length: {length}"]
        return "\r\n".join([*lines, "", ""]).encode()

    @property
    def requested_ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [request.header("Range") for request in self.requests]


def truncate_body_at(count: int, before_close: Callable[[], None] = lambda: None) -> Fault:
    """Send the correct response, but only the first ``count`` bytes of the body.

    ``before_close`` is called before the connection is closed.
    """

    def fault(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        head, separator, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + separator + content[:count])
        before_close()
        connection.close()

    return fault


def truncate_response_at(count: int) -> Fault:
    """Send only the first ``count`` bytes of the correct response."""

    def fault(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        connection.send(origin.answer(request)[:count])
        connection.close()

    return fault


def send_and_close(data: bytes) -> Fault:
    """Send ``data``, then close the connection."""

    def fault(
        _origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(data)
        connection.close()

    return fault


class SlowFirstResponse(FileServer):
    """Sends the first response slowly until the reply to another request was sent.

    So the client makes an additional connection. ``replies`` are the faults that answer the
    other requests; the last one answers all that follow.
    """

    def __init__(self, version: FileVersion, *replies: Fault) -> None:
        super().__init__(version)
        self._replies = deque(replies)
        self._is_answered = threading.Event()

    def serve(self, connection: ClientConnection) -> None:
        """Answer requests until one side closes."""
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if request is self.requests[0]:
                self._send_slowly(request, connection)
                continue
            reply = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
            try:
                reply(self, request, connection)
            finally:  # the client may close the connection meanwhile
                self._is_answered.set()

    def _send_slowly(self, request: ReceivedRequest, connection: ClientConnection) -> None:
        response = self.answer(request)
        at = 0
        while not self._is_answered.is_set() and at < len(response):
            connection.send(response[at : at + 4096])
            at += 4096
            self._is_answered.wait(0.005)
        # The client must have read the other reply before this response ends.
        for end in range(at + (1 << 20), len(response), 1 << 20):
            connection.send(response[end - (1 << 20) : end])
            at = end
            connection.stopping.wait(0.02)
        connection.send(response[at:])

    def head(self, status: str, length: int | None, *headers: str) -> bytes:
        """Return the head of a response that offers ranges."""
        return super().head(status, length, "Accept-Ranges: bytes", *headers)


def requested_start(request: ReceivedRequest) -> int:
    """Return the offset of the first byte that a request asks for."""
    value = request.header("Range") or "bytes=0-"
    return int(value.removeprefix("bytes=").partition("-")[0])


def send_part(
    content: bytes, *headers: str, date: str = DATE, size: str = "", shift: int = 0
) -> Fault:
    """Return a fault that sends the rest of ``content`` as a 206, whatever If-Range says.

    It has no validator except those in ``headers``. ``size`` replaces the size in Content-Range,
    ``shift`` moves the range that is sent.
    """

    def fault(_origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
        start = requested_start(request) + shift
        body = content[start:]
        lines = [
            "HTTP/1.1 206 Partial Content",
            f"Date: {date}",
            f"Content-Range: bytes {start}-{len(content) - 1}/{size or len(content)}",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        connection.send("\r\n".join([*lines, "", ""]).encode() + body)

    return fault
