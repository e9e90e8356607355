"""Brings a request's content to hand, as far as its framing depends on it.

What stdin holds decides whether there is a body at all, and a short one goes
with its length; a relayed source says its own; a short body that is to be
compressed is compressed here, where it can be seen whether it shrinks.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from httpcli.body.readers import BodyReaders, pieces
from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    CompressedBody,
    FormPart,
    MultipartBody,
    SpooledBody,
    StdinBody,
)
from httpcli.core.entry_points import load
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field
from httpcli.core.request import Request
from httpcli.protocol.coding_registry import ENCODERS
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpcli.core.interfaces import Send
    from httpcli.run_context import RunContext

_AT_HAND = 1024 * 1024
"""Bytes up to which a body is held to be compressed."""
_WAITING = "waiting for a body on standard input (type GET, or --ignore-stdin, to send none)"


class BodyPreparer:
    """The content of one request, from wherever it comes; closes what it opened.

    ``spool``: what can be read only once is copied to disk, so that it can be sent again.
    """

    def __init__(self, context: RunContext, *, spool: bool = False) -> None:
        self._means = context
        self._spool = spool
        self._sources = BodyReaders()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> BodyPreparer:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    def open(self, body: Body) -> AsyncIterator[bytes]:
        """Read a body, piece by piece. Raises HttpcliError."""
        return pieces(body, self._sources)

    async def ready(self, request: Request, send: Send) -> Request:
        """Return the request with its body as far at hand as its framing asks for.

        ``send`` fetches a relayed source. Raises HttpcliError.
        """
        match request.body:
            case StdinBody(length=None):
                request = await self._with_stdin(request)
            case StdinBody():
                self._open_stdin()
            case BodyFromUrl() as relay:
                request = await self._with_relay(request, relay, send)
            case MultipartBody(boundary, parts):
                filled = [await self._filled(part, request) for part in parts]
                request = request._replace(body=MultipartBody(boundary, tuple(filled)))
        if request.compression is not None:
            request = await self._compressed(request)
        body = request.body
        if not self._spool or body is None or body.replayable:
            return request
        return request._replace(body=self._kept(body))

    def _kept(self, body: Body) -> Body:
        """Return a body that can be sent again: what it was is copied while it is sent."""
        if isinstance(body, (BytesBody, SpooledBody)):
            return body
        from httpcli.storage.spool import folder

        where = folder(self._means.environment.env)
        from httpcli.storage.spool import BodyCopy

        copy = BodyCopy(self.open(body), where)
        self._stack.push_async_callback(copy.close)
        self._sources.copy = copy
        return SpooledBody(body)

    def _open_stdin(self) -> StandardInput:
        if self._sources.stdin is not None:
            raise UsageError("standard input can be sent only once")
        notices = self._means.notices
        fd = self._means.environment.stdin.fd
        self._sources.stdin = StandardInput(fd, lambda: notices.note(_WAITING))
        return self._sources.stdin

    async def _read_stdin(self, request: Request) -> BytesBody | StdinBody:
        """Return all of stdin where it is short, else its head.

        Who asks for chunked framing wants it to flow at once: the first byte
        tells that there is a body, and no more is waited for.
        """
        stdin = self._open_stdin()
        head = await (stdin.head(enough=1) if request.chunked else stdin.head())
        return BytesBody(head) if stdin.ended else StdinBody(head)

    async def _with_stdin(self, request: Request) -> Request:
        body = await self._read_stdin(request)
        if body != BytesBody(b""):
            return request._replace(body=body)
        without = self._means.plan_without_stdin().request
        # Where stdin was asked for by name, nothing is a body, too: an empty one.
        return without._replace(body=body) if isinstance(without.body, StdinBody) else without

    async def _filled(self, part: FormPart, request: Request) -> FormPart:
        if not isinstance(part.content, StdinBody):
            return part
        return part._replace(content=await self._read_stdin(request))

    async def _with_relay(self, request: Request, relay: BodyFromUrl, send: Send) -> Request:
        from httpcli.body.from_url import open_source

        source = await self._stack.enter_async_context(open_source(send, relay))
        self._sources.relayed = source.content()
        fields = request.fields
        if source.media_type is not None and "content-type" not in request.removed_defaults:
            fields = fields.with_defaults([Field("Content-Type", source.media_type)])
        return request._replace(body=relay._replace(length=source.length), fields=fields)

    async def _compressed(self, request: Request) -> Request:
        """Return the request compressed, or to be compressed while it is sent.

        A short body that would grow is left as it is, unless that is forced.
        """
        body, wish = request.body, request.compression
        if body is None or wish is None or isinstance(body, (CompressedBody, SpooledBody)):
            return request
        coded = request._replace(
            fields=request.fields.plus([Field("Content-Encoding", wish.coding)])
        )
        if body.length is None or body.length > _AT_HAND:
            return coded._replace(body=CompressedBody(body, wish.coding))
        if body.length == 0:
            return request
        plain = b"".join([piece async for piece in self.open(body)])
        encoder = load(ENCODERS[wish.coding])()
        small = encoder.compress(plain) + encoder.flush()
        if len(small) >= len(plain) and not wish.force:
            return request._replace(body=BytesBody(plain))
        return coded._replace(body=BytesBody(small))
