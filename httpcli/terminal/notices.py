"""Prints errors, warnings and notes on stderr.

Control characters are escaped, so that text of a server cannot control the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, HttpcliError
from httpcli.core.escaping import escape_controls

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write

_RED = "\x1b[31m"
_YELLOW = "\x1b[33m"
_RESET = "\x1b[0m"
_NAME = "httpcli"


class Notices:
    """Prints errors, warnings and notes.

    ``quiet`` is the number of ``--quiet`` options: one hides notes, two also hide
    warnings; errors are always printed. ``place`` is the file and line that the
    messages are about; empty for none.
    """

    def __init__(
        self, write: Write, *, colour: bool = False, quiet: int = 0, place: str = ""
    ) -> None:
        self._write = write
        self._colour = colour
        self._quiet = quiet
        self._place = place

    def with_quiet(self, quiet: int) -> Notices:
        """Return a copy with another number of ``--quiet`` options."""
        if quiet == self._quiet:
            return self
        return Notices(self._write, colour=self._colour, quiet=quiet, place=self._place)

    def for_place(self, place: str, write: Write) -> Notices:
        """Return a copy for messages about one line of a file; ``write`` prints them."""
        return Notices(write, colour=self._colour, quiet=self._quiet, place=place)

    def writing_to(self, write: Write) -> Notices:
        """Return a copy that prints with ``write``."""
        return Notices(write, colour=self._colour, quiet=self._quiet)

    def error(self, error: HttpcliError) -> None:
        """Print an error, the wrong part of the user's text, and the hint."""
        label = self._paint("error", _RED)
        self._print(f"{_NAME}: {label}: {self._prefix()}{escape_controls(error.message)}")
        if error.fault is not None:
            self._print(carets(error.fault))
        if error.hint:
            self._print(f"  {escape_controls(error.hint)}")

    def warn(self, message: str) -> None:
        """Print a warning."""
        if self._quiet < 2:
            label = self._paint("warning", _YELLOW)
            self._print(f"{_NAME}: {label}: {self._prefix()}{escape_controls(message)}")

    def note(self, message: str) -> None:
        """Print a note."""
        if self._quiet < 1:
            self._print(f"{_NAME}: {self._prefix()}{escape_controls(message)}")

    def text(self, text: str) -> None:
        """Print text of several lines that the user requested, unchanged."""
        self._print(text.removesuffix("\n"))

    def line_end(self) -> None:
        """End the line on which the terminal printed ``^C``."""
        self._print("")

    def _prefix(self) -> str:
        """Return the prefix of messages about a place."""
        return f"{escape_controls(self._place)}: " if self._place else ""

    def _paint(self, word: str, colour: str) -> str:
        return f"{colour}{word}{_RESET}" if self._colour else word

    def _print(self, line: str) -> None:
        try:
            self._write(line.encode("utf-8", "backslashreplace") + b"\n")
        except (OSError, HttpcliError):
            # stderr is closed or its disk is full: only the exit status reports the error.
            return


def carets(fault: Fault) -> str:
    """Return the text around a fault, indented, with carets under the fault.

    >>> print(carets(Fault("a[b", 3, 3)))
      a[b
         ^
    """
    start = max(0, fault.start - 40)
    excerpt = escape_controls(fault.text[start : fault.end + 30])
    before = len(escape_controls(fault.text[start : fault.start]))
    width = max(1, len(escape_controls(fault.text[fault.start : fault.end])))
    return f"  {excerpt}\n  {' ' * before}{'^' * width}"
