"""Coloured text that keeps nobody waiting: a window that is coloured as a whole, or lines.

A lexer wants the whole text. So the text is held, and coloured when it has
ended or there is too much; on a pause what there is is given, and kept, so that
the next part is coloured in its place. What is kept, what is coloured again and
the time that it takes are bounded. Whatever a lexer does, only colours are added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from time import process_time
from typing import Final

from httpcli.output.theme import RESET

Paint = Callable[[str], Iterable[tuple[str, str]]]
"""Cuts a text into pieces, each with the sequence that begins its colour ("": none)."""

MOST_COLOURED: Final = 1 << 20
"""Characters that are held while they come without a pause."""
_MOST_KEPT: Final = 1 << 16
"""Characters that were given and are kept for what comes after them."""
_MOST_REPEATED: Final = 1 << 18
"""Characters that are coloured again, in all, before the window begins anew."""
_LONGEST_LINE: Final = 1 << 16
_MOST_SECONDS: Final = 0.4
"""Seconds of the processor for one window: some lexers need minutes for a mebibyte."""
_TURNS: Final = 4
"""Pieces between two looks at the clock."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COLOURED = re.compile(r"[^\r\n]+|[\r\n]+")


class Window:
    """Colours text as far as it is there (a ``Format``); what comes after ``most`` is plain."""

    def __init__(self, paint: Paint, most: int = MOST_COLOURED) -> None:
        self._paint = paint
        self._most = most
        self._held: list[str] = []
        self._length = 0
        self._given = 0
        self._repeated = 0
        self._plain = False
        self._slow = False

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; give it once there is too much."""
        if not self._plain:
            taken = text[: self._most - self._length]
            self._held.append(taken)
            self._length += len(taken)
            if self._length < self._most:
                return
            yield from self.flush()
            self._plain = True
            text = text[len(taken) :]
        if text:
            yield text

    def pause(self) -> Iterator[str]:
        """Give all that is there, an unfinished line too: it may be a prompt."""
        if self._given == self._length:
            return
        yield from self._rest()
        self._repeated += self._length
        if self._slow or self._length > _MOST_KEPT or self._repeated > _MOST_REPEATED:
            self._begin()

    def flush(self) -> Iterator[str]:
        """Give what is left, and begin anew."""
        yield from self._rest()
        self._begin()

    def _begin(self) -> None:
        """Forget what was given. A lexer that was too slow gets no second chance."""
        self._held.clear()
        self._length = self._given = self._repeated = 0
        self._plain = self._slow

    def _rest(self) -> Iterator[str]:
        """Give what was not given yet."""
        text = "".join(self._held)
        self._held = [text]
        given, self._given = self._given, len(text)
        if given < len(text):
            yield from self._coloured(text, given)

    def _coloured(self, text: str, start: int) -> Iterator[str]:
        """Give a text from ``start`` on, in the colours that it has as a whole."""
        done = 0
        until = process_time() + _MOST_SECONDS
        for count, (sequence, piece) in enumerate(self._paint(text), 1):
            end = min(done + len(piece), len(text))
            if not text.startswith(piece[: end - done], done):
                break  # a lexer that does not give back what it was given
            if end > start:
                yield from _painted(text[max(done, start) : end], sequence)
            done = end
            if count % _TURNS == 0 and process_time() > until:
                self._slow = True
                break
        if done < len(text):
            yield text[max(done, start) :]


class Lines:
    """Colours each line on its own once it is complete (a ``Format``); long ones are plain."""

    def __init__(self, paint: Paint) -> None:
        self._line = Window(paint, _LONGEST_LINE)

    def feed(self, text: str) -> Iterator[str]:
        """Give every line that ends here, and hold the one that does not."""
        for line in _LINE.findall(text):
            yield from self._line.feed(line)
            if line.endswith("\n"):
                yield from self._line.flush()

    def pause(self) -> Iterator[str]:
        """Give the unfinished line as far as it came."""
        return self._line.pause()

    def flush(self) -> Iterator[str]:
        """Give the unfinished line."""
        return self._line.flush()


def _painted(text: str, sequence: str) -> Iterator[str]:
    """Give a text with its colour; no colour goes over the end of a line."""
    if not sequence or text.isspace():
        yield text
        return
    for piece in _COLOURED.findall(text):
        yield piece if piece[0] in "\r\n" else f"{sequence}{piece}{RESET}"
