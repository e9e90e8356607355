"""zlib's loop, which gzip and deflate share; output comes in pieces of a bounded size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

PIECE = 256 * 1024
"""The most bytes that come out at a time, however far the input expands."""

_BLOCK = 16 * 1024


class Inflater(Protocol):
    """What this module uses of ``zlib.decompressobj``."""

    @property
    def eof(self) -> bool:
        """Whether the stream's end was seen."""

    @property
    def unconsumed_tail(self) -> bytes:
        """Input that waits because the output was cut at its limit."""

    @property
    def unused_data(self) -> bytes:
        """Input behind the end of the stream."""

    def decompress(self, data: bytes | memoryview, max_length: int = ..., /) -> bytes:
        """Give at most that many bytes. Raises zlib.error."""


def blocks(data: bytes) -> Iterator[memoryview]:
    """Cut input into blocks: zlib copies what waits, so a long input would cost its square."""
    view = memoryview(data)
    for start in range(0, len(data), _BLOCK):
        yield view[start : start + _BLOCK]


def inflate(inflater: Inflater, data: bytes | memoryview, coding: str) -> Iterator[bytes]:
    """Give all that the input stands for, or all up to the stream's end.

    Raises ValueError, naming the coding, where the input is corrupt.
    """
    waiting = data
    while True:
        try:
            piece = inflater.decompress(waiting, PIECE)
        except zlib.error as error:
            raise ValueError(f"the content is not valid {coding}: {error}") from None
        if piece:
            yield piece
        waiting = inflater.unconsumed_tail
        if inflater.eof or (not waiting and len(piece) < PIECE):
            return
