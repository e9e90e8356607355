"""The errors that are reported to the user, with a message, a hint and an exit status.

::

    HttpcliError        any failure that is reported to the user
      UsageError        the command line is wrong; nothing was sent (status 10)

Any other exception that ends the program is a bug.
"""

from typing import TYPE_CHECKING, Self

from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings

DNS_FAILURE = "dns"
CONNECT_FAILURE = "connect"
TIMEOUT = "timeout"
TRUNCATED = "truncated"
"""Kinds of transient failures; the values are words of ``--retry-on``."""


class Fault(NamedTuple):
    """The wrong part of the user's text, which is marked with carets below it."""

    text: str
    """The whole text."""
    start: int
    """Index of the first wrong character; ``len(text)`` if something is missing at the end."""
    end: int
    """Index after the last wrong character; equal to ``start`` if something is missing."""


class HttpcliError(Exception):
    """A failure that the user can understand and act on."""

    timings: "Timings | None" = None
    """The timings of a failed exchange; None unless ``Network.record_timings``."""
    transient_kind = ""
    """The kind of transient failure, one of the constants above; empty if a retry is useless."""
    unsent = False
    """Whether the request certainly had no effect, because no server received it."""

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
        """What failed, on what, and why."""
        self.hint = hint
        """What the user can try; empty for no hint."""
        self.status = status
        self.fault = fault
        """The wrong part of the user's text; None for no such text."""

    def as_transient(self, kind: str, *, unsent: bool = False) -> Self:
        """Mark the error as transient, of this kind; return it."""
        self.transient_kind = kind
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


class HostError(ValueError):
    """The text is not a host; ``host[start:end]`` is the wrong part."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
