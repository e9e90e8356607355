"""A WebSocket on a connection whose server has answered 101 (RFC 6455).

Frames, masks and compression are aiohttp's. Its ``ws_connect`` is not used: it
throws a refused handshake's content away, refuses ``Connection: keep-alive,
Upgrade``, goes after redirects by itself, and drops the messages that come
between our close and the server's.
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
from httpcli.core.streaming import WebSocket, WebSocketClosed, WebSocketMessage, WebSocketOpened
from httpcli.protocol.websocket import NO_CODE, HandshakeError, agreed, may_be_sent

_READ_AHEAD = 64 * 1024
"""Bytes of messages that wait for who looks at them, twice."""
_PATIENCE = 5.0
"""Seconds in which a server answers our close."""
_NORMAL = 1000


async def messages_of(
    response: ClientResponse, head: ResponseStarted, websocket: WebSocket
) -> AsyncGenerator[WebSocketOpened | WebSocketMessage | WebSocketClosed, None]:
    """Give what comes, until the server closes. Raises HttpcliError."""
    authority = head.url.authority
    try:
        subprotocol, extensions = agreed(head, websocket)
        window, renewed = ws_ext_parse(extensions) if extensions else (0, False)
    except (HandshakeError, WSHandshakeError) as error:
        raise HttpcliError(
            f"{authority}: not a WebSocket: {error}", status=ExitStatus.INCOMPLETE
        ) from error
    protocol = response.connection.protocol if response.connection else None
    if protocol is None or protocol.transport is None:
        raise _vanished(authority)
    writer = WebSocketWriter(
        protocol, protocol.transport, use_mask=True, compress=window, notakeover=renewed
    )
    line = OpenLine(writer, protocol, authority)
    queue = WebSocketDataQueue(protocol, _READ_AHEAD, loop=asyncio.get_running_loop())
    # A reader that has enough is held by a weak reference alone: it lives here.
    longest = websocket.max_message_size + 1 if websocket.max_message_size else 0
    reader = WebSocketReader(queue, longest, compress=bool(window), decode_text=True)
    protocol.set_parser(reader, queue, data_received_cb=line.heard)
    protocol.start_timeout()
    beat = asyncio.ensure_future(line.beat(websocket.heartbeat)) if websocket.heartbeat else None
    try:
        yield WebSocketOpened(line, subprotocol)
        async with aclosing(
            _received(queue, line, authority, websocket.max_message_size)
        ) as events:
            async for event in events:
                yield event
    finally:
        del reader
        line.over()
        if beat is not None:
            beat.cancel()


async def _received(
    queue: WebSocketDataQueue, line: OpenLine, authority: str, longest: int
) -> AsyncGenerator[WebSocketMessage | WebSocketClosed, None]:
    while (message := await _next(queue, line, authority, longest)) is not None:
        match message.type:
            case WSMsgType.TEXT:
                yield WebSocketMessage(message.data.encode())
            case WSMsgType.BINARY:
                yield WebSocketMessage(message.data, is_text=False)
            case WSMsgType.PING:
                await line.pong(message.data)
            case WSMsgType.CLOSE:
                if message.data and not may_be_sent(message.data):
                    await line.close(WSCloseCode.PROTOCOL_ERROR)
                    raise _no_websocket(authority, f"invalid close code {message.data}")
                await line.close(message.data or _NORMAL)
                yield WebSocketClosed(message.data or NO_CODE, message.extra or "")
                return


async def _next(
    queue: WebSocketDataQueue, line: OpenLine, authority: str, longest: int
) -> WSMessage | WSMessageTextBytes | None:
    """Return what comes next; None where a server answers our close by its leaving."""
    line.check()
    try:
        return await queue.read()
    except WebSocketError as error:
        await line.close(error.code)
        raise _broken(error, authority, longest) from error
    except SocketTimeoutError:
        raise HttpcliError(
            f"{authority}: timed out: no message came",
            hint="--timeout sets how long to wait",
            status=ExitStatus.TIMED_OUT,
        ) from None
    except (EofStream, ClientError, OSError):
        line.check()
        if line.closing:
            return None
        raise _vanished(authority) from None
    except Exception as error:
        # Each library that undoes compression has an error of its own.
        await line.close(WSCloseCode.INVALID_TEXT)
        raise _no_websocket(authority, "its compression is broken") from error


class OpenLine:
    """The sending end of a WebSocket (a ``Line``)."""

    def __init__(self, writer: WebSocketWriter, protocol: ResponseHandler, authority: str) -> None:
        self._writer = writer
        self._protocol = protocol
        self._authority = authority
        self._silent = True
        self._giving_up: asyncio.TimerHandle | None = None
        self.closing = False
        self._fault: BaseException | None = None

    async def send(self, data: bytes, *, text: bool) -> bool:
        if self.closing:
            return False
        try:
            await self._writer.send_frame(data, WSMsgType.TEXT if text else WSMsgType.BINARY)
        except (ClientError, OSError):
            return False  # who receives says why
        return True

    async def close(self, code: int = _NORMAL) -> None:
        if self.closing:
            return
        self.closing = True
        with suppress(ClientError, OSError):
            await self._writer.close(code)
        loop = asyncio.get_running_loop()
        self._giving_up = loop.call_later(_PATIENCE, self._protocol.abort)

    def fail(self, error: BaseException) -> None:
        self._fault = self._fault or error
        if self._protocol.transport is not None:
            self._protocol.transport.abort()

    def check(self) -> None:
        """Raise why it was broken off, if it was."""
        if self._fault is not None:
            raise self._fault

    def over(self) -> None:
        """Nothing more will come."""
        self.closing = True
        if self._giving_up is not None:
            self._giving_up.cancel()

    async def pong(self, data: bytes) -> None:
        """Answer a ping."""
        with suppress(ClientError, OSError):
            await self._writer.send_frame(data, WSMsgType.PONG)

    def heard(self) -> None:
        """Bytes came: the server is there."""
        self._silent = False

    async def beat(self, seconds: float) -> None:
        """Ask a silent server for a sign of life, and give up where none comes.

        Not aiohttp's heartbeat: that counts the time in which our own reader
        takes nothing, and nobody looks whether something came.
        """
        asked = False
        while True:
            self._silent = True
            await asyncio.sleep(seconds)
            if not self._silent:
                asked = False
            elif asked:
                self.fail(
                    HttpcliError(
                        f"{self._authority}: timed out: no answer to a ping in {seconds:g} s",
                        hint="--heartbeat sets how long to wait",
                        status=ExitStatus.TIMED_OUT,
                    )
                )
                return
            else:
                asked = True
                with suppress(ClientError, OSError):
                    await self._writer.send_frame(b"", WSMsgType.PING)


def _vanished(authority: str) -> HttpcliError:
    return HttpcliError(
        f"{authority}: the connection ended without a close", status=ExitStatus.INCOMPLETE
    )


def _broken(error: WebSocketError, authority: str, longest: int) -> HttpcliError:
    if error.code == 1009:
        return HttpcliError(
            f"{authority}: a message of more than {longest} bytes",
            hint="--ws-max-size sets how long one may be",
            status=ExitStatus.INCOMPLETE,
        )
    # What aiohttp quotes behind the colon is Python's way to write the server's bytes.
    told = str(error).partition(":")[0]
    return _no_websocket(authority, f"{told[:1].lower()}{told[1:]}")


def _no_websocket(authority: str, why: str) -> HttpcliError:
    return HttpcliError(
        f"{authority}: what came is no WebSocket: {why}", status=ExitStatus.INCOMPLETE
    )
