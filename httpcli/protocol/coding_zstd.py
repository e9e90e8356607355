"""The zstd coding (RFC 8878): one frame or several in a row, skippable ones included.

A frame may not ask for a window over 8 MiB (RFC 9659): the server does not
choose how much memory we take. What follows a frame must be another frame.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from httpcli.protocol.coding_inflate import PIECE, blocks

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from httpcli.core.interfaces import Encoder

_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class Zstd:
    """Undoes zstd. ``_frame`` is the one being read, None between frames."""

    def __init__(self) -> None:
        self._frame: zstd.ZstdDecompressor | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are not zstd."""
        for block in blocks(data):
            yield from self._frames(block)

    def _frames(self, block: bytes | memoryview) -> Iterator[bytes]:
        waiting = block
        while waiting:
            frame = self._frame = self._frame or zstd.ZstdDecompressor(options=_OPTIONS)
            yield from _decompress(frame, waiting)
            if not frame.eof:
                return
            self._frame = None
            waiting = frame.unused_data

    def flush(self) -> None:
        """Take note that the coded bytes have ended. Raises ValueError inside a frame."""
        if self._frame is not None:
            raise ValueError("the zstd content is cut short")


def _decompress(frame: zstd.ZstdDecompressor, data: bytes | memoryview) -> Iterator[bytes]:
    waiting = data
    while True:
        try:
            piece = frame.decompress(waiting, PIECE)
        except zstd.ZstdError as error:
            raise ValueError(f"the content is not valid zstd: {error}") from None
        if piece:
            yield piece
        if frame.eof or frame.needs_input:
            return
        waiting = b""


def encoder() -> Encoder:
    """Return what codes content as one Zstandard frame (RFC 8878)."""
    return zstd.ZstdCompressor()
