"""A listener that takes note of a run and judges nothing: what most listeners are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus, Outcome, exit_status_for

if TYPE_CHECKING:
    from httpcli.core.events import Event


class Observer:
    """Does nothing by itself; who is one says what it does of it (``model.ports.Listener``)."""

    def observe(self, event: Event) -> None:
        """Pass over an event: who is a Tap hears of it on the wire."""

    def outcome(self) -> Outcome:
        """Judge nothing."""
        return Outcome(ExitStatus.OK)

    def finish(self, outcome: Outcome) -> None:
        """Have nothing open."""


# Listens to an exchange and says with which status the process ends, and why.


class ExitStatusObserver:
    """The exit status of what was seen; a response that was checked may fail it."""

    def __init__(self, *, check_status: bool, following: bool) -> None:
        self._check_status = check_status
        self._following = following
        self._last: ResponseStarted | None = None

    def observe(self, event: Event) -> None:
        """Take note of the last response."""
        if isinstance(event, ResponseStarted):
            self._last = event

    @property
    def status(self) -> ExitStatus:
        """What the process ends with if nothing else goes wrong."""
        if not self._check_status or self._last is None:
            return ExitStatus.OK
        return exit_status_for(self._last.status, following=self._following)

    @property
    def reason(self) -> str:
        """Why it is not 0, as one line without an end; empty where it is."""
        if self._last is None or self.status is ExitStatus.OK:
            return ""
        return f"HTTP {self._last.status} {self._last.reason}".rstrip()
