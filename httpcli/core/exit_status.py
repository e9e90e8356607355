"""Exit statuses: one number for each class of outcome, which never changes.

``--help`` and the README have the same table; a test compares them.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from httpcli.core.named_tuple import NamedTuple

if TYPE_CHECKING:
    from httpcli.core.expectation import CheckResult


class ExitStatus(IntEnum):
    """The exit status of the process; up to 6 as in HTTPie."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> "ExitStatus":
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    OK = 0, "a response was received"
    FAILED = 1, "other failure"
    TIMED_OUT = 2, "timeout (connect, read or total)"
    REDIRECTED = 3, "--check-status: 3xx, not followed"
    CLIENT_ERROR = 4, "--check-status: 4xx"
    SERVER_ERROR = 5, "--check-status: 5xx"
    TOO_MANY_REDIRECTS = 6, "too many redirects"
    USAGE = 10, "usage error; nothing was sent"
    NAME_NOT_RESOLVED = 11, "host name not found"
    NOT_CONNECTED = 12, "connection refused, unreachable, or closed before a response"
    INCOMPLETE = 13, "incomplete or invalid response body"
    TLS = 14, "TLS: certificate or handshake"
    PROXY = 15, "proxy error"
    EXPECTATION = 16, "an --expect check failed"
    LOCAL = 17, "local file or disk error"
    INTERRUPTED = 130, "Ctrl-C"
    CLOSED_PIPE = 141, "the reader of the output closed the pipe"


class Outcome(NamedTuple):
    """The outcome of a run."""

    status: ExitStatus
    reason: str = ""
    """Why it failed, in one line; empty for success."""
    saved_file: str = ""
    """The name of the saved file; empty if none was to be saved."""
    check_results: "tuple[CheckResult, ...]" = ()
    """The result of each expectation."""


_WORST_FIRST = (1, 10, 11, 12, 13, 14, 15, 17, 2, 6, 5, 4, 3, 16, 0)
"""Statuses from worst to best; those not listed (130, 141) are worse than all."""


def worst_status(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Return the worst of several statuses; OK if ``statuses`` is empty."""
    order = {number: position for position, number in enumerate(_WORST_FIRST)}
    return min(statuses, key=lambda status: order.get(status, -1), default=ExitStatus.OK)


def exit_status_for(status: int, *, following: bool) -> ExitStatus:
    """Return the exit status that ``--check-status`` gives an HTTP status code.

    A 3xx is a failure only if redirects are not followed: a 304 under
    ``--follow`` is a normal response.
    """
    if 300 <= status <= 399 and not following:
        return ExitStatus.REDIRECTED
    if 400 <= status <= 499:
        return ExitStatus.CLIENT_ERROR
    if 500 <= status <= 599:
        return ExitStatus.SERVER_ERROR
    return ExitStatus.OK
