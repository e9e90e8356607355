"""Reports progress in lines, for logs and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.plan_options import ProgressStyle
from httpcli.output.transfer_lines import end_line, event_line, start_line, update_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.progress.tracker import Transfer

_PLAIN_INTERVAL = 30.0
"""Seconds between two lines about a transfer."""
_JSON_INTERVAL = 1.0
"""Seconds between two ``progress`` objects."""
_NO_UPDATES = 3600.0
"""The interval of a style without lines between the start and the end."""


class ProgressLines:
    """Lines at the start and end of each transfer; with PLAIN also one every 30 seconds."""

    def __init__(
        self, write: Write, progress_style: ProgressStyle, _environment: Environment
    ) -> None:
        self._write = write
        is_plain = progress_style is ProgressStyle.PLAIN
        self._interval = _PLAIN_INTERVAL if is_plain else _NO_UPDATES
        self._is_first_update = True

    def set_file_count(self, files: int) -> None:
        """Ignore the number: each file has its own lines."""

    def on_start(self, transfer: Transfer) -> None:
        """Write the start line."""
        self._write_line(start_line(transfer.snapshot()))

    def on_end(self, transfer: Transfer, outcome: str) -> None:
        """Write the end line."""
        self._write_line(end_line(transfer.average(), outcome))

    def update(self, transfers: Sequence[Transfer]) -> float:
        """Write a line for each transfer, except on the first call, right after the start."""
        if not self._is_first_update and self._interval is not _NO_UPDATES:
            for transfer in transfers:
                self._write_line(update_line(transfer.snapshot()))
        self._is_first_update = False
        return self._interval

    def write_above(self, data: bytes) -> None:
        """Write other output to stderr."""
        self._write(data)

    def close(self) -> None:
        """Treat the next ``update`` as the first one again."""
        self._is_first_update = True

    def _write_line(self, line: str) -> None:
        self._write(line.encode("utf-8", "backslashreplace") + b"\n")


class ProgressJson:
    """JSON objects, one per line: ``begin``, ``progress`` every second, ``end``."""

    def __init__(
        self, write: Write, _progress_style: ProgressStyle, _environment: Environment
    ) -> None:
        self._write = write

    def set_file_count(self, files: int) -> None:
        """Ignore the number: each file has its own objects."""

    def on_start(self, transfer: Transfer) -> None:
        """Write the ``begin`` object."""
        self._write_event("begin", transfer)

    def on_end(self, transfer: Transfer, outcome: str) -> None:
        """Write the ``end`` object."""
        line = event_line("end", transfer.average(), outcome or "ok")
        self._write(line.encode() + b"\n")

    def update(self, transfers: Sequence[Transfer]) -> float:
        """Write a ``progress`` object for each transfer that has received bytes."""
        for transfer in transfers:
            if transfer.done > transfer.already_done:
                self._write_event("progress", transfer)
        return _JSON_INTERVAL

    def write_above(self, data: bytes) -> None:
        """Write other output to stderr."""
        self._write(data)

    def close(self) -> None:
        """Do nothing: there are no bars to erase."""

    def _write_event(self, event: str, transfer: Transfer) -> None:
        self._write(event_line(event, transfer.snapshot()).encode() + b"\n")
