"""How fast content has to flow, and what is made of it on its way."""

from typing import NamedTuple


class Slowest(NamedTuple):
    """What brings fewer bytes a second than ``rate``, over ``window`` seconds, is given up."""

    rate: int
    window: float


class Passing(NamedTuple):
    """``tee``: the file for a copy of a response; ``hash``: an algorithm; empty for none."""

    tee: str = ""
    hash: str = ""
