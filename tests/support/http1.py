"""Reads a whole response with our reader, in pieces of any size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from httpcli.core.limits import MAX_HEADER_SIZE, MAX_HEADERS
from httpcli.protocol.http1_head import Ended, Event, Head, Http1Error, Upgraded
from httpcli.protocol.http1_reader import ResponseReader


class Outcome(NamedTuple):
    """What was read from a connection that the server then closed."""

    heads: tuple[Head, ...]
    content: bytes
    ended: bool
    """Whether the response was complete."""
    trailers: tuple[tuple[str, str], ...]
    upgraded: bytes | None
    """The first bytes of another protocol; None without an upgrade."""
    problem: str
    """Why the response could not be read; empty if it could."""
    surplus: int
    is_reusable: bool
    """Whether the connection could be used again, before the server closed it."""

    @property
    def status(self) -> int:
        """The status of the last head."""
        return self.heads[-1].status

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values of the last head."""
        return [(field.name, field.value) for field in self.heads[-1].fields]


def read_all(
    pieces: Iterable[bytes],
    max_header_size: int = MAX_HEADER_SIZE,
    max_headers: int = MAX_HEADERS,
    *,
    has_no_content: bool = False,
    opens_tunnel: bool = False,
) -> Outcome:
    """Return what the reader makes of these pieces and of the end of the connection."""
    reader = ResponseReader(
        max_header_size, max_headers, has_no_content=has_no_content, opens_tunnel=opens_tunnel
    )
    events: list[Event] = []
    problem = ""
    try:
        for piece in pieces:
            events += reader.feed(piece)
        is_reusable = reader.is_reusable and reader.is_done
        if not any(isinstance(event, Upgraded) for event in events):
            events += reader.end_of_input()
    except Http1Error as error:
        events += error.events
        problem, is_reusable = error.problem, False
    ends = [event for event in events if isinstance(event, Ended)]
    upgrades = [event.received for event in events if isinstance(event, Upgraded)]
    return Outcome(
        tuple(event for event in events if isinstance(event, Head)),
        b"".join(event for event in events if isinstance(event, bytes)),
        bool(ends),
        tuple((field.name, field.value) for end in ends for field in end.trailers),
        upgrades[0] if upgrades else None,
        problem,
        reader.surplus,
        is_reusable,
    )


def in_pieces(data: bytes, size: int) -> list[bytes]:
    """Split bytes into pieces of that size."""
    return [data[start : start + size] for start in range(0, len(data), size)]
