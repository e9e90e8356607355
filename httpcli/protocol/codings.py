"""Content-Encoding becomes one decoder: the coding applied last is undone first.

A coding that we do not know stops the undoing: the bytes go through as they
are from there on, and ``unknown`` says what still lies on them. That is what
HTTPie does and what a file named ``Content-Encoding: aws-chunked`` needs; it
is for the caller to tell the user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from httpcli.core.entry_points import load
from httpcli.protocol.coding_registry import CODINGS

if TYPE_CHECKING:
    from httpcli.core.interfaces import Decoder

_MOST = 5
"""Codings that are undone: each one multiplies what a hostile server makes us do."""


class Chain:
    """Undoes several codings in a row, without holding a whole layer.

    ``unknown`` is the rest of Content-Encoding that was not undone, ``""`` if none.
    No bytes at all (HEAD, 204, 304) are whole, whatever the codings.
    """

    def __init__(self, decoders: Sequence[Decoder], unknown: str = "") -> None:
        self._decoders = tuple(decoders)
        self.unknown = unknown

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are not of a coding."""
        pieces: Iterable[bytes] = (data,)
        for decoder in self._decoders:
            pieces = _through(decoder, pieces)
        yield from pieces

    def flush(self) -> None:
        """Take note that the coded bytes have ended. Raises ValueError where that is too early."""
        for decoder in self._decoders:
            decoder.flush()


def decoder_for(content_encoding: str | None) -> Chain | None:
    """Return what undoes this Content-Encoding; None where there is nothing to undo.

    ``content_encoding`` is the field's value, several lines joined by commas
    (RFC 9110, 5.3). Only the modules of the codings named are loaded.
    """
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    left = [name for name in names if name not in ("", "identity")]
    if not left:
        return None
    decoders: list[Decoder] = []
    while left and left[-1] in CODINGS and len(decoders) < _MOST:
        decoders.append(load(CODINGS[left.pop()])())
    return Chain(decoders, ", ".join(left))


def accepted() -> str:
    """Return the value of Accept-Encoding: what can be undone, by proper names; loads none."""
    return ", ".join(name for name in CODINGS if not name.startswith("x-"))


def _through(decoder: Decoder, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from decoder.feed(piece)
