"""The terminal guard: text from a server never controls the terminal.

Visible escapes replace every control character except newline and tab, bidirectional
overrides (which make text look like other text), and undecodable bytes. Colours (SGR) may
pass in a body, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from httpcli.core.escaping import escape_character
from httpcli.output.theme import RESET

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_ACTIVE = re.compile(rf"\x1b\[[0-9;:]{{0,64}}m|[{_CONTROLS}]")
_INCOMPLETE = re.compile(r"(?:\r|\x1b(?:\[[0-9;:]{0,64})?)\Z")
_MAX_INCOMPLETE = 66
"""Characters of an incomplete sequence."""


class TerminalGuard:
    """Makes a body safe for a terminal (a ``Format``). Holds at most one incomplete sequence.

    CRLF becomes a newline. ``colours``: SGR sequences pass, and are reset at the end.
    ``keeps``: control characters that pass because the next format escapes them.
    """

    def __init__(self, *, colours: bool = True, keeps: str = "") -> None:
        self._colours = colours
        self._keeps = keeps
        self._held = ""
        self._painted = False

    def feed(self, text: str) -> Iterator[str]:
        """Yield the safe text, without a sequence that may continue."""
        text = self._held + text
        incomplete = _INCOMPLETE.search(text, max(0, len(text) - _MAX_INCOMPLETE))
        cut = incomplete.start() if incomplete else len(text)
        self._held = text[cut:]
        if cut:
            yield _ACTIVE.sub(self._escape, text[:cut].replace("\r\n", "\n"))

    def pause(self) -> Iterator[str]:
        """Yield nothing: the sequence that is held may continue."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Yield held text, and reset colours."""
        held, self._held = self._held, ""
        if held:
            yield _ACTIVE.sub(self._escape, held)
        if self._painted:
            self._painted = False
            yield RESET

    def _escape(self, match: re.Match[str]) -> str:
        """Return the safe text for one match."""
        sequence = match[0]
        if len(sequence) > 1:
            if not self._colours:
                return escape_character(sequence[0]) + sequence[1:]
            self._painted = True
            return sequence
        return sequence if sequence in self._keeps else escape_character(sequence)
