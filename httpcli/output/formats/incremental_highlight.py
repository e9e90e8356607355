"""Highlights text that arrives in pieces, with lexers that need the whole text.

``WindowHighlighter`` holds the text and colours it at its end, or when it is too
long. After a pause it writes the text so far and keeps it, so that the lexer gets the
next part in its context. ``LineHighlighter`` colours each line on its own. The
memory, the text that is highlighted again and the processor time are limited.
A faulty lexer cannot change the text: only colours are added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from time import process_time
from typing import Final

from httpcli.output.theme import RESET

Tokenize = Callable[[str], Iterable[tuple[str, str]]]
"""Splits a text into tokens, each after the sequence that begins its colour ("": none)."""

MAX_COLOURED: Final = 1 << 20
"""Characters that are held while there is no pause."""
_MAX_CONTEXT: Final = 1 << 16
"""Characters already written that are kept as context for the next ones."""
_MAX_REPEATED: Final = 1 << 18
"""Characters that are highlighted again, in total, before a new window begins."""
_MAX_LINE: Final = 1 << 16
"""Characters of a line that are coloured."""
_MAX_SECONDS: Final = 0.4
"""Processor time for one window: some lexers need minutes for a mebibyte."""
_TOKENS_PER_CLOCK: Final = 4
"""Tokens between two readings of the clock."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COLOURED = re.compile(r"[^\r\n]+|[\r\n]+")


class WindowHighlighter:
    """Highlights a text (a ``Format``). After ``max_length`` characters it is not coloured."""

    def __init__(self, tokenize: Tokenize, max_length: int = MAX_COLOURED) -> None:
        self._tokenize = tokenize
        self._max_length = max_length
        self._held: list[str] = []
        self._length = 0
        """Characters held, written or not."""
        self._written = 0
        """How many of them were written."""
        self._repeated = 0
        """Characters that were highlighted again in this window."""
        self._plain = False
        """Whether the rest of the text is not coloured."""
        self._slow = False
        """Whether the lexer took more than ``_MAX_SECONDS``."""

    def feed(self, text: str) -> Iterator[str]:
        """Hold the text; yield it when it is too long."""
        if not self._plain:
            taken = text[: self._max_length - self._length]
            self._held.append(taken)
            self._length += len(taken)
            if self._length < self._max_length:
                return
            yield from self.flush()
            self._plain = True
            text = text[len(taken) :]
        if text:
            yield text

    def pause(self) -> Iterator[str]:
        """Yield all held text, including an unfinished line, which may be a prompt."""
        if self._written == self._length:
            return
        yield from self._unwritten()
        self._repeated += self._length
        if self._slow or self._length > _MAX_CONTEXT or self._repeated > _MAX_REPEATED:
            self._reset()

    def flush(self) -> Iterator[str]:
        """Yield the rest, and begin a new window."""
        yield from self._unwritten()
        self._reset()

    def _reset(self) -> None:
        """Begin a new window. After a lexer was too slow, the text stays plain."""
        self._held.clear()
        self._length = self._written = self._repeated = 0
        self._plain = self._slow

    def _unwritten(self) -> Iterator[str]:
        """Yield the text that was not written yet."""
        text = "".join(self._held)
        self._held = [text]
        written, self._written = self._written, len(text)
        if written < len(text):
            yield from self._coloured(text, written)

    def _coloured(self, text: str, start: int) -> Iterator[str]:
        """Yield the text from ``start`` on, in the colours of the whole text."""
        done = 0
        deadline = process_time() + _MAX_SECONDS
        for count, (sequence, token) in enumerate(self._tokenize(text), 1):
            end = min(done + len(token), len(text))
            if not text.startswith(token[: end - done], done):
                break  # the lexer changed the text
            if end > start:
                yield from _painted(text[max(done, start) : end], sequence)
            done = end
            if count % _TOKENS_PER_CLOCK == 0 and process_time() > deadline:
                self._slow = True
                break
        if done < len(text):
            yield text[max(done, start) :]


class LineHighlighter:
    """Highlights each line on its own once it is complete (a ``Format``), unless it is long."""

    def __init__(self, tokenize: Tokenize) -> None:
        self._line = WindowHighlighter(tokenize, _MAX_LINE)

    def feed(self, text: str) -> Iterator[str]:
        """Yield the lines that end in this text, and hold the last one if it does not."""
        for line in _LINE.findall(text):
            yield from self._line.feed(line)
            if line.endswith("\n"):
                yield from self._line.flush()

    def pause(self) -> Iterator[str]:
        """Yield the unfinished line as far as it has arrived."""
        return self._line.pause()

    def flush(self) -> Iterator[str]:
        """Yield the unfinished line."""
        return self._line.flush()


def _painted(text: str, sequence: str) -> Iterator[str]:
    """Yield a text with its colour. No colour spans a line end."""
    if not sequence or text.isspace():
        yield text
        return
    for piece in _COLOURED.findall(text):
        yield piece if piece[0] in "\r\n" else f"{sequence}{piece}{RESET}"
