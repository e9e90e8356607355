"""The exit contract: one number for each class of outcome, stable for ever.

``--help`` and the README's table say what stands here; a test compares them.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from httpcli.core.expectation import CheckResult


class ExitStatus(IntEnum):
    """What the process tells its caller; HTTPie's numbers, extended above 9."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> "ExitStatus":
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    OK = 0, "a response arrived"
    FAILED = 1, "any other failure"
    TIMED_OUT = 2, "timed out (connect, read, total)"
    REDIRECTED = 3, "--check-status: 3xx, when not following"
    CLIENT_ERROR = 4, "--check-status: 4xx"
    SERVER_ERROR = 5, "--check-status: 5xx"
    TOO_MANY_REDIRECTS = 6, "too many redirects"
    USAGE = 10, "the command line is wrong; nothing was sent"
    NAME_NOT_RESOLVED = 11, "the host name was not resolved"
    NOT_CONNECTED = 12, "refused, unreachable, or reset before a response"
    INCOMPLETE = 13, "incomplete or corrupt content"
    TLS = 14, "TLS: certificate or handshake"
    PROXY = 15, "the proxy refused or failed"
    EXPECTATION = 16, "an expectation failed"
    LOCAL = 17, "local file or disk"
    INTERRUPTED = 130, "Ctrl-C"
    CLOSED_PIPE = 141, "the reader closed the pipe"


class Outcome(NamedTuple):
    """How a run came out, and why: one line without an end, empty for success.

    ``file``: the name of what was saved, empty where nothing was to be.
    ``findings``: how each expectation came out, where there were any.
    """

    status: ExitStatus
    reason: str = ""
    saved_file: str = ""
    check_results: "tuple[CheckResult, ...]" = ()


_WORST_FIRST = (1, 10, 11, 12, 13, 14, 15, 17, 2, 6, 5, 4, 3, 16, 0)
"""Of several outcomes the worst decides; what ended the run (130, 141) comes before all."""


def worst_status(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Return the status that several outcomes together end with; OK for none."""
    order = {number: place for place, number in enumerate(_WORST_FIRST)}
    return min(statuses, key=lambda status: order.get(status, -1), default=ExitStatus.OK)


def exit_status_for(status: int, *, following: bool) -> ExitStatus:
    """Return the exit status that ``--check-status`` gives an HTTP status code.

    A 3xx counts only when redirects are not followed (a 304 under
    ``--follow`` is an answer, not a failure).
    """
    if 300 <= status <= 399 and not following:
        return ExitStatus.REDIRECTED
    if 400 <= status <= 499:
        return ExitStatus.CLIENT_ERROR
    if 500 <= status <= 599:
        return ExitStatus.SERVER_ERROR
    return ExitStatus.OK
