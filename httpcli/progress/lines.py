"""Tells in lines how far transfers are, for logs and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.transfers import ProgressStyle
from httpcli.output.transfer_lines import end_line, event_line, start_line, update_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.progress.tracker import Transfer

_PLAIN_EVERY = 30.0
_JSON_EVERY = 1.0
_NEVER = 3600.0


class ProgressLines:
    """A line where a transfer begins and one where it ends; one now and then between."""

    def __init__(self, write: Write, progress_style: ProgressStyle, _around: Environment) -> None:
        self._write = write
        self._every = _PLAIN_EVERY if progress_style is ProgressStyle.PLAIN else _NEVER
        self._first = True

    def expect(self, files: int) -> None:
        """All of them are told of one by one."""

    def begun(self, transfer: Transfer) -> None:
        """One more is under way."""
        self._say(start_line(transfer.standing()))

    def ended(self, transfer: Transfer, outcome: str) -> None:
        """One has ended."""
        self._say(end_line(transfer.average(), outcome))

    def tick(self, transfers: Sequence[Transfer]) -> float:
        """Say how far each one is, but not at once."""
        if not self._first and self._every is not _NEVER:
            for transfer in transfers:
                self._say(update_line(transfer.standing()))
        self._first = False
        return self._every

    def above(self, data: bytes) -> None:
        """Write something else."""
        self._write(data)

    def close(self) -> None:
        """Nothing is drawn; whatever begins after a rest is new."""
        self._first = True

    def _say(self, line: str) -> None:
        self._write(line.encode("utf-8", "backslashreplace") + b"\n")


class ProgressObjects:
    """One JSON object a line: ``begin``, ``progress`` every second, ``end``."""

    def __init__(self, write: Write, _telling: ProgressStyle, _around: Environment) -> None:
        self._write = write

    def expect(self, files: int) -> None:
        """All of them are told of one by one."""

    def begun(self, transfer: Transfer) -> None:
        """One more is under way."""
        self._say("begin", transfer)

    def ended(self, transfer: Transfer, outcome: str) -> None:
        """One has ended."""
        line = event_line("end", transfer.average(), outcome or "ok")
        self._write(line.encode() + b"\n")

    def tick(self, transfers: Sequence[Transfer]) -> float:
        """Say how far each one is that has come anywhere."""
        for transfer in transfers:
            if transfer.done > transfer.kept:
                self._say("progress", transfer)
        return _JSON_EVERY

    def above(self, data: bytes) -> None:
        """Write something else."""
        self._write(data)

    def close(self) -> None:
        """Nothing is drawn."""

    def _say(self, event: str, transfer: Transfer) -> None:
        self._write(event_line(event, transfer.standing()).encode() + b"\n")
