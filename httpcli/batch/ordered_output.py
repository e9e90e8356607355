"""Output in the order of the lines, whoever is ready first.

The first request that is not finished writes straight through, so that its
content streams. What the others say waits: in memory up to a bound, on disk
beyond it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.storage.spool import SpillFile

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write

_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of waiting output that are held in memory."""
_MOST_WAITING = 10_000
"""Requests that may be ahead of the first one that is not finished."""
_GAP = b"\n\n"

_OUT, _ERR, _REPORTS = 0, 1, 2
Said = tuple[int, bytes | tuple[int, int]]
"""One piece: where it goes, and its bytes or their place on disk.

It goes to standard output, standard error, or the report of that number from 2.
"""


class OutputSlot:
    """The output of one request, in its place among the others."""

    def __init__(self, turns: OrderedOutput, number: int) -> None:
        self._turns = turns
        self.number = number
        self.waiting: list[Said] = []
        self.is_over = False
        self.apart = False
        self.failed = False

    @property
    def lost(self) -> Exception | None:
        """Why nothing can be written any more, if that is so."""
        return self._turns.lost

    def out(self, data: bytes) -> None:
        """Write to standard output, now or later. Raises what writing raises."""
        self._turns.say(self, data, _OUT)

    def err(self, data: bytes) -> None:
        """Write to standard error, now or later."""
        self._turns.say(self, data, _ERR)

    def report(self, at: int) -> Write:
        """Return what adds to a report, now or later."""
        return lambda data: self._turns.say(self, data, _REPORTS + at)

    def end(self) -> None:
        """Say that this was all. Raises what writing the others' output raises."""
        self.is_over = True
        self._turns.advance()


class OrderedOutput:
    """All requests that are under way, or whose output waits; ``out`` and ``err`` write it.

    ``over`` is called for each that has been written whole. ``reports`` write
    what each adds to them.
    """

    def __init__(
        self,
        out: Write,
        err: Write,
        over: Callable[[OutputSlot], None],
        reports: tuple[Write, ...] = (),
    ) -> None:
        self._writes = (out, err, *reports)
        self._over = over
        self._turns: deque[OutputSlot] = deque()
        self._overflow = SpillFile()
        self._held = 0
        self._moved = asyncio.Event()
        self._ragged = False
        self.lost: Exception | None = None

    @property
    def first(self) -> int | None:
        """The line whose turn it is, None where nobody waits."""
        return self._turns[0].number if self._turns else None

    @property
    def has_room(self) -> bool:
        """Whether not too many wait."""
        return len(self._turns) < _MOST_WAITING

    async def room(self) -> None:
        """Wait until not too many wait."""
        while not self.has_room:
            self._moved.clear()
            await self._moved.wait()

    def take(self, number: int) -> OutputSlot:
        """Return the turn behind all others, for the line of that number."""
        turn = OutputSlot(self, number)
        self._turns.append(turn)
        return turn

    def say(self, turn: OutputSlot, data: bytes, where: int) -> None:
        """Write, or keep, a piece of a turn's output."""
        if turn is self._turns[0]:
            self._write(turn, data, where)
        elif self._held + len(data) <= _IN_MEMORY:
            self._held += len(data)
            turn.waiting.append((where, bytes(data)))
        else:
            turn.waiting.append((where, self._overflow.put(data)))

    def advance(self) -> None:
        """Write what need not wait any more."""
        while self._turns and self._turns[0].is_over:
            self._over(self._turns.popleft())
            if self._turns:
                self._write_waiting(self._turns[0])
        self._moved.set()

    def close(self) -> None:
        """Drop what has not been written, but for the reports: they tell what was done."""
        for turn in self._turns:
            for where, data in turn.waiting:
                if where >= _REPORTS and self.lost is None:
                    self._write(turn, self._taken(data), where)
        self._turns.clear()
        self._overflow.close()

    def _write_waiting(self, turn: OutputSlot) -> None:
        waiting, turn.waiting = turn.waiting, []
        for where, data in waiting:
            self._write(turn, self._taken(data), where)

    def _taken(self, data: bytes | tuple[int, int]) -> bytes:
        if isinstance(data, tuple):
            return self._overflow.take(data)
        self._held -= len(data)
        return data

    def _write(self, turn: OutputSlot, data: bytes, where: int) -> None:
        if where == _OUT and data:
            if turn.apart and self._ragged:
                data = _GAP + data
            turn.apart = False
            self._ragged = not data.endswith(b"\n")
        try:
            self._writes[where](data)
        except Exception as error:
            self.lost = self.lost if where == _ERR else error
            raise
