"""Reads the bytes of a prepared body, piece by piece, each time the request is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    CompressedBody,
    FileBody,
    MultipartBody,
    SpooledBody,
    StdinBody,
)
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.protocol.codings import ENCODERS

if TYPE_CHECKING:
    from httpcli.core.interfaces import Encoder
    from httpcli.storage.spool import BodyCopy
    from httpcli.terminal.stdin import StandardInput

_PIECE = 256 * 1024


class BodyReaders:
    """Reads bodies; holds what ``BodyPreparer`` opened for them."""

    def __init__(self) -> None:
        self.stdin: StandardInput | None = None
        """Standard input, if the body or a part of it comes from there."""
        self.source: AsyncIterator[bytes] | None = None
        """The content of the response that is sent as the body, if it is one."""
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
    """Yield ``size`` bytes; hold each piece until the next one or the end has come.

    Raises HttpcliError with the status LOCAL if there are more or fewer bytes. Their number was
    announced, so the last piece is withheld: the server must not take the body for complete.
    """
    left = size
    held = b""
    async for piece in pieces:
        if held:
            yield held
        held = piece
        left -= len(piece)
        if left < 0:
            raise _size_changed(name, "grew")
    if left:
        raise _size_changed(name, f"shrank by {left} bytes")
    if held:
        yield held


def _size_changed(name: str, how: str) -> HttpcliError:
    return HttpcliError(
        f"{name}: {how} while it was sent",
        hint="send a copy, or pipe it in: cat FILE | httpcli POST URL",
        status=ExitStatus.LOCAL,
    )
