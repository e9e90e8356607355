"""The protocol of aiohttp's connections, with our own reader of HTTP/1 responses.

aiohttp's parser refuses responses that browsers and curl read, has no limits for what
it collects, drops trailers, and matches a response that arrived on an idle connection to
the next request. ``protocol.http1_reader`` reads instead; this class connects it to
aiohttp's queue of messages, its stream of content and its pool.
"""

from __future__ import annotations

import asyncio
import os
import select
from contextlib import suppress
from typing import Any

from aiohttp import HttpVersion11, ServerDisconnectedError
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from httpcli.core.headers import Fields
from httpcli.core.limits import MAX_HEADER_SIZE, MAX_HEADERS
from httpcli.protocol.http1_head import (
    CONNECTION_RESET,
    NOT_HTTP,
    Ended,
    Event,
    Head,
    Http1Error,
)
from httpcli.protocol.http1_reader import ResponseReader

_READ_SIZE = 64 * 1024
_BUFFER_SIZE = 256 * 1024


class LeftoverError(ServerDisconnectedError):
    """A used connection has bytes that are no response: they belong to the one before.

    To aiohttp this is a connection that the server closed while it was idle: an idempotent
    request is sent again on another one (RFC 9112, 9.3.1). The cause is an Http1Error.
    """


class ReceivedResponse:
    """A response as the reader delivers it; complete when its content has ended."""

    def __init__(self, head: Head, interim: tuple[Head, ...]) -> None:
        self.head = head
        self.interim = interim
        """The interim responses (1xx) before it."""
        self.trailers = Fields()
        self.surplus = 0
        """Bytes that arrived together with the end of the content, and belong to nothing."""


class Message:
    """A response with the names that aiohttp reads."""

    __slots__ = ("code", "raw_headers", "reason")
    version = HttpVersion11
    """aiohttp does nothing with the version of a response."""
    headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
    """Always empty: aiohttp needs headers for cookies only, which are not its work."""

    def __init__(self, code: int, reason: str, received: ReceivedResponse) -> None:
        self.code = code
        self.reason = reason
        self.raw_headers = received
        """aiohttp passes it on as ``ClientResponse.raw_headers``."""


class Http1Protocol(ResponseHandler):
    """A connection whose responses are read by a ``ResponseReader``."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        max_header_size: int = MAX_HEADER_SIZE,
        max_headers: int = MAX_HEADERS,
    ) -> None:
        super().__init__(loop)
        self.opens_tunnel = False
        """Whether the request is a CONNECT."""
        self.received: ReceivedResponse | None = None
        """The last response; None before its head is complete."""
        self._max_header_size = max_header_size
        self._max_headers = max_headers
        self._reader: ResponseReader | None = None
        """None before the first request, after a failure, and after an upgrade."""
        self._interim: list[Head] = []
        self._requests = 0
        """Requests up to now, including the current one."""
        self._response_timer: Any = None

    def set_response_params(
        self,
        *,
        timer: Any = None,
        skip_payload: bool = False,
        read_timeout: float | None = None,
        read_bufsize: int = _BUFFER_SIZE,
        timeout_ceil_threshold: float = 5,
        **_unused: Any,
    ) -> None:
        """Expect a response; aiohttp calls this before it sends a request."""
        self._skip_payload = skip_payload
        self._read_timeout = read_timeout
        self._read_bufsize = read_bufsize
        self._timeout_ceil_threshold = timeout_ceil_threshold
        self._response_timer = timer
        self._interim = []
        self._requests += 1
        self.received = None
        self._reader = ResponseReader(
            self._max_header_size,
            self._max_headers,
            has_no_content=skip_payload,
            opens_tunnel=self.opens_tunnel,
        )
        if self._tail:
            # Some servers speak first. A connection that was used has no such bytes: it is
            # closed when they arrive.
            greeting, self._tail = self._tail, b""
            self._feed(greeting)

    def is_connected(self) -> bool:
        """Return whether the connection can be used.

        An idle one cannot if the server has sent anything, which the loop may not have read
        yet: that is no response to the next request (RFC 9112, 9.3.1).
        """
        if not super().is_connected():
            return False
        reader = self._reader
        return reader is None or not reader.is_done or not self._has_input()

    def _has_input(self) -> bool:
        """Return whether bytes, or the end of the connection, are waiting to be read."""
        stream = None if self.transport is None else self.transport.get_extra_info("socket")
        if stream is None or stream.fileno() < 0:
            return True
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([stream], [], [], 0)[0])
        poll = select.poll()
        poll.register(stream, select.POLLIN)
        return bool(poll.poll(0))

    def data_received(self, data: bytes) -> None:
        """Pass received bytes to the reader, and content directly to its stream."""
        reader = self._reader
        if reader is None:
            super().data_received(data)  # keeps a greeting, and reads a WebSocket
            return
        if self._read_timeout is not None:
            self._reschedule_timeout()
        payload = self._payload
        if payload is not None and (len(data) < reader.left or reader.endless):
            reader.left -= len(data)
            payload.feed_data(data)
        elif reader.is_done:
            self._drop_surplus(data)
        else:
            self._feed(data)
            # Before the request is sent, aiohttp needs the connection to report a failure.
            if self._reader is None and not self._upgraded and self.transport is not None:
                self.transport.close()

    def _drop_surplus(self, data: bytes) -> None:
        """Close the connection: bytes after the end of a response belong to no request."""
        self._drop_timeout()
        self._should_close = True
        if self.received is not None:
            self.received.surplus += len(data)
        if self.transport is not None and not self.opens_tunnel:
            self.transport.close()

    def _feed(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            return
        try:
            events = reader.feed(data)
        except Http1Error as error:
            self._handle(error.events, reader)
            self._fail(error, reader)
        else:
            self._handle(events, reader)

    def _handle(self, events: list[Event], reader: ResponseReader) -> None:
        """Pass events on to aiohttp."""
        for event in events:
            if isinstance(event, bytes):
                if self._payload is not None:
                    self._payload.feed_data(event)
            elif isinstance(event, Head):
                self._deliver(event, reader)
            elif isinstance(event, Ended):
                self._end(event, reader)
            else:
                self._upgraded = True
                self._reader = None
                self._drop_timeout()
                if event.received:
                    super().data_received(event.received)

    def _deliver(self, head: Head, reader: ResponseReader) -> None:
        payload = EMPTY_PAYLOAD
        code = head.status
        received = ReceivedResponse(head, tuple(self._interim))
        if head.is_interim:
            self._interim.append(head)
        else:
            self.received = received
            if reader.has_content:
                payload = StreamReader(
                    self, self._read_bufsize, timer=self._response_timer, loop=self._loop
                )
            self._payload = payload
            if self.opens_tunnel and 200 <= code <= 299:
                code = 200  # aiohttp refuses the others
        message: Any = Message(code, head.reason, received)
        self.feed_data((message, payload), 0)

    def _end(self, event: Ended, reader: ResponseReader) -> None:
        """End the content, which may return the connection to the pool."""
        if self.received is not None:
            self.received.trailers = event.trailers
            self.received.surplus = reader.surplus
        if not reader.is_reusable:
            self._should_close = True
        if self._payload is not None:
            self._payload.feed_eof()
        self._drop_timeout()

    def _fail(self, error: Http1Error, reader: ResponseReader) -> None:
        """Report an error to the reader of the content, or to who waits for the head."""
        self._reader = None
        if self._payload is not None and reader.is_in_content:
            self._payload.set_exception(error)
        if self._requests > 1 and error.problem == NOT_HTTP:
            leftover = LeftoverError()
            leftover.__cause__ = error
            self.set_exception(leftover)
        else:
            self.set_exception(error)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the response. First read the rest that a server sent before a reset.

        A server that refuses a body sends a response (413) and closes the connection.
        Our next write fails, and asyncio then closes the socket before the response is
        read. Over TLS that cannot be avoided: only asyncio can decrypt the bytes.
        """
        transport = self.transport
        if isinstance(exc, ConnectionError) and transport is not None:
            self._read_rest(transport)
        reader = self._reader
        if reader is not None and not reader.is_done:
            self._end_of_input(reader, exc)
        super().connection_lost(exc)

    def _read_rest(self, transport: asyncio.BaseTransport) -> None:
        reader = self._reader
        if reader is None or transport.get_extra_info("ssl_object") is not None:
            return
        descriptor = transport.get_extra_info("socket").fileno()
        with suppress(OSError):  # no more bytes, or the reset
            while not reader.is_done and (data := os.read(descriptor, _READ_SIZE)):
                self.data_received(data)

    def _end_of_input(self, reader: ResponseReader, exc: BaseException | None) -> None:
        try:
            if exc is not None and reader.endless:
                raise Http1Error(CONNECTION_RESET)
            events = reader.end_of_input()
        except Http1Error as error:
            self._fail(error, reader)
        else:
            self._handle(events, reader)

    def pause_reading(self) -> None:
        """Stop reading: the content is read too slowly."""
        self._reading_paused = True
        self._pause_transport_reading()
        self._drop_timeout()

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: ARG002 - aiohttp's name
        """Read again. aiohttp calls this for each piece of content that was read."""
        if not self._reading_paused:
            return
        self._reading_paused = False
        if not self._buffer_paused:
            self._resume_transport_reading()
            self._reschedule_timeout()
