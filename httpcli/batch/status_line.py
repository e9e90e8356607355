"""How far a batch is: counted for all, drawn for a person as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpcli.batch.ordered_output import OutputSlot
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.planning.batch import Batch
    from httpcli.terminal.notices import Notices

_PATIENCE = 1.0
"""Seconds: a batch that is shorter is not worth a line."""
_BETWEEN = 0.1
"""Seconds between two drawings."""
_ERASE = b"\r\x1b[K"


class StatusLine:
    """Counts requests. The line is not rich's: one carriage return does it, and loads nothing."""

    def __init__(self, batch: Batch, environment: Environment, err: Write) -> None:
        self._batch = batch
        self._clock = environment.clock
        self._err = err
        self._person = environment.stderr.is_terminal and not batch.quiet
        # Where the output is on the screen too, it shows itself how far it is.
        self._draws = self._person and not environment.stdout.is_terminal
        self._began = self._clock()
        self._drawn = self._began + _PATIENCE - _BETWEEN
        self._is_drawn = False
        self.begun = 0
        self.done = 0
        self.failed = 0

    def began(self) -> None:
        """Count a request that begins."""
        self.begun += 1

    def told(self, turn: OutputSlot) -> None:
        """Count a request all of whose output has been written."""
        self.done += 1
        self.failed += turn.failed
        if self._draws and self._clock() - self._drawn >= _BETWEEN:
            self._drawn = self._clock()
            self._is_drawn = True
            self._err(_ERASE + f"{self._counts()}, {self.begun - self.done} under way".encode())

    def beside(self, write: Write) -> Write:
        """Return a write that takes the line away first."""
        if not self._draws:
            return write

        def clean(data: bytes) -> None:
            self.erase()
            write(data)

        return clean

    def erase(self) -> None:
        """Take the line away."""
        if self._is_drawn:
            self._is_drawn = False
            self._err(_ERASE)

    def finish(self, notices: Notices) -> None:
        """Tell a person what it came to."""
        if self._person:
            notices.note(f"{self._counts()}, in {self._clock() - self._began:.1f} s")

    def cut(self, notices: Notices, first: int) -> None:
        """Tell what was done before the run was broken off; ``first``: the line to go on from."""
        cut_off = self.begun - self.done
        notices.note(
            f"{self._counts()}, {cut_off} cut off; not done: {self._batch.name}:{first} and on"
        )

    def _counts(self) -> str:
        return f"{self.done} done, {self.failed} failed"
