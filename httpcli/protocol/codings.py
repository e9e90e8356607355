"""Content codings (RFC 9110, 8.4.1): decoders for responses and encoders for requests.

Decoders yield pieces of a limited size, so that a small response cannot fill the memory. A
coding that is not in CODINGS is not decoded, as in HTTPie. Libraries are imported in
the functions that use them, because most responses are not encoded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from httpcli.core.limits import MAX_CODINGS

if TYPE_CHECKING:
    from zlib import _Decompress

    from httpcli.core.interfaces import Decoder, Encoder

    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdDecompressor
    else:
        from backports.zstd import ZstdDecompressor

_PIECE = 256 * 1024
"""The size limit of a decoded piece in bytes."""
_BLOCK = 16 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW_BITS = 31
"""15, the largest window, and 16 for the gzip format."""
_BROTLI_PIECE = 64 * 1024
"""The size limit of a piece for the library, which may exceed it by half."""
_ZSTD_WINDOW_LOG = 23
"""Windows of up to 8 MiB (RFC 9659): the server does not choose how much memory is used."""


class ContentDecoder:
    """Decodes one or more codings, piece by piece.

    A body without any bytes (HEAD, 204, 304) is complete, whatever its codings.
    """

    def __init__(self, decoders: Sequence[Decoder], unknown: str = "") -> None:
        self._decoders = tuple(decoders)
        self.unknown = unknown
        """The part of Content-Encoding that is not decoded; empty if all codings are."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""
        pieces: Iterable[bytes] = (data,)
        for decoder in self._decoders:
            pieces = _feed_all(decoder, pieces)
        yield from pieces

    def flush(self) -> None:
        """End the content. Raises ValueError if it is incomplete."""
        for decoder in self._decoders:
            decoder.flush()


def _feed_all(decoder: Decoder, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from decoder.feed(piece)


def decoder_for(content_encoding: str | None) -> ContentDecoder | None:
    """Return the decoder for a Content-Encoding; None if it has no coding.

    ``content_encoding`` is the header's value; several headers are joined by commas
    (RFC 9110, 5.3). The coding that was applied last is decoded first.
    """
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    remaining = [name for name in names if name not in ("", "identity")]
    if not remaining:
        return None
    decoders: list[Decoder] = []
    while remaining and remaining[-1] in CODINGS and len(decoders) < MAX_CODINGS:
        decoders.append(CODINGS[remaining.pop()]())
    return ContentDecoder(decoders, ", ".join(remaining))


def accepted() -> str:
    """Return the value of Accept-Encoding."""
    return ", ".join(name for name in CODINGS if not name.startswith("x-"))


# gzip and deflate


class GzipDecoder:
    """Decodes gzip (RFC 1952): one member or several in a row.

    Bytes after a member that do not begin another one are ignored, as in browsers and
    gzip: some servers add padding.
    """

    def __init__(self) -> None:
        self._member: _Decompress | None = None  # None between members
        self._head = b""  # the first byte of a member, until the second one arrives
        self._members = 0
        self._padding = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""
        for block in _blocks(data):
            waiting = bytes(block)
            while waiting and not self._padding:
                if self._member is None:
                    waiting = self._begin_member(waiting)
                if self._member is not None:
                    member = self._member
                    yield from _inflate(member, waiting, "gzip")
                    waiting = self._end_member(member)

    def flush(self) -> None:
        """End the content. Raises ValueError inside a member."""
        if self._member is not None or self._head:
            raise ValueError("the gzip data is truncated")

    def _begin_member(self, waiting: bytes) -> bytes:
        """Begin the next member if its first two bytes are known; return the bytes to decode."""
        start = self._head + waiting
        self._head = b""
        if start == _GZIP_MAGIC[:1]:
            self._head = start
            return b""
        if self._members and not start.startswith(_GZIP_MAGIC):
            self._padding = True
            return b""
        import zlib

        self._member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        self._members += 1
        return start

    def _end_member(self, member: _Decompress) -> bytes:
        """End the member if it is complete; return the bytes after it."""
        if not member.eof:
            return b""
        self._member = None
        return member.unused_data


class DeflateDecoder:
    """Decodes deflate: in the zlib format (RFC 9110, 8.4.1.2), or raw, as some servers send it.

    Bytes after the end of the stream are ignored, as in browsers.
    """

    def __init__(self) -> None:
        self._stream: _Decompress | None = None
        self._head = b""  # the first byte, until the second one arrives

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""
        if self._stream is None:
            data = self._head + data
            self._head = data[:1]
            if len(data) < 2:
                return
            import zlib

            self._stream = zlib.decompressobj(_deflate_window_bits(data))
        for block in _blocks(data):
            if self._stream.eof:
                return
            yield from _inflate(self._stream, block, "deflate")

    def flush(self) -> None:
        """End the content. Raises ValueError inside the stream."""
        if self._head and (self._stream is None or not self._stream.eof):
            raise ValueError("the deflate data is truncated")


def _deflate_window_bits(head: bytes) -> int:
    """Return the ``wbits`` of zlib for data with a zlib header (RFC 1950, 2.2), or for raw data.

    A raw stream that begins like a zlib header would begin with a stored block whose
    padding bits are not zero, which no encoder writes.
    """
    has_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return 15 if has_header else -15


def _blocks(data: bytes) -> Iterator[memoryview]:
    """Yield the input in blocks: zlib copies its unread input each time, which is quadratic."""
    view = memoryview(data)
    for start in range(0, len(data), _BLOCK):
        yield view[start : start + _BLOCK]


def _inflate(stream: _Decompress, data: bytes | memoryview, coding: str) -> Iterator[bytes]:
    """Yield the decoded input, up to the stream's end. Raises ValueError for invalid data."""
    import zlib

    waiting = data
    while True:
        try:
            piece = stream.decompress(waiting, _PIECE)
        except zlib.error as error:
            raise ValueError(f"invalid {coding} data: {error}") from None
        if piece:
            yield piece
        waiting = stream.unconsumed_tail
        if stream.eof or (not waiting and len(piece) < _PIECE):
            return


def gzip_encoder() -> Encoder:
    """Return an encoder for one gzip member (RFC 1952) without a file name and a time."""
    import zlib

    return zlib.compressobj(wbits=_GZIP_WINDOW_BITS)


def deflate_encoder() -> Encoder:
    """Return an encoder for the zlib format, as RFC 9110, 8.4.1.2 requires."""
    import zlib

    return zlib.compressobj()


# br (Brotli)


class BrotliDecoder:
    """Decodes br (RFC 7932).

    Bytes after the end of the stream are an error, as in curl: the library reports a
    corrupt stream.
    """

    def __init__(self) -> None:
        import brotli

        self._error: type[Exception] = brotli.error
        self._stream = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""
        if not data:
            return
        self._started = True
        waiting = data
        while True:
            try:
                piece = self._stream.process(waiting, output_buffer_limit=_BROTLI_PIECE)
            except self._error:
                raise ValueError("invalid br (Brotli) data") from None
            if not piece:
                return
            yield piece
            # can_accept_more_data() can be true while there is more output.
            waiting = b""

    def flush(self) -> None:
        """End the content. Raises ValueError inside the stream."""
        if self._started and not self._stream.is_finished():
            raise ValueError("the br (Brotli) data is truncated")


class BrotliEncoder:
    """Encodes to one Brotli stream (RFC 7932)."""

    def __init__(self) -> None:
        import brotli

        # The library's default, 11, is 50 times slower: for files that are compressed once.
        self._stream = brotli.Compressor(quality=5)

    def compress(self, data: bytes) -> bytes:
        """Take plain bytes; return encoded ones."""
        encoded: bytes = self._stream.process(data)
        return encoded

    def flush(self) -> bytes:
        """End the content; return the rest of the encoded bytes."""
        encoded: bytes = self._stream.finish()
        return encoded


# zstd


class ZstdDecoder:
    """Decodes zstd (RFC 8878): one frame or several in a row, skippable ones included.

    Bytes after a frame must be another frame.
    """

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._new_frame = partial(zstd.ZstdDecompressor, options=options)
        self._error = zstd.ZstdError
        self._frame: ZstdDecompressor | None = None  # None between frames

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""
        for block in _blocks(data):
            yield from self._feed_block(block)

    def _feed_block(self, block: bytes | memoryview) -> Iterator[bytes]:
        waiting = block
        while waiting:
            frame = self._frame = self._frame or self._new_frame()
            yield from self._decompress(frame, waiting)
            if not frame.eof:
                return
            self._frame = None
            waiting = frame.unused_data

    def _decompress(self, frame: ZstdDecompressor, data: bytes | memoryview) -> Iterator[bytes]:
        waiting = data
        while True:
            try:
                piece = frame.decompress(waiting, _PIECE)
            except self._error as error:
                raise ValueError(f"invalid zstd data: {error}") from None
            if piece:
                yield piece
            if frame.eof or frame.needs_input:
                return
            waiting = b""

    def flush(self) -> None:
        """End the content. Raises ValueError inside a frame."""
        if self._frame is not None:
            raise ValueError("the zstd data is truncated")


def zstd_encoder() -> Encoder:
    """Return an encoder for one Zstandard frame (RFC 8878)."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return zstd.ZstdCompressor()


CODINGS: dict[str, Callable[[], Decoder]] = {
    "gzip": GzipDecoder,
    "x-gzip": GzipDecoder,
    "deflate": DeflateDecoder,
    "br": BrotliDecoder,
    "zstd": ZstdDecoder,
}
"""Decoders by the coding's name, in the order of Accept-Encoding.

``identity`` is not listed: it does nothing, and no server should send it.
"""

ENCODERS: dict[str, Callable[[], Encoder]] = {
    "deflate": deflate_encoder,
    "gzip": gzip_encoder,
    "br": BrotliEncoder,
    "zstd": zstd_encoder,
}
"""Encoders by the coding's name; the first one is the default of ``--compress``."""
