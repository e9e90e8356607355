"""A WebSocket on a connection whose server has responded with 101 (RFC 6455).

Frames, masks and compression are aiohttp's. Its ``ws_connect`` is not used: it
drops the body of a refused handshake, refuses ``Connection: keep-alive, Upgrade``,
follows redirects, and drops the messages between our close frame and the server's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from aiohttp import ClientError, ClientResponse, SocketTimeoutError, WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_websocket import (
    WebSocketError,
    WebSocketReader,
    WebSocketWriter,
    WSCloseCode,
    WSHandshakeError,
    WSMessage,
    WSMessageTextBytes,
    ws_ext_parse,
)
from aiohttp.streams import EofStream

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.websocket import WebSocket, WebSocketClosed, WebSocketMessage, WebSocketOpened
from httpcli.protocol.websocket import (
    NO_CODE,
    HandshakeError,
    check_handshake,
    is_valid_close_code,
)

_READ_AHEAD = 64 * 1024
"""Half the buffer size in bytes: aiohttp stops reading when twice this many are buffered."""
_CLOSE_TIMEOUT = 5.0
"""Seconds to wait for the server's close frame after ours."""
_NORMAL = 1000


async def websocket_events(
    response: ClientResponse, head: ResponseStarted, websocket: WebSocket
) -> AsyncGenerator[WebSocketOpened | WebSocketMessage | WebSocketClosed, None]:
    """Yield events until the server closes the WebSocket. Raises HttpcliError."""
    authority = head.url.authority
    try:
        subprotocol, extensions = check_handshake(head, websocket)
        window, no_takeover = ws_ext_parse(extensions) if extensions else (0, False)
    except (HandshakeError, WSHandshakeError) as error:
        raise HttpcliError(
            f"{authority}: not a WebSocket: {error}", status=ExitStatus.INCOMPLETE
        ) from error
    protocol = response.connection.protocol if response.connection else None
    if protocol is None or protocol.transport is None:
        raise _lost(authority)
    writer = WebSocketWriter(
        protocol, protocol.transport, use_mask=True, compress=window, notakeover=no_takeover
    )
    sender = FrameSender(writer, protocol, authority)
    queue = WebSocketDataQueue(protocol, _READ_AHEAD, loop=asyncio.get_running_loop())
    max_size = websocket.max_message_size
    # This is the only strong reference to the reader while reading is paused.
    reader = WebSocketReader(
        queue, max_size + 1 if max_size else 0, compress=bool(window), decode_text=True
    )
    protocol.set_parser(reader, queue, data_received_cb=sender.note_data)
    protocol.start_timeout()
    heartbeat = None
    if websocket.heartbeat:
        heartbeat = asyncio.ensure_future(sender.send_pings(websocket.heartbeat))
    try:
        yield WebSocketOpened(sender, subprotocol)
        async with aclosing(_received(queue, sender, authority, max_size)) as events:
            async for event in events:
                yield event
    finally:
        del reader
        sender.end()
        if heartbeat is not None:
            heartbeat.cancel()


async def _received(
    queue: WebSocketDataQueue, sender: FrameSender, authority: str, max_size: int
) -> AsyncGenerator[WebSocketMessage | WebSocketClosed, None]:
    while (message := await _next(queue, sender, authority, max_size)) is not None:
        match message.type:
            case WSMsgType.TEXT:
                yield WebSocketMessage(message.data.encode())
            case WSMsgType.BINARY:
                yield WebSocketMessage(message.data, is_text=False)
            case WSMsgType.PING:
                await sender.send_pong(message.data)
            case WSMsgType.CLOSE:
                if message.data and not is_valid_close_code(message.data):
                    await sender.close(WSCloseCode.PROTOCOL_ERROR)
                    raise _not_a_websocket(authority, f"invalid close code {message.data}")
                await sender.close(message.data or _NORMAL)
                yield WebSocketClosed(message.data or NO_CODE, message.extra or "")
                return


async def _next(
    queue: WebSocketDataQueue, sender: FrameSender, authority: str, max_size: int
) -> WSMessage | WSMessageTextBytes | None:
    """Return the next message; None if the server disconnects after our close frame."""
    sender.raise_failure()
    try:
        return await queue.read()
    except WebSocketError as error:
        await sender.close(error.code)
        raise _protocol_error(error, authority, max_size) from error
    except SocketTimeoutError:
        raise HttpcliError(
            f"{authority}: timed out: no message received",
            hint="to wait longer: --timeout TIME",
            status=ExitStatus.TIMED_OUT,
        ) from None
    except (EofStream, ClientError, OSError):
        sender.raise_failure()
        if sender.is_closing:
            return None
        raise _lost(authority) from None
    except Exception as error:
        # Each compression library has another exception for corrupt data.
        await sender.close(WSCloseCode.INVALID_TEXT)
        raise _not_a_websocket(authority, "invalid compressed data") from error


class FrameSender:
    """The sending end of a WebSocket (a ``MessageSender``)."""

    def __init__(self, writer: WebSocketWriter, protocol: ResponseHandler, authority: str) -> None:
        self._writer = writer
        self._protocol = protocol
        self._authority = authority
        self._is_silent = True
        """Whether the server has sent no bytes since the last heartbeat."""
        self._close_timer: asyncio.TimerHandle | None = None
        self._failure: BaseException | None = None
        self.is_closing = False
        """Whether a close frame was sent, or nothing more will be received."""

    async def send(self, data: bytes, *, text: bool) -> bool:
        if self.is_closing:
            return False
        try:
            await self._writer.send_frame(data, WSMsgType.TEXT if text else WSMsgType.BINARY)
        except (ClientError, OSError):
            return False  # _next raises the error
        return True

    async def close(self, code: int = _NORMAL) -> None:
        if self.is_closing:
            return
        self.is_closing = True
        with suppress(ClientError, OSError):
            await self._writer.close(code)
        loop = asyncio.get_running_loop()
        self._close_timer = loop.call_later(_CLOSE_TIMEOUT, self._protocol.abort)

    def fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        if self._protocol.transport is not None:
            self._protocol.transport.abort()

    def raise_failure(self) -> None:
        """Raise the error passed to ``fail``, if it was called."""
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """Stop sending, and end TLS: nothing will be received any more."""
        self.is_closing = True
        if self._close_timer is not None:
            self._close_timer.cancel()
        transport = self._protocol.transport
        over_tls = transport is not None and transport.get_extra_info("ssl_object") is not None
        if transport is not None and over_tls and not transport.get_write_buffer_size():
            transport.close()  # sends our close_notify
            # Do not wait for the server's: the event loop may end first and leave the socket open.
            transport.abort()

    async def send_pong(self, data: bytes) -> None:
        """Answer a ping."""
        with suppress(ClientError, OSError):
            await self._writer.send_frame(data, WSMsgType.PONG)

    def note_data(self) -> None:
        """Note that the server sent something."""
        self._is_silent = False

    async def send_pings(self, seconds: float) -> None:
        """Send a ping after ``seconds`` without data; fail if as long follows without data.

        Not aiohttp's heartbeat, which also fails if our reader is slow: it does not
        notice data that was received but not read.
        """
        is_pinged = False
        while True:
            self._is_silent = True
            await asyncio.sleep(seconds)
            if not self._is_silent:
                is_pinged = False
            elif is_pinged:
                self.fail(
                    HttpcliError(
                        f"{self._authority}: timed out: no reply to a ping within {seconds:g} s",
                        hint="to wait longer: --heartbeat TIME",
                        status=ExitStatus.TIMED_OUT,
                    )
                )
                return
            else:
                is_pinged = True
                with suppress(ClientError, OSError):
                    await self._writer.send_frame(b"", WSMsgType.PING)


def _lost(authority: str) -> HttpcliError:
    return HttpcliError(
        f"{authority}: the connection ended without a close frame", status=ExitStatus.INCOMPLETE
    )


def _protocol_error(error: WebSocketError, authority: str, max_size: int) -> HttpcliError:
    if error.code == WSCloseCode.MESSAGE_TOO_BIG:
        return HttpcliError(
            f"{authority}: a message is larger than {max_size} bytes",
            hint="to allow larger messages: --ws-max-size SIZE",
            status=ExitStatus.INCOMPLETE,
        )
    # After the colon aiohttp quotes the server's bytes as a Python literal.
    reason = str(error).partition(":")[0]
    return _not_a_websocket(authority, f"{reason[:1].lower()}{reason[1:]}")


def _not_a_websocket(authority: str, reason: str) -> HttpcliError:
    return HttpcliError(
        f"{authority}: invalid WebSocket data: {reason}", status=ExitStatus.INCOMPLETE
    )
