"""Writes the output of concurrent requests in the order of their lines.

The first unfinished request writes directly, so that its body is streamed. The output of the
others is pending: in memory up to a limit, then on disk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.storage.spool import SpillFile

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write

_MAX_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of pending output in memory; more goes to disk."""
_MAX_SLOTS = 10_000
"""Requests that may start before the first unfinished one ends."""
_SEPARATOR = b"\n\n"

_STDOUT, _RAW_STDOUT, _STDERR, _FIRST_REPORT = 0, 1, 2, 3
"""Destinations of output; a report is ``_FIRST_REPORT`` plus its index."""
Piece = tuple[int, bytes | tuple[int, int]]
"""Pending output: its destination, and its bytes or their location in the spill file."""


class OutputSlot:
    """The output of one request."""

    def __init__(self, output: OrderedOutput, number: int) -> None:
        self._output = output
        self.number = number
        """The number of the line."""
        self.pending: list[Piece] = []
        """Output to write once the earlier requests are finished."""
        self.is_finished = False
        self.needs_separator = False
        """Whether to write an empty line first, if earlier output has no line end."""
        self.failed = False
        """Whether the request failed."""

    @property
    def write_error(self) -> Exception | None:
        """The error that ended all writing; None if there was none."""
        return self._output.write_error

    def write_stdout(self, data: bytes) -> None:
        """Write to standard output, now or later. Raises the errors of writing."""
        self._output.write(self, data, _STDOUT)

    def write_raw_stdout(self, data: bytes) -> None:
        """Write to standard output without the terminal guard. Raises the errors of writing."""
        self._output.write(self, data, _RAW_STDOUT)

    def write_stderr(self, data: bytes) -> None:
        """Write to standard error, now or later. Raises the errors of writing."""
        self._output.write(self, data, _STDERR)

    def report_writer(self, index: int) -> Write:
        """Return a function that writes to the report of that index, now or later."""
        return lambda data: self._output.write(self, data, _FIRST_REPORT + index)

    def finish(self) -> None:
        """End the output of this request. Raises the errors of writing pending output."""
        self.is_finished = True
        self._output.advance()


class OrderedOutput:
    """The slots of all requests that run or have pending output.

    ``stdout``, ``raw_stdout`` (without the terminal guard), ``stderr`` and ``reports`` write;
    ``on_written`` is called with each slot whose output has been written completely.
    """

    def __init__(
        self,
        stdout: Write,
        raw_stdout: Write,
        stderr: Write,
        on_written: Callable[[OutputSlot], None],
        reports: tuple[Write, ...] = (),
    ) -> None:
        self._writes = (stdout, raw_stdout, stderr, *reports)
        self._on_written = on_written
        self._slots: deque[OutputSlot] = deque()
        self._spill_file = SpillFile()
        self._in_memory = 0
        self._advanced = asyncio.Event()
        self._line_is_open = False
        """Whether the last output to stdout had no line end."""
        self.write_error: Exception | None = None

    @property
    def first(self) -> int | None:
        """The line number of the first slot; None if there is no slot."""
        return self._slots[0].number if self._slots else None

    @property
    def has_room(self) -> bool:
        """Whether another slot may be opened."""
        return len(self._slots) < _MAX_SLOTS

    async def wait_for_room(self) -> None:
        """Wait until another slot may be opened."""
        while not self.has_room:
            self._advanced.clear()
            await self._advanced.wait()

    def open_slot(self, number: int) -> OutputSlot:
        """Return a new slot after all others, for the line of that number."""
        slot = OutputSlot(self, number)
        self._slots.append(slot)
        return slot

    def write(self, slot: OutputSlot, data: bytes, destination: int) -> None:
        """Write a piece of the first slot's output; store that of another slot."""
        if slot is self._slots[0]:
            self._write(slot, data, destination)
        elif self._in_memory + len(data) <= _MAX_IN_MEMORY:
            self._in_memory += len(data)
            slot.pending.append((destination, bytes(data)))
        else:
            slot.pending.append((destination, self._spill_file.put(data)))

    def advance(self) -> None:
        """Remove finished slots at the front, and write the pending output of the next one."""
        while self._slots and self._slots[0].is_finished:
            self._on_written(self._slots.popleft())
            if self._slots:
                self._write_pending(self._slots[0])
        self._advanced.set()

    def close(self) -> None:
        """Drop pending output, except that of reports: they list the requests that were sent."""
        for slot in self._slots:
            for destination, data in slot.pending:
                if destination >= _FIRST_REPORT and self.write_error is None:
                    self._write(slot, self._load(data), destination)
        self._slots.clear()
        self._spill_file.close()

    def _write_pending(self, slot: OutputSlot) -> None:
        pending, slot.pending = slot.pending, []
        for destination, data in pending:
            self._write(slot, self._load(data), destination)

    def _load(self, data: bytes | tuple[int, int]) -> bytes:
        if isinstance(data, tuple):
            return self._spill_file.take(data)
        self._in_memory -= len(data)
        return data

    def _write(self, slot: OutputSlot, data: bytes, destination: int) -> None:
        if destination in (_STDOUT, _RAW_STDOUT) and data:
            if slot.needs_separator and self._line_is_open:
                data = _SEPARATOR + data
            slot.needs_separator = False
            self._line_is_open = not data.endswith(b"\n")
        try:
            self._writes[destination](data)
        except Exception as error:
            self.write_error = self.write_error if destination == _STDERR else error
            raise
