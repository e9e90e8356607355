"""Helpers that build the events of an exchange and return what a screen writes for them."""

from __future__ import annotations

from collections.abc import Iterable

from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Display
from httpcli.core.url import Url
from httpcli.output.screen import Screen

URL = Url("http", "h", path="/x")
ELAPSED = 0.015610017


def fields(*lines: str) -> Fields:
    """Parse ``Name: value`` lines into header fields."""
    pairs = (line.partition(": ") for line in lines)
    return Fields(Field(name, value) for name, _, value in pairs)


def request(*pieces: bytes, method: str = "GET", lines: Iterable[str] = ()) -> list[Event]:
    """Return the events of a request with this body."""
    head = RequestStarted(method, "/x", URL, fields("Host: h", *lines))
    return [head, *map(RequestChunk, pieces)]


def response(
    *pieces: bytes, lines: Iterable[str] = (), status: int = 200, is_followed: bool = False
) -> list[Event]:
    """Return the events of a response with this body."""
    reason = "OK" if status == 200 else "Found"
    head = ResponseStarted("1.1", status, reason, fields(*lines), URL, is_followed)
    return [head, *map(ResponseChunk, pieces), ResponseEnded(ELAPSED)]


def shown(display: Display, events: Iterable[Event]) -> bytes:
    """Return everything that a screen writes for these events."""
    parts: list[bytes] = []
    screen = Screen(display, parts.append)
    for event in events:
        screen.observe(event)
    screen.finish()
    return b"".join(parts)


def body(display: Display, *pieces: bytes, media: str = "text/plain") -> bytes:
    """Return what a screen writes for a response's body alone."""
    only = display._replace(parts=frozenset("b"))
    return shown(only, request() + response(*pieces, lines=[f"Content-Type: {media}"]))
