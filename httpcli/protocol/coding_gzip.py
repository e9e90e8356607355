"""The gzip coding (RFC 1952): one member or several in a row.

What follows a whole member and does not begin another one is not looked at,
as browsers and gzip itself do: some servers pad.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from httpcli.protocol.coding_inflate import Inflater, blocks, inflate

if TYPE_CHECKING:
    from httpcli.core.interfaces import Encoder

_MAGIC = b"\x1f\x8b"
_GZIP_ONLY = 16 + zlib.MAX_WBITS


class Gzip:
    """Undoes gzip. Between members ``_member`` is None and ``_head`` holds up to one byte."""

    def __init__(self) -> None:
        self._member: Inflater | None = None
        self._head = b""
        self._members = 0
        self._padding = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are not gzip."""
        for block in blocks(data):
            waiting = bytes(block)
            while waiting and not self._padding:
                if self._member is None:
                    waiting = self._begin(waiting)
                if self._member is not None:
                    member = self._member
                    yield from inflate(member, waiting, "gzip")
                    waiting = self._end(member)

    def flush(self) -> None:
        """Take note that the coded bytes have ended. Raises ValueError inside a member."""
        if self._member is not None or self._head:
            raise ValueError("the gzip content is cut short")

    def _begin(self, waiting: bytes) -> bytes:
        """Open the next member once its two first bytes are there; give what it is fed."""
        start = self._head + waiting
        self._head = b""
        if start == _MAGIC[:1]:
            self._head = start
            return b""
        if self._members and not start.startswith(_MAGIC):
            self._padding = True
            return b""
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self._members += 1
        return start

    def _end(self, member: Inflater) -> bytes:
        """Close the member where it is whole; give the bytes behind it."""
        if not member.eof:
            return b""
        self._member = None
        return member.unused_data


def encoder() -> Encoder:
    """Return what codes content as one gzip member (RFC 1952), without a name or time in it."""
    return zlib.compressobj(wbits=_GZIP_ONLY)
