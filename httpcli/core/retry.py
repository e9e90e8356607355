"""When a request is sent again: what the user said of it, and the words for it."""

from typing import NamedTuple

from httpcli.core.errors import CONNECT, NAME, TIMEOUT, TRUNCATED

EXPECT = "expect"

WORDS = {
    NAME: "the name server did not answer",
    CONNECT: "refused, unreachable, or closed before an answer",
    TIMEOUT: "timed out, or slower than --min-rate",
    TRUNCATED: "the content ended too early",
    EXPECT: "an expectation does not hold yet",
}
"""What may pass by itself, by the words of ``--retry-on``; statuses are their digits there."""

STATUSES = frozenset({"408", "425", "429", "500", "502", "503", "504", "522", "524"})

BY_DEFAULT = STATUSES | {NAME, CONNECT, TIMEOUT, TRUNCATED}


class Retry(NamedTuple):
    """How often and how long to try.

    ``most``: tries after the first one. ``delay``: seconds between two, None
    for a wait that doubles. ``within``: seconds from the first try, after which
    none begins (None: no limit). ``on``: digits of a status, ``5xx`` for a
    class, or one of WORDS. ``unsafe``: repeat also what may be done twice by it.
    """

    most: int = 0
    delay: float | None = None
    within: float | None = 600.0
    on: frozenset[str] = BY_DEFAULT
    unsafe: bool = False

    def covers(self, kind: str) -> bool:
        """Tell whether that status, or that word, is tried again.

        >>> Retry(on=frozenset({"5xx"})).covers("503")
        True
        """
        return kind in self.on or (kind.isdigit() and f"{kind[:1]}xx" in self.on)
