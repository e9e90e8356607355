"""The deflate coding: the zlib format (RFC 9110, 8.4.1.2), or bare deflate as some servers send.

What follows the end of the stream is not looked at, as in browsers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from httpcli.protocol.coding_inflate import Inflater, blocks, inflate

if TYPE_CHECKING:
    from httpcli.core.interfaces import Encoder


class Deflate:
    """Undoes deflate; the first two bytes tell which of the two formats it is."""

    def __init__(self) -> None:
        self._stream: Inflater | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are neither format."""
        if self._stream is None:
            data = self._head + data
            self._head = data[:1]
            if len(data) < 2:
                return
            self._stream = zlib.decompressobj(_window_bits(data))
        for block in blocks(data):
            if self._stream.eof:
                return
            yield from inflate(self._stream, block, "deflate")

    def flush(self) -> None:
        """Take note that the coded bytes have ended. Raises ValueError inside the stream."""
        if self._head and (self._stream is None or not self._stream.eof):
            raise ValueError("the deflate content is cut short")


def _window_bits(head: bytes) -> int:
    """Tell zlib's header (RFC 1950, 2.2) from bare deflate, which zlib asks for by a minus.

    A bare stream whose first byte looks like that header would begin with a
    stored block whose padding bits are not zero; no encoder writes that.
    """
    has_header = head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def encoder() -> Encoder:
    """Return what codes content as deflate: in the zlib format, as RFC 9110, 8.4.1.2 says."""
    return zlib.compressobj()
