"""Prints errors, warnings and notes on stderr.

Secrets are redacted, and control characters are escaped, so that text of a server cannot
control the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, HttpcliError
from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.limits import MAX_MESSAGE_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan

    class MessageRedaction(Protocol):
        """Removes secrets: ``protocol.redaction.Redaction``."""

        def text(self, text: str) -> str: ...
        def excerpt(self, text: str) -> str: ...


_RED = "\x1b[31m"
_YELLOW = "\x1b[33m"
_RESET = "\x1b[0m"
_NAME = "httpcli"


class Notices:
    """Prints errors, warnings and notes.

    ``quiet`` is the number of ``--quiet`` options: one hides notes, two also hide
    warnings; errors are always printed. ``place`` is the file and line that the
    messages are about; empty for none. ``make_redaction`` returns the redaction for the
    plans of the run; it is called only when a message is printed.
    """

    def __init__(
        self,
        write: Write,
        *,
        colour: bool = False,
        quiet: int = 0,
        place: str = "",
        make_redaction: Callable[[Sequence[Plan]], MessageRedaction] | None = None,
        plans: Sequence[Plan] = (),
    ) -> None:
        self._write = write
        self._colour = colour
        self._quiet = quiet
        self._place = place
        self._make_redaction = make_redaction
        self._plans = plans if isinstance(plans, list) else [*plans]
        self._redaction: MessageRedaction | None = None

    def redact_secrets_of(self, plan: Plan) -> None:
        """Print no secret of this plan, in messages of this object and its later copies."""
        self._plans.append(plan)
        self._redaction = None

    def with_quiet(self, quiet: int) -> Notices:
        """Return a copy with another number of ``--quiet`` options."""
        if quiet == self._quiet:
            return self
        return self._copy(self._write, quiet, self._place, self._plans)

    def for_place(self, place: str, write: Write) -> Notices:
        """Return a copy for messages about one line of a file; ``write`` prints them."""
        # The plans of other lines are not shared: there may be many.
        return self._copy(write, self._quiet, place, [*self._plans])

    def writing_to(self, write: Write) -> Notices:
        """Return a copy that prints with ``write``."""
        return self._copy(write, self._quiet, "", self._plans)

    def _copy(self, write: Write, quiet: int, place: str, plans: list[Plan]) -> Notices:
        return Notices(
            write,
            colour=self._colour,
            quiet=quiet,
            place=place,
            make_redaction=self._make_redaction,
            plans=plans,
        )

    def error(self, error: HttpcliError) -> None:
        """Print an error, the wrong part of the user's text, and the hint."""
        label = self._paint("error", _RED)
        self._print(f"{_NAME}: {label}: {self._prefix()}{self._clean(error.message)}")
        if error.fault is not None:
            self._print(carets(self._clean_fault(error.fault)))
        if error.hint:
            self._print(f"  {self._clean(error.hint)}")

    def warn(self, message: str) -> None:
        """Print a warning."""
        if self._quiet < 2:
            label = self._paint("warning", _YELLOW)
            self._print(f"{_NAME}: {label}: {self._prefix()}{self._clean(message)}")

    def note(self, message: str) -> None:
        """Print a note."""
        if self._quiet < 1:
            self._print(f"{_NAME}: {self._prefix()}{self._clean(message)}")

    def text(self, text: str) -> None:
        """Print text of several lines that the user requested."""
        redaction = self._current_redaction()
        text = text if redaction is None else redaction.text(text)
        self._print(text.removesuffix("\n"))

    def line_end(self) -> None:
        """End the line on which the terminal printed ``^C``."""
        self._print("")

    def _current_redaction(self) -> MessageRedaction | None:
        if self._redaction is None and self._make_redaction is not None:
            self._redaction = self._make_redaction(self._plans)
        return self._redaction

    def _clean(self, text: str) -> str:
        """Return a text without secrets and control characters."""
        redaction = self._current_redaction()
        text = text if redaction is None else redaction.text(text)
        if len(text) > MAX_MESSAGE_LENGTH:  # a server may have sent most of it
            text = f"{text[:MAX_MESSAGE_LENGTH]}…"
        return escape_controls(text)

    def _clean_fault(self, fault: Fault) -> Fault:
        """Return a fault without secrets; the mark of a redacted part is the fault then."""
        redaction = self._current_redaction()
        text = fault.text if redaction is None else redaction.excerpt(fault.text)
        if text == fault.text or text.startswith(fault.text[: fault.end + 1]):
            return fault._replace(text=text)
        start = max(0, text.find(REDACTED))
        return Fault(text, start, start + len(REDACTED))

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
