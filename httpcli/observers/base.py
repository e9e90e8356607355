"""A listener that takes note of a run and judges nothing: what most listeners are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus, Outcome

if TYPE_CHECKING:
    from httpcli.core.events import Event


class Onlooker:
    """Does nothing by itself; who is one says what it does of it (``model.ports.Listener``)."""

    def see(self, event: Event) -> None:
        """Pass over an event: who is a Tap hears of it on the wire."""

    def verdict(self) -> Outcome:
        """Judge nothing."""
        return Outcome(ExitStatus.OK)

    def conclude(self, outcome: Outcome) -> None:
        """Have nothing open."""
