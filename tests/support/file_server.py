"""A server of one file that knows ranges and conditions, and breaks what a test tells it to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tests.support.http_connection import Connection, ReceivedRequest
from tests.support.servers import LoopbackServer

DATE = "Tue, 03 Mar 2026 10:00:00 GMT"


class FileVersion(NamedTuple):
    """The file at one time. ``etag`` or ``modified`` is not sent where it is empty."""

    content: bytes
    etag: str = '"v1"'
    modified: str = "Mon, 02 Mar 2026 10:00:00 GMT"

    def is_meant(self, condition: str | None) -> bool:
        """Tell whether an If-Range field names it (RFC 9110, 13.1.5)."""
        strong = self.etag if not self.etag.startswith("W/") else None
        return condition in (None, strong, self.modified)


Fault = Callable[["FileServer", ReceivedRequest, Connection], None]
"""Answers one request in a way of its own."""


class FileServer(LoopbackServer):
    """Serves ``version``; the faults are used up first, one a request."""

    def __init__(self, version: FileVersion) -> None:
        super().__init__()
        self.version = version
        self.faults: deque[Fault] = deque()
        self.ranges = True

    def add_faults(self, *faults: Fault) -> FileServer:
        """Answer the next requests so."""
        self.faults.extend(faults)
        return self

    def serve(self, connection: Connection) -> None:
        """Answer requests until one side closes."""
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if self.faults:
                self.faults.popleft()(self, request, connection)
            else:
                connection.send(self.answer(request))

    def answer(self, request: ReceivedRequest) -> bytes:
        """Return the right answer."""
        content = self.version.content
        asked = request.header("Range") if self.ranges else None
        if asked is None or not self.version.is_meant(request.header("If-Range")):
            return self.head("200 OK", len(content)) + content
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last or len(content) - 1) + 1
        if start >= len(content):
            return self.head(
                "416 Range Not Satisfiable", 0, f"Content-Range: bytes */{len(content)}"
            )
        part = content[start:end]
        span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(content)}"
        return self.head("206 Partial Content", len(part), span) + part

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        """Return the head of an answer."""
        version = self.version
        lines = [f"HTTP/1.1 {status}", f"Date: {DATE}", *more]
        lines += [f"ETag: {version.etag}"] if version.etag else []
        lines += [f"Last-Modified: {version.modified}"] if version.modified else []
        lines += [] if length is None else [f"Content-Length: {length}"]
        return "\r\n".join([*lines, "", ""]).encode()

    @property
    def requested_ranges(self) -> list[str | None]:
        """The Range field of each request."""
        return [request.header("Range") for request in self.requests]


def truncate_body_at(count: int, then: Callable[[], None] = lambda: None) -> Fault:
    """Answer rightly, but only the first ``count`` bytes behind the head.

    ``then`` happens before the client can know of the end.
    """

    def fault(origin: FileServer, request: ReceivedRequest, connection: Connection) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap + content[:count])
        then()
        connection.close()

    return fault


def truncate_response_at(count: int) -> Fault:
    """Answer rightly, but only the first ``count`` bytes of all."""

    def fault(origin: FileServer, request: ReceivedRequest, connection: Connection) -> None:
        connection.send(origin.answer(request)[:count])
        connection.close()

    return fault


def send_and_close(data: bytes) -> Fault:
    """Answer with these bytes, and close."""

    def fault(_origin: FileServer, _request: ReceivedRequest, connection: Connection) -> None:
        connection.send(data)
        connection.close()

    return fault
