"""The errors that a user can meet: a message, a hint, an exit status.

::

    HttpcliError        anything that a user can meet
      UsageError        the command line is wrong; nothing was sent (status 10)

Any other exception that ends the program is a bug.
"""

from typing import TYPE_CHECKING, NamedTuple, Self

from httpcli.core.exit_status import ExitStatus

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings

DNS_FAILURE = "dns"
CONNECT_FAILURE = "connect"
TIMEOUT = "timeout"
TRUNCATED = "truncated"
"""Kinds of transient failures, by their words in ``--retry-on``."""


class Fault(NamedTuple):
    """The wrong part of the user's text: ``text[start:end]`` is marked with carets.

    ``start == end == len(text)`` if something is missing at the end.
    """

    text: str
    start: int
    end: int


class HttpcliError(Exception):
    """A failure that the user can understand and act on.

    ``message`` says what failed, and on what; ``hint`` what to try (may be empty);
    ``fault`` is the wrong part of the user's text.
    """

    timings: "Timings | None" = None
    """The timings of a failed exchange; None unless ``Network.record_timings``."""
    transient = ""
    """One of the words above if a retry may succeed, else empty."""
    unsent = False
    """Whether the request surely had no effect, because no server received it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: ExitStatus = ExitStatus.FAILED,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.fault = fault

    def as_transient(self, kind: str, *, unsent: bool = False) -> Self:
        """Mark the error as one that a retry may avoid, of that kind; return it."""
        self.transient = kind
        self.unsent = unsent
        return self


class UsageError(HttpcliError):
    """The command line is wrong; nothing was sent."""

    def __init__(self, message: str, *, hint: str = "", fault: Fault | None = None) -> None:
        super().__init__(message, hint=hint, status=ExitStatus.USAGE, fault=fault)


def error_reason(error: OSError | ValueError) -> str:
    """Return why an operation on a file or stream failed, as the end of a sentence."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason[:1].lower() + reason[1:]
