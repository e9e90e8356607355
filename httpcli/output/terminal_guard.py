"""The terminal guard: what a server sends never drives the terminal; it is shown instead.

Visible escapes stand for every control character but newline and tab, for
bidirectional overrides (they make text read as what it is not) and for bytes
that are no text. Colour (SGR) may pass in a body, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from httpcli.core.escaping import escape_character
from httpcli.output.theme import RESET

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_LIVE = re.compile(rf"\x1b\[[0-9;:]{{0,64}}m|[{_CONTROLS}]")
_UNFINISHED = re.compile(r"(?:\r|\x1b(?:\[[0-9;:]{0,64})?)\Z")
_LONGEST_UNFINISHED = 66


class TerminalGuard:
    """Makes a body safe to show, a piece at a time (a ``Format``).

    CRLF becomes a newline. ``colours``: SGR sequences pass; what they set is
    taken back at the end. ``keeps``: characters that pass because who comes
    next sees to them. No more than one unfinished sequence is held.
    """

    def __init__(self, *, colours: bool = True, keeps: str = "") -> None:
        self._colours = colours
        self._keeps = keeps
        self._held = ""
        self._painted = False

    def feed(self, text: str) -> Iterator[str]:
        """Give the text, made safe, less a sequence that may go on."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_UNFINISHED))
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        if cut:
            yield _LIVE.sub(self._safe, text[:cut].replace("\r\n", "\n"))

    def pause(self) -> Iterator[str]:
        """Give nothing: a sequence may still go on."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give what was held, and take colours back."""
        held, self._held = self._held, ""
        if held:
            yield _LIVE.sub(self._safe, held)
        if self._painted:
            self._painted = False
            yield RESET

    def _safe(self, match: re.Match[str]) -> str:
        """Return what is shown for one match."""
        found = match[0]
        if len(found) > 1:
            if not self._colours:
                return escape_character(found[0]) + found[1:]
            self._painted = True
            return found
        return found if found in self._keeps else escape_character(found)
