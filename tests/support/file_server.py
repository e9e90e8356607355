"""A server for one file that supports ranges and conditions, and sends faulty responses."""

from __future__ import annotations

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
