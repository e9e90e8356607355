"""Reads the lines of a file or pipe one at a time, as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_LINE = 16 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class BatchLine(NamedTuple):
    """One line of the list."""

    number: int
    """Counted from 1."""
    data: bytes
    """Its content without the line end."""

    def text(self) -> str:
        """Return the content as text. Raises UsageError if it is not UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise UsageError(f"not UTF-8 at column {error.start + 1}") from None


class LineSource:
    """The lines of a descriptor, read no more than two pieces ahead.

    ``name`` is its name in messages; ``notify_waiting`` is called when nothing comes for a while.
    """

    def __init__(self, fd: int, name: str, notify_waiting: Callable[[], None]) -> None:
        self._pieces = StandardInput(fd, notify_waiting).rest()
        self._name = name
        self._read_lines: Iterator[bytes] = iter(())
        self._rest = b""
        self._ended = False
        self.number = 0
        """Number of the line that was returned last."""

    async def next(self) -> BatchLine | None:
        """Return the next line, None after the last one.

        Raises HttpcliError if it cannot be read or is longer than 16 MiB.
        """
        while (line := self.next_read()) is None and not self._ended:
            await self._read()
        return line

    def next_read(self) -> BatchLine | None:
        """Return the next line if it has been read already, else None."""
        data = next(self._read_lines, None)
        if data is None:
            return None
        self.number += 1
        if self.number == 1:
            data = data.removeprefix(_BYTE_ORDER_MARK)
        return BatchLine(self.number, data.removesuffix(b"\r"))

    async def _read(self) -> None:
        pieces = [self._rest]
        size = len(self._rest)
        while size <= _MAX_LINE:
            piece = await anext(self._pieces, b"")
            pieces.append(piece)
            size += len(piece)
            if not piece or b"\n" in piece:
                self._ended = not piece
                lines = b"".join(pieces).split(b"\n")
                self._rest = b"" if self._ended else lines.pop()
                if self._ended and not lines[-1]:
                    lines.pop()  # the last line ended with a line end
                self._read_lines = iter(lines)
                return
        raise HttpcliError(
            f"{self._name}:{self.number + 1}: the line is longer than 16 MiB",
            status=ExitStatus.USAGE,
        )
