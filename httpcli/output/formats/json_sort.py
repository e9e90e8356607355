"""Sorts the keys of JSON as it arrives: each text is held until it is complete.

Texts are told apart by their brackets alone; the formatter's own grammar says
whether what stands between them is JSON. Scalars at the top go through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from httpcli.core.interfaces import Tell
from httpcli.core.plan import Show
from httpcli.output.formats.json import JsonFormat
from httpcli.output.formats.json_order import in_order
from httpcli.output.formats.json_tokens import (
    CONTENT,
    LONGEST_PREFIX,
    WHITE,
    prefix_of,
    string_end,
)

LONGEST: Final = 32 << 20
"""Characters of one text that are held."""

_BATCH: Final = 1 << 16

_NEXT = re.compile(
    # Up to brackets that open, brackets that close, or a string that is cut.
    rf'(?:[^"\[\]{{}}]++|"{CONTENT}")*+(?:([\[{{]++)|([\]}}]++)|("))?',
    re.DOTALL,
)


class JsonSort:
    """Gives JSON texts with the members of objects in the order of their keys (a ``Format``).

    What is no JSON, or was cut short, is given as it came, with all that
    follows; so is a text of more than ``longest`` characters, and ``tell`` says so.
    """

    def __init__(self, tell: Tell, longest: int = LONGEST) -> None:
        self._tell = tell
        self._longest = longest
        self._held: list[str] = []
        self._length = 0
        self._depth = 0
        self._in_string = self._escaped = False
        self._begun = self._inside = self._rest = False
        self._top = JsonFormat(Show(), indent=None)
        # The last text, and white space, that ``_top`` has not seen; None: there is more since.
        self._unchecked: str | None = ""

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; give all but the beginning of a text in it, much at once."""
        batch: list[str] = []
        size = 0
        for piece in self._take(text):
            batch.append(piece)
            size += len(piece)
            if size >= _BATCH:
                yield "".join(batch)
                batch.clear()
                size = 0
        yield "".join(batch)

    def _take(self, text: str) -> Iterator[str]:
        """Give what comes of this piece."""
        if not self._begun:
            text = self._release() + text
            prefix = prefix_of(text, last=False)
            if prefix is None:
                self._hold(text)
                return
            self._begun = True
            # With blanks behind it, so that it is not held for more.
            self._judge(prefix + " " * LONGEST_PREFIX)
            yield prefix
            text = text[len(prefix) :]
        done = 0
        for cut in () if self._rest else self._cuts(text):
            piece, done = text[done:cut], cut
            if self._inside:
                self._hold(piece)
                yield from self._sorted()
            else:
                self._begin(piece)
                yield piece
            if self._rest:
                break
        yield self._last(text[done:])

    def pause(self) -> Iterator[str]:
        """Give nothing: what is held has no order yet."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Nothing more comes: what is held was cut short."""
        yield self._release()

    def _cuts(self, text: str) -> Iterator[int]:
        """Find where a text in brackets begins, where it ends, and so on by turns."""
        place = self._string(text, 1 if self._escaped else 0) if self._in_string else 0
        while place < len(text) and (found := _NEXT.match(text, place)):
            place = found.end()
            if found[1]:
                if not self._depth:
                    yield found.start(1)
                self._depth += len(found[1])
            elif found[2] and self._depth:
                inner = self._depth - len(found[2])
                if inner <= 0:
                    yield found.start(2) + self._depth
                self._depth = max(inner, 0)
            elif found[3]:
                place = self._string(text, place)

    def _string(self, text: str, start: int) -> int:
        """Look for a string's end from ``start`` on; return where it is, or the text's end."""
        end, self._escaped = string_end(text, start)
        self._in_string = not end
        return end or len(text)

    def _begin(self, between: str) -> None:
        """A text in brackets begins after this."""
        self._check(between)
        if self._unchecked is None:
            self._judge("[]")
        self._unchecked = "[]"
        self._inside = True

    def _check(self, between: str) -> None:
        """See whether what stands between texts is JSON: white space alone always is."""
        if self._unchecked is not None and not between.strip(WHITE):
            self._unchecked = self._unchecked.rstrip(WHITE) + between[:1]
            return
        self._judge((self._unchecked or "") + between)
        self._unchecked = None

    def _judge(self, between: str) -> None:
        """Have the grammar go through what stands between texts."""
        for _ in self._top.feed(between):
            pass
        self._rest = self._top.gave_up

    def _sorted(self) -> Iterator[str]:
        """Give the text that has ended."""
        self._inside = False
        if self._length > self._longest:
            yield self._give_up()
            return
        text = self._release()
        ordered = in_order(text)
        if ordered is None:
            self._rest = True
            yield text
        else:
            yield from ordered

    def _last(self, piece: str) -> str:
        """Take the end of a piece; return it where it need not be held."""
        if self._rest:
            return piece
        if not self._inside:
            self._check(piece)
            return piece
        self._hold(piece)
        return self._give_up() if self._length > self._longest else ""

    def _give_up(self) -> str:
        """Return what was held, and go on unsorted."""
        self._rest = True
        size = self._longest >> 20
        self._tell(f"the JSON is longer than {size} MiB: its keys stay in their order")
        return self._release()

    def _hold(self, text: str) -> None:
        """Keep a part of a text."""
        self._held.append(text)
        self._length += len(text)

    def _release(self) -> str:
        """Give back what was kept."""
        held = "".join(self._held)
        self._held.clear()
        self._length = 0
        return held
