"""When a request is sent again: what the user said of it, and the words for it."""

from typing import NamedTuple

from httpcli.core.errors import CONNECT_FAILURE, DNS_FAILURE, TIMEOUT, TRUNCATED

EXPECT = "expect"

CONDITIONS = {
    DNS_FAILURE: "the name server did not answer",
    CONNECT_FAILURE: "refused, unreachable, or closed before an answer",
    TIMEOUT: "timed out, or slower than --min-rate",
    TRUNCATED: "the content ended too early",
    EXPECT: "an expectation does not hold yet",
}
"""What may pass by itself, by the words of ``--retry-on``; statuses are their digits there."""

RETRY_STATUSES = frozenset({"408", "425", "429", "500", "502", "503", "504", "522", "524"})

DEFAULT_CONDITIONS = RETRY_STATUSES | {DNS_FAILURE, CONNECT_FAILURE, TIMEOUT, TRUNCATED}


class RetryPolicy(NamedTuple):
    """How often and how long to try.

    ``most``: tries after the first one. ``delay``: seconds between two, None
    for a wait that doubles. ``within``: seconds from the first try, after which
    none begins (None: no limit). ``on``: digits of a status, ``5xx`` for a
    class, or one of WORDS. ``unsafe``: repeat also what may be done twice by it.
    """

    max_retries: int = 0
    delay: float | None = None
    max_time: float | None = 600.0
    conditions: frozenset[str] = DEFAULT_CONDITIONS
    retry_unsafe: bool = False

    def covers(self, kind: str) -> bool:
        """Tell whether that status, or that word, is tried again.

        >>> Retry(on=frozenset({"5xx"})).covers("503")
        True
        """
        return kind in self.conditions or (kind.isdigit() and f"{kind[:1]}xx" in self.conditions)
