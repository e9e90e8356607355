"""The lines of a file or pipe, taken one at a time as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.stdin import StandardInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST = 16 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"


class BatchLine(NamedTuple):
    """One line without its end, and its number from 1."""

    number: int
    data: bytes

    def text(self) -> str:
        """Return it as text. Raises UsageError where it is not UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise UsageError(f"not UTF-8 at column {error.start + 1}") from None


class LineSource:
    """Reads ahead no further than a piece or two. ``name`` is what messages call it."""

    def __init__(self, fd: int, name: str, say_waiting: Callable[[], None]) -> None:
        self._pieces = StandardInput(fd, say_waiting).rest()
        self._name = name
        self._ready: Iterator[bytes] = iter(())
        self._rest = b""
        self._ended = False
        self.number = 0

    async def next(self) -> BatchLine | None:
        """Return the next line, None behind the last one.

        Raises HttpcliError where it cannot be read or a line is longer than 16 MiB.
        """
        while (line := self.at_hand()) is None and not self._ended:
            await self._read()
        return line

    def at_hand(self) -> BatchLine | None:
        """Return the next line if it has been read, None where it is still to come."""
        data = next(self._ready, None)
        if data is None:
            return None
        self.number += 1
        if self.number == 1:
            data = data.removeprefix(_MARK)
        return BatchLine(self.number, data.removesuffix(b"\r"))

    async def _read(self) -> None:
        pieces = [self._rest]
        size = len(self._rest)
        while size <= _LONGEST:
            piece = await anext(self._pieces, b"")
            pieces.append(piece)
            size += len(piece)
            if not piece or b"\n" in piece:
                self._ended = not piece
                lines = b"".join(pieces).split(b"\n")
                self._rest = b"" if self._ended else lines.pop()
                if self._ended and not lines[-1]:
                    lines.pop()  # the last line had its end
                self._ready = iter(lines)
                return
        raise HttpcliError(
            f"{self._name}:{self.number + 1}: the line is longer than 16 MiB",
            status=ExitStatus.USAGE,
        )
