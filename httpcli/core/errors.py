"""The one expected failure: a message, a hint, an exit status.

::

    HttpcliError        anything that a user can meet
      UsageError        the command line is wrong; nothing was sent (status 10)

Whatever else reaches the top is a bug.
"""

from typing import TYPE_CHECKING, NamedTuple, Self

from httpcli.core.exit_status import ExitStatus

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings

DNS_FAILURE = "dns"
CONNECT_FAILURE = "connect"
TIMEOUT = "timeout"
TRUNCATED = "truncated"
"""What may pass by itself, as ``--retry-on`` calls it (``model.retry``)."""


class Fault(NamedTuple):
    """A piece of the user's text that is wrong: ``text[start:end]`` gets the carets.

    ``start == end == len(text)`` says that something is missing at the end.
    """

    text: str
    start: int
    end: int


class HttpcliError(Exception):
    """A failure that the user can understand and act on.

    ``message`` says what failed, on what; ``hint`` what to try (may be empty).
    ``timings``: how far an exchange came, where somebody wants to know.
    ``transient``: one of the words above if a retry may succeed, else empty.
    ``unsent``: no server can have seen the request, so that nothing was done by it.
    """

    timings: "Timings | None" = None
    transient = ""
    unsent = False

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
        """Say that it may pass by itself, by which word; return the error."""
        self.transient = kind
        self.unsent = unsent
        return self


class UsageError(HttpcliError):
    """The command line is wrong; nothing was sent."""

    def __init__(self, message: str, *, hint: str = "", fault: Fault | None = None) -> None:
        super().__init__(message, hint=hint, status=ExitStatus.USAGE, fault=fault)


def error_reason(error: OSError | ValueError) -> str:
    """Return what the system has against a file or stream, as the end of a sentence."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason[:1].lower() + reason[1:]
