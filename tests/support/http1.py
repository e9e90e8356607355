"""Reads a whole response with our reader, in pieces of any size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
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


FRAGMENTS = (
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"\0",
    b"0",
    b"5",
    b"A",
    b"chunked",
    b"identity",
    b"gzip",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"HTTP/1.1 ",
    b"100 ",
    b"204 ",
    b"\x80",
)
"""Texts whose place matters to a reader of HTTP."""


def mutate(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return one of the responses with one to three changes."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 2, 3))):
        place = random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0:
                data[place:place] = random.choice(FRAGMENTS)
            case 1:
                del data[place : place + random.choice((1, 1, 2, 5))]
            case 2:
                data[place : place + 1] = bytes([random.randrange(256)])
            case 3:
                other = random.randrange(len(data) + 1)
                data[place:place] = data[min(place, other) : max(place, other)][:40]
            case _:
                second = random.choice(seeds)
                data[place:] = second[random.randrange(len(second)) :]
    return bytes(data)
