"""Opens a request's body: where it lies is one thing, sending it another."""

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
from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.protocol.coding_registry import ENCODERS
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from httpcli.core.interfaces import Encoder
    from httpcli.storage.spool import BodyCopy


_PIECE = 256 * 1024


class BodyReaders:
    """What is open of the places where content comes from."""

    def __init__(self) -> None:
        self.stdin: StandardInput | None = None
        self.relayed: AsyncIterator[bytes] | None = None
        self.copy: BodyCopy | None = None


def pieces(body: Body, sources: BodyReaders) -> AsyncIterator[bytes]:
    """Read any body, piece by piece. Raises HttpcliError."""
    match body:
        case BytesBody(data):
            return _cut(data)
        case FileBody(path, size):
            return _file(path, size)
        case StdinBody(head, int(size)):
            return _exactly(size, "standard input", _standard_input(head, sources))
        case StdinBody(head):
            return _standard_input(head, sources)
        case BodyFromUrl():
            return _relayed(sources)
        case MultipartBody():
            return _parts(body, sources)
        case CompressedBody(inner, coding):
            return _compressed(pieces(inner, sources), coding)
        case SpooledBody():
            if sources.copy is None:
                raise AssertionError("nobody made a copy of a body that is kept")
            return sources.copy.pieces()


async def _cut(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


def _file(path: str, size: int | None) -> AsyncIterator[bytes]:
    from httpcli.storage.upload_reader import file_pieces

    pieces = file_pieces(path, stored=size is not None)
    return pieces if size is None else _exactly(size, path, pieces)


async def _standard_input(head: bytes, sources: BodyReaders) -> AsyncIterator[bytes]:
    async for piece in _cut(head):
        yield piece
    if sources.stdin is not None:
        async for piece in sources.stdin.rest():
            yield piece


async def _relayed(sources: BodyReaders) -> AsyncIterator[bytes]:
    if sources.relayed is not None:
        async for piece in sources.relayed:
            yield piece


async def _parts(body: MultipartBody, sources: BodyReaders) -> AsyncIterator[bytes]:
    for part in body.parts:
        yield body.delimiter + part.head + b"\r\n\r\n"
        async for piece in pieces(part.content, sources):
            yield piece
        yield b"\r\n"
    yield body.end


async def _compressed(plain: AsyncIterator[bytes], coding: str) -> AsyncIterator[bytes]:
    encoder: Encoder = load(ENCODERS[coding])()
    async for piece in plain:
        if coded := encoder.compress(piece):
            yield coded
    yield encoder.flush()


async def _exactly(size: int, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass ``size`` bytes on, the last piece only once the end is there.

    Raises HttpcliError with status LOCAL where there are more or fewer: the
    length was announced, and a body that only looks whole must not arrive.
    """
    left = size
    held = b""
    async for piece in pieces:
        if held:
            yield held
        held = piece
        left -= len(piece)
        if left < 0:
            raise _changed(name, "grew")
    if left:
        raise _changed(name, f"shrank by {left} bytes")
    if held:
        yield held


def _changed(name: str, how: str) -> HttpcliError:
    return HttpcliError(
        f"{name}: {how} while it was sent",
        hint="send a copy, or pipe it in: cat FILE | httpcli POST URL",
        status=ExitStatus.LOCAL,
    )
