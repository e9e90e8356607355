"""Prepares the body of a request: once, before the request is sent for the first time.

The steps, in this order:

1. Open a body that can be read only once: standard input, or the response of another URL. A
   short standard input is read to its end here, so that it is sent with its length.
2. Compress, if the plan requires it: a short body here, to see whether it shrinks; a long one
   while it is sent.
3. Spool, if the plan requires it: a body that can be read only once is copied to disk while it
   is sent, so that a redirect or retry can send it again.

The prepared request describes its body with the values of ``core.body``. Each time it is sent,
the transport opens the body with ``BodyPreparer.open`` and reads it piece by piece.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    CompressedBody,
    FileBody,
    FormPart,
    MultipartBody,
    SpooledBody,
    StdinBody,
)
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.core.request import Request
from httpcli.protocol.codings import ENCODERS
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpcli.core.interfaces import Encoder, Send
    from httpcli.run_context import RunContext
    from httpcli.storage.spool import BodyCopy

_MAX_IN_MEMORY = 1024 * 1024
"""Bytes up to which a body is compressed before it is sent."""
_PIECE = 256 * 1024
"""Bytes that are sent at once."""
_WAITING = "waiting for the body on standard input (to send none: type GET, or use --ignore-stdin)"


class BodyPreparer:
    """Prepares and opens the body of one request; closes its files when the block ends.

    ``spool``: whether to copy a body that can be read only once to disk, to send it again.
    """

    def __init__(self, context: RunContext, *, spool: bool = False) -> None:
        self._context = context
        self._spool = spool
        self._reader = BodyReader()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> BodyPreparer:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    def open(self, body: Body) -> AsyncIterator[bytes]:
        """Read a prepared body piece by piece. Raises HttpcliError."""
        return self._reader.read(body)

    async def prepare(self, request: Request, send: Send) -> Request:
        """Return the request with its prepared body, and the headers that depend on it.

        ``send`` fetches a body from another URL. Raises HttpcliError.
        """
        request = await self._opened(request, send)
        if request.compression is not None:
            request = await self._compressed(request)
        return self._spooled(request) if self._spool else request

    async def _opened(self, request: Request, send: Send) -> Request:
        """Open standard input or the source, and return the request.

        A short standard input is read completely.
        """
        match request.body:
            case StdinBody(length=None):
                return await self._with_stdin(request)
            case StdinBody():
                self._open_stdin()
            case BodyFromUrl() as body:
                return await self._with_source(request, body, send)
            case MultipartBody(boundary, parts):
                read = [await self._with_part_read(part, request) for part in parts]
                return request._replace(body=MultipartBody(boundary, tuple(read)))
        return request

    def _open_stdin(self) -> StandardInput:
        if self._reader.stdin is not None:
            raise UsageError("standard input can be sent only once")
        notices = self._context.notices
        fd = self._context.environment.stdin.fd
        self._reader.stdin = StandardInput(fd, lambda: notices.note(_WAITING))
        return self._reader.stdin

    async def _read_stdin(self, request: Request) -> BytesBody | StdinBody:
        """Return all of standard input if it is short, else its beginning.

        With chunked framing it is sent as it arrives: only the first byte is waited for, which
        shows that there is a body.
        """
        stdin = self._open_stdin()
        head = await (stdin.head(min_size=1) if request.chunked else stdin.head())
        return BytesBody(head) if stdin.ended else StdinBody(head)

    async def _with_stdin(self, request: Request) -> Request:
        body = await self._read_stdin(request)
        if body != BytesBody(b""):
            return request._replace(body=body)
        without = self._context.plan_without_stdin().request
        # An explicit @- is a body even if it is empty.
        return without._replace(body=body) if isinstance(without.body, StdinBody) else without

    async def _with_part_read(self, part: FormPart, request: Request) -> FormPart:
        if not isinstance(part.content, StdinBody):
            return part
        return part._replace(content=await self._read_stdin(request))

    async def _with_source(self, request: Request, body: BodyFromUrl, send: Send) -> Request:
        """Return the request with the length and the type of the source's response."""
        from httpcli.body.from_url import open_source

        source = await self._stack.enter_async_context(open_source(send, body))
        self._reader.source = source.body()
        fields = request.fields
        if source.media_type is not None and "content-type" not in request.removed_defaults:
            fields = fields.with_defaults([Field("Content-Type", source.media_type)])
        return request._replace(body=body._replace(length=source.length), fields=fields)

    async def _compressed(self, request: Request) -> Request:
        """Return the request with its body compressed, or to be compressed while it is sent.

        A short body that would grow is sent uncompressed, unless compression is forced.
        """
        body, compression = request.body, request.compression
        if body is None or compression is None or isinstance(body, (CompressedBody, SpooledBody)):
            return request
        from httpcli.protocol.redirects import body_has_secret

        compressed = request._replace(
            fields=request.fields.plus([Field("Content-Encoding", compression.coding)]),
            has_secret_body=body_has_secret(request),
        )
        if body.length is None or body.length > _MAX_IN_MEMORY:
            return compressed._replace(body=CompressedBody(body, compression.coding))
        if body.length == 0:
            return request
        plain = b"".join([piece async for piece in self.open(body)])
        encoder = ENCODERS[compression.coding]()
        data = encoder.compress(plain) + encoder.flush()
        if len(data) >= len(plain) and not compression.force:
            return request._replace(body=BytesBody(plain))
        return compressed._replace(body=BytesBody(data))

    def _spooled(self, request: Request) -> Request:
        """Return the request with a body that can be sent again."""
        body = request.body
        if body is None or body.replayable or isinstance(body, (BytesBody, SpooledBody)):
            return request
        from httpcli.storage.spool import BodyCopy, spool_directory

        copy = BodyCopy(self.open(body), spool_directory(self._context.environment.env))
        self._stack.push_async_callback(copy.close)
        self._reader.copy = copy
        return request._replace(body=SpooledBody(body))


class BodyReader:
    """Reads a prepared body, each time it is sent, from sources that ``BodyPreparer`` opened."""

    def __init__(self) -> None:
        self.stdin: StandardInput | None = None
        """Standard input, if the body or a part of it is read from there."""
        self.source: AsyncIterator[bytes] | None = None
        """The body of the response of another URL, if that is sent."""
        self.copy: BodyCopy | None = None
        """The copy on disk of a body that is spooled."""

    def read(self, body: Body) -> AsyncIterator[bytes]:
        """Read a body piece by piece. Raises HttpcliError."""
        match body:
            case BytesBody(data):
                return _cut(data)
            case FileBody(path, size):
                return _read_file(path, size)
            case StdinBody(head, int(size)):
                return _exactly(size, "standard input", self._read_stdin(head))
            case StdinBody(head):
                return self._read_stdin(head)
            case BodyFromUrl():
                return self._read_source()
            case MultipartBody():
                return self._read_parts(body)
            case CompressedBody(plain, coding):
                return _compress(self.read(plain), coding)
            case SpooledBody():
                if self.copy is None:
                    raise AssertionError("a spooled body has no copy")
                return self.copy.pieces()

    async def _read_stdin(self, head: bytes) -> AsyncIterator[bytes]:
        async for piece in _cut(head):
            yield piece
        if self.stdin is not None:
            async for piece in self.stdin.rest():
                yield piece

    async def _read_source(self) -> AsyncIterator[bytes]:
        if self.source is not None:
            async for piece in self.source:
                yield piece

    async def _read_parts(self, body: MultipartBody) -> AsyncIterator[bytes]:
        for part in body.parts:
            yield body.delimiter + part.head + b"\r\n\r\n"
            async for piece in self.read(part.content):
                yield piece
            yield b"\r\n"
        yield body.end


async def _cut(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


def _read_file(path: str, size: int | None) -> AsyncIterator[bytes]:
    from httpcli.storage.upload_reader import read_upload

    pieces = read_upload(path, is_regular=size is not None)
    return pieces if size is None else _exactly(size, path, pieces)


async def _compress(pieces: AsyncIterator[bytes], coding: str) -> AsyncIterator[bytes]:
    encoder: Encoder = ENCODERS[coding]()
    async for piece in pieces:
        if compressed := encoder.compress(piece):
            yield compressed
    yield encoder.flush()


async def _exactly(size: int, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield ``size`` bytes; hold each piece until the next one or the end arrives.

    Raises HttpcliError with the status LOCAL if there are more or fewer bytes. Their number was
    announced, so the last piece is withheld: the server must not treat the body as complete.
    """
    remaining = size
    held = b""
    async for piece in pieces:
        if held:
            yield held
        held = piece
        remaining -= len(piece)
        if remaining < 0:
            raise _size_changed(name, "grew")
    if remaining:
        raise _size_changed(name, f"shrank by {remaining} bytes")
    if held:
        yield held


def _size_changed(name: str, how: str) -> HttpcliError:
    return HttpcliError(
        f"{name}: the file {how} while it was being sent",
        hint="send a copy, or use a pipe: cat FILE | httpcli POST URL",
        status=ExitStatus.LOCAL,
    )
