"""One request and what came of it, as the reports tell it: plain data."""

from typing import NamedTuple

from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.timings import Timings


class Content(NamedTuple):
    """What is known of a message's content: its length, and the beginning of it.

    ``size`` is in bytes, content codings undone; ``data`` holds no more of them
    than was asked for, and ``whole`` tells whether it holds them all.
    """

    size: int = 0
    data: bytes = b""
    whole: bool = True


class Exchange(NamedTuple):
    """One request on the wire, the last one or not: a redirect's, a challenge's, a failed try.

    ``response``: None where none came. ``error`` says what went wrong, empty
    where nothing did; ``whole``: all of the response's content was received.
    ``transferred``: how many bytes that were with codings, None where nobody counted.
    """

    request: RequestStarted
    sent: Content
    response: ResponseStarted | None
    received: Content
    timings: Timings
    error: str = ""
    whole: bool = True
    transferred: int | None = None

    @property
    def length(self) -> float:
        """How long it took, in seconds."""
        return self.timings.ended or 0.0


class Row(NamedTuple):
    """An exchange in the timeline: what was asked; a status, ``failed`` or ``-``; the times."""

    what: str
    result: str
    timings: Timings
