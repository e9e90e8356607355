"""How an event stream is listened to."""

from typing import NamedTuple


class Listening(NamedTuple):
    """``reconnects``: a stream that ended is asked for again. ``most``: events, 0 for no limit."""

    reconnects: bool = False
    most: int = 0
