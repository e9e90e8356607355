"""The br coding (RFC 7932), by the Brotli package.

Bytes behind the end of the stream are an error, as in curl: the library takes
them for a corrupt stream.
"""

from __future__ import annotations

from collections.abc import Iterator

import brotli

_LIMIT = 64 * 1024
"""Where the library stops to hand over; it may go over by half."""


class Brotli:
    """Undoes br."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are not br."""
        if not data:
            return
        self._begun = True
        waiting = data
        while True:
            try:
                piece = self._stream.process(waiting, output_buffer_limit=_LIMIT)
            except brotli.error:
                raise ValueError("the content is not valid br (Brotli)") from None
            if not piece:
                return
            yield piece
            # Asked until nothing comes: can_accept_more_data() is true while output waits.
            waiting = b""

    def flush(self) -> None:
        """Take note that the coded bytes have ended. Raises ValueError inside the stream."""
        if self._begun and not self._stream.is_finished():
            raise ValueError("the br (Brotli) content is cut short")


class BrotliEncoder:
    """Codes content as one Brotli stream (RFC 7932); gives the library the others' words."""

    def __init__(self) -> None:
        # The library's own default, 11, is for files that are compressed once and
        # for all: 50 times slower than a network wants.
        self._stream = brotli.Compressor(quality=5)

    def compress(self, data: bytes) -> bytes:
        coded: bytes = self._stream.process(data)
        return coded

    def flush(self) -> bytes:
        coded: bytes = self._stream.finish()
        return coded
