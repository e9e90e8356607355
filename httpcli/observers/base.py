"""The base class of observers, and the exit status of a response.

The lowest module of the package: every observer imports it, and it imports no observer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus, Outcome, exit_status_for

if TYPE_CHECKING:
    from httpcli.report.recording import ExchangeRecorder


class Observer:
    """Gets the events of a run and does nothing; subclasses override the methods they need."""

    def observe(self, event: Event) -> None:
        """Handle one event. Raises HttpcliError or OSError to end the run."""

    def outcome(self) -> Outcome:
        """Return the exit status that this observer requires, with its reason."""
        return Outcome(ExitStatus.OK)

    def finish(self, outcome: Outcome) -> None:
        """Handle the end of the run. Called once, also after a failure or Ctrl-C."""


class ExchangeObserver(Protocol):
    """Gets every exchange on a connection: redirects, challenges and failed attempts too."""

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for the next exchange."""


class ResponseStatus:
    """Determines the exit status of the run from its last response.

    ``check_status``: whether 3xx, 4xx and 5xx are failures; ``following``: whether redirects are
    followed, so that 3xx is no failure.
    """

    def __init__(self, *, check_status: bool, following: bool) -> None:
        self._check_status = check_status
        self._following = following
        self._last: ResponseStarted | None = None

    def observe(self, event: Event) -> None:
        """Remember the response if this event begins one."""
        if isinstance(event, ResponseStarted):
            self._last = event

    @property
    def status(self) -> ExitStatus:
        """The exit status of the run if nothing else fails."""
        if not self._check_status or self._last is None:
            return ExitStatus.OK
        return exit_status_for(self._last.status, following=self._following)

    @property
    def reason(self) -> str:
        """Why ``status`` is not 0, as one line without a line end; empty if it is 0."""
        if self._last is None or self.status is ExitStatus.OK:
            return ""
        return f"HTTP {self._last.status} {self._last.reason}".rstrip()
