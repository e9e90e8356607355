"""Counts the requests of a batch, and shows the counts to a user at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpcli.batch.ordered_output import OutputSlot
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.planning.batch import Batch
    from httpcli.terminal.notices import Notices

_DELAY = 1.0
"""Seconds before the line is shown: a short batch needs none."""
_INTERVAL = 0.1
"""Seconds between two updates."""
_ERASE = b"\r\x1b[K"


class StatusLine:
    """One line on stderr that is overwritten in place, without the library for progress bars."""

    def __init__(self, batch: Batch, environment: Environment, write_stderr: Write) -> None:
        self._batch = batch
        self._clock = environment.clock
        self._write_stderr = write_stderr
        self._is_interactive = environment.stderr.is_terminal and not batch.quiet
        # Output on the same terminal shows the progress already.
        self._is_shown = self._is_interactive and not environment.stdout.is_terminal
        self._start_time = self._clock()
        self._last_update = self._start_time + _DELAY - _INTERVAL
        self._needs_erasing = False
        self._started = 0
        self._done = 0
        self._failed = 0

    def count_start(self) -> None:
        """Count a request that starts."""
        self._started += 1

    def count_end(self, slot: OutputSlot) -> None:
        """Count a request whose output has been written completely."""
        self._done += 1
        self._failed += slot.failed
        if self._is_shown and self._clock() - self._last_update >= _INTERVAL:
            self._last_update = self._clock()
            self._needs_erasing = True
            self._write_stderr(
                _ERASE + f"{self._counts()}, {self._started - self._done} under way".encode()
            )

    def erase_before(self, write: Write) -> Write:
        """Return a function that erases the line and calls ``write``."""
        if not self._is_shown:
            return write

        def erase_and_write(data: bytes) -> None:
            self.erase()
            write(data)

        return erase_and_write

    def erase(self) -> None:
        """Erase the line if it is shown."""
        if self._needs_erasing:
            self._needs_erasing = False
            self._write_stderr(_ERASE)

    def print_summary(self, notices: Notices) -> None:
        """Print the final counts for a user at a terminal."""
        if self._is_interactive:
            notices.note(f"{self._counts()}, in {self._clock() - self._start_time:.1f} s")

    def print_interruption(self, notices: Notices, first: int) -> None:
        """Print the counts of an interrupted run; ``first`` is the first line that is not done."""
        cut_off = self._started - self._done
        notices.note(
            f"{self._counts()}, {cut_off} cut off; not done: {self._batch.name}:{first} and on"
        )

    def _counts(self) -> str:
        return f"{self._done} done, {self._failed} failed"
