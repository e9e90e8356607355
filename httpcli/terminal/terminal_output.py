"""What only a terminal needs: lines that are replaced, a line editor, and guards for libraries.

The cursor is moved by the sequences of this module alone. All text passes through
``core.terminal_guard``.
"""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

from httpcli.core.terminal_guard import OutputGuard
from httpcli.terminal.streams import stream_writer, unguarded_writer

if TYPE_CHECKING:
    from httpcli.core.interfaces import Redraw, Write
    from httpcli.core.invocation import Environment, Stream


def redraw_writer(stream: Stream, name: str) -> Redraw:
    """Return a function that replaces the lines at the cursor by text: for progress.

    Its arguments are the number of lines to erase, the cursor being on the last one, and the
    text. Only it composes the sequences that do so; the text is guarded like any other.
    """
    guard = OutputGuard(stream.charset) if stream.is_terminal else None
    return redraw_with(unguarded_writer(stream, name), guard)


def redraw_with(write: Write, guard: OutputGuard | None = None) -> Redraw:
    """Return ``redraw_writer``'s function; ``guard`` guards the text that ``write`` gets."""

    def redraw(rows: int, text: bytes) -> None:
        erase = b""
        if rows:
            up = b"\x1b[%dA" % (rows - 1) if rows > 1 else b""
            erase = b"\r" + up + b"\x1b[J"
        guarded = text if guard is None else guard.feed(text)
        if erase or guarded:
            write(erase + guarded)

    return redraw


def guard_python_streams(environment: Environment) -> None:
    """Guard what Python and libraries write to a terminal: warnings, logs, tracebacks of threads.

    Replaces ``sys.stdout`` and ``sys.stderr``, which this program itself does not use.
    """
    if environment.stdout.is_terminal:
        sys.stdout = _GuardedText(environment.stdout, "standard output")
    if environment.stderr.is_terminal:
        sys.stderr = _GuardedText(environment.stderr, "standard error")


class _GuardedText(io.TextIOBase):
    """A text stream whose text passes through the terminal guard."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._fd = stream.fd
        self._write = stream_writer(stream, name)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The name of the charset that ``write`` encodes to."""
        return "utf-8"

    def write(self, text: str) -> int:
        """Write the text at once."""
        self._write(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._fd


_EDITING = (
    r"(\x1b\[(?:[0-9]{0,4}[ABCDJK]|0;0H|\?(?:1|7|12|25|2004)[hl]|[0-6] q|[0-9;]{0,40}m)|[\r\b\a])"
)
"""Cursor movements, erasing, the form of the cursor, modes of typing, and the editor's styles."""


class EditorStream:
    """The terminal for a line editor, which moves the cursor while the user types.

    Sequences outside of ``_EDITING`` are escaped.
    """

    encoding = "utf-8"

    def __init__(self, stream: Stream) -> None:
        self._fd = stream.fd
        self._write = unguarded_writer(stream, "standard output")
        self._guard = OutputGuard(stream.charset)
        self._editing = re.compile(_EDITING)

    def write(self, text: str) -> int:
        """Write the text at once."""
        pieces = self._editing.split(text)
        # Odd pieces are the sequences.
        self._write(
            b"".join(
                piece.encode()
                if number % 2
                else self._guard.feed(piece.encode("utf-8", "replace"))
                for number, piece in enumerate(pieces)
            )
        )
        return len(text)

    def flush(self) -> None:
        """Do nothing: ``write`` holds no text."""

    def isatty(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._fd
