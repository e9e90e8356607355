"""Limits the size of a response head, while it is received.

aiohttp's parser limits each header and their number, but not their sum, and accepts interim
responses (1xx), trailers and chunk extensions without end.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiohttp import BaseConnector, ClientError, ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from httpcli.core.limits import MAX_HEADER_SIZE, MAX_HEADERS, MAX_INTERIM_RESPONSES

if TYPE_CHECKING:
    import asyncio


class ResponseLimitError(ClientError):
    """A response exceeds a limit; ``str()`` is the end of a sentence about the response."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.is_from_proxy = False
        """Whether it is the response to a CONNECT."""


class LimitedResponseHandler(ResponseHandler):
    """aiohttp's protocol of a connection, which ends a response that exceeds a limit.

    ``max_header_size``: bytes of a head, including the interim responses before it, and of
    trailers or chunk extensions.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, max_header_size: int = MAX_HEADER_SIZE
    ) -> None:
        super().__init__(loop)
        self._max_header_size = max_header_size
        self._header_size = 0
        """Bytes received since the request or, in a body, since its last received byte."""
        self._interim_count = 0
        self._head_is_complete = False
        self._request_is_sent = False
        self._body: StreamReader | None = None

    def set_response_params(self, **parameters: Any) -> None:
        """Expect a response. aiohttp calls this for each request."""
        self._header_size = self._interim_count = 0
        self._head_is_complete = self._request_is_sent = False
        self._body = None
        # For a CONNECT, aiohttp gives no limits, and its default ones are for servers.
        for name in ("max_line_size", "max_field_size"):
            parameters.setdefault(name, self._max_header_size)
        parameters.setdefault("max_headers", MAX_HEADERS)
        super().set_response_params(**parameters)

    def start_timeout(self) -> None:
        """Limit the time until the next byte: the request is sent."""
        self._request_is_sent = True
        super().start_timeout()

    def data_received(self, data: bytes) -> None:
        """Count and parse received bytes; end the response if they exceed a limit."""
        if self._upgraded or self._parser is None:
            super().data_received(data)
            return
        if not self._head_is_complete:
            data = self._receive_head(data)
            if not data or self._exception is not None:
                return
        if data and not self._upgraded:
            self._receive_body(data)
        else:  # no data: aiohttp resumes its parser
            super().data_received(data)

    def _receive_head(self, data: bytes) -> bytes:
        """Parse a piece of the head, and return what follows the largest possible head."""
        allowed = data[: self._max_header_size - self._header_size]
        self._header_size += len(allowed)
        super().data_received(allowed)
        if self._head_is_complete or self._exception is not None:
            return data[len(allowed) :]
        if len(allowed) < len(data) or self._interim_count > MAX_INTERIM_RESPONSES:
            self._fail(self._head_error())
        elif self._request_is_sent and self._interim_count:
            # aiohttp stops the clock at an interim response.
            super().start_timeout()
        return b""

    def _receive_body(self, data: bytes) -> None:
        """Parse a piece of the body. Only bytes that are not content are counted."""
        body = self._body
        if body is None or body.is_eof():
            # Surplus bytes, or a response without a request. aiohttp would keep them.
            self.force_close()
            if self.transport is not None:
                self.transport.close()
            return
        size = body.total_bytes
        super().data_received(data)
        if self._exception is not None and body.exception() is None:
            # aiohttp does not pass on an error in a trailer, and the reader would wait forever.
            body.set_exception(ClientPayloadError("a trailer is invalid or too long"))
        if body.total_bytes > size or body.is_eof():
            self._header_size = 0
            return
        self._header_size += len(data)
        if self._header_size > self._max_header_size:
            body.set_exception(
                ResponseLimitError(
                    f"trailers or chunk extensions of more than {_size(self._max_header_size)}",
                    hint="--max-header-size sets the limit",
                )
            )
            self._fail(None)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take a complete head from the parser: of an interim response or the final one."""
        if self._head_is_complete or self._interim_count > MAX_INTERIM_RESPONSES:
            return  # a response without a request, or one that _receive_head ends
        message, body = data
        if 100 <= message.code <= 199 and message.code != 101:
            self._interim_count += 1
        else:
            self._head_is_complete = True
            self._header_size = 0
            self._body = body
        super().feed_data(data, size)

    def _head_error(self) -> ResponseLimitError:
        if self._interim_count > MAX_INTERIM_RESPONSES:
            return ResponseLimitError(f"more than {MAX_INTERIM_RESPONSES} interim responses (1xx)")
        return ResponseLimitError(
            f"headers of more than {_size(self._max_header_size)}",
            hint="--max-header-size sets the limit",
        )

    def _fail(self, error: ResponseLimitError | None) -> None:
        if error is not None:
            self.set_exception(error)
        self.force_close()
        if self.transport is not None:
            self.transport.abort()


def limit_responses(
    connector: BaseConnector,
    max_header_size: int,
    protocol: type[LimitedResponseHandler] = LimitedResponseHandler,
) -> None:
    """Use ``protocol`` for new connections. aiohttp has no public option for that."""
    factory = partial(
        protocol, loop=connector._loop, max_header_size=max_header_size or MAX_HEADER_SIZE
    )
    connector._factory = cast("partial[ResponseHandler]", factory)


def _size(count: int) -> str:
    return f"{count // 1024} KiB" if count % 1024 == 0 else f"{count} bytes"
