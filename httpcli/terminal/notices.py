"""What the program itself has to say, on stderr: errors, warnings, notes; plain lines.

Text that came from a server is made visible first, so that it cannot drive the
terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, HttpcliError
from httpcli.core.escaping import escape_controls

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write

_RED = "\x1b[31m"
_YELLOW = "\x1b[33m"
_PLAIN = "\x1b[0m"
_NAME = "httpcli"


class Notices:
    """Says things on stderr, in colour where that was decided.

    ``quiet``: how many times the user asked for silence; errors are always said.
    """

    def __init__(
        self, write: Write, *, colour: bool = False, quiet: int = 0, place: str = ""
    ) -> None:
        self._write = write
        self._colour = colour
        self._quiet = quiet
        self._place = place

    def quieter(self, quiet: int) -> Notices:
        """Return the same with another degree of silence."""
        if quiet == self._quiet:
            return self
        return Notices(self._write, colour=self._colour, quiet=quiet, place=self._place)

    def at(self, place: str, write: Write) -> Notices:
        """Return what says the same of one line of a file, ``place``, and by ``write``."""
        return Notices(write, colour=self._colour, quiet=self._quiet, place=place)

    def through(self, write: Write) -> Notices:
        """Return the same, said by other means."""
        return Notices(write, colour=self._colour, quiet=self._quiet)

    def error(self, error: HttpcliError) -> None:
        """Say what failed, the fault under its text, and what to try."""
        label = self._paint("error", _RED)
        self._say(f"{_NAME}: {label}: {self._where()}{escape_controls(error.message)}")
        if error.fault is not None:
            self._say(carets(error.fault))
        if error.hint:
            self._say(f"  {escape_controls(error.hint)}")

    def warn(self, message: str) -> None:
        """Say what may surprise."""
        if self._quiet < 2:
            label = self._paint("warning", _YELLOW)
            self._say(f"{_NAME}: {label}: {self._where()}{escape_controls(message)}")

    def note(self, message: str) -> None:
        """Say what happens."""
        if self._quiet < 1:
            self._say(f"{_NAME}: {self._where()}{escape_controls(message)}")

    def text(self, text: str) -> None:
        """Show text that was asked for, as it is; it ends its lines itself."""
        self._say(text.removesuffix("\n"))

    def line_end(self) -> None:
        """End a line that the terminal itself began (``^C``)."""
        self._say("")

    def _where(self) -> str:
        """Return the place; most have nothing to say, and need it in no words."""
        return f"{escape_controls(self._place)}: " if self._place else ""

    def _paint(self, word: str, colour: str) -> str:
        return f"{colour}{word}{_PLAIN}" if self._colour else word

    def _say(self, line: str) -> None:
        try:
            self._write(line.encode("utf-8", "backslashreplace") + b"\n")
        except (OSError, HttpcliError):
            # stderr is closed or full: there is nobody to tell, and the exit
            # status still says it.
            return


def carets(fault: Fault) -> str:
    """Return the text with carets under its fault, indented; long text is cut around it.

    >>> print(carets(Fault("a[b", 3, 3)))
      a[b
         ^
    """
    start = max(0, fault.start - 40)
    shown = escape_controls(fault.text[start : fault.end + 30])
    before = len(escape_controls(fault.text[start : fault.start]))
    width = max(1, len(escape_controls(fault.text[fault.start : fault.end])))
    return f"  {shown}\n  {' ' * before}{'^' * width}"
