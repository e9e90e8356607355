"""The text of an expectation, taken word by word, and the error that points into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from httpcli.core.errors import Fault, UsageError

_SPACE = re.compile(r"\s*")
_PREFIX: Final = "--expect: "


class Words:
    """The text of an expectation, read from ``at`` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.several_wanted = False

    def ended(self) -> bool:
        """Tell whether nothing but white space is left."""
        return not self.text[self.at :].strip()

    def skip_space(self) -> None:
        """Go on to what is no white space."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        """Take what fits next, behind white space; empty where nothing does."""
        self.skip_space()
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def rest(self) -> str:
        """Return what is left, less white space at its end."""
        return self.text[self.at :].rstrip()

    def relation(self, known: tuple[str, ...]) -> str:
        """Take one of these; a word only where it ends. Empty where there is none."""
        for each in known:
            end = self.at + len(each)
            if self.text.startswith(each, self.at) and _ends(self.text, end, each):
                self.at = end
                return each
        return ""

    def several(self, read: Callable[[Words], Any]) -> tuple[Any, ...]:
        """Take values with commas between them."""
        self.several_wanted = True
        found = []
        while True:
            self.skip_space()
            if self.ended() or self.text.startswith(",", self.at):
                raise fault(
                    self, "a value is missing", "values stand with commas between: 200,204"
                )
            found.append(read(self))
            self.skip_space()
            if not self.text.startswith(",", self.at):
                return tuple(found)
            self.at += 1

    def closing(self, start: int) -> int:
        """Return where the bracket that opens at ``start`` closes; -1 where it does not."""
        for at, depth in _levels(self.text, start):
            if depth == 0:
                return at
        return -1

    def end_of_path(self, start: int, relations: tuple[str, ...]) -> int:
        """Return where the first relation outside of brackets and quotes begins, or the end."""
        for at, depth in _levels(self.text, start):
            if depth:
                continue
            for each in relations:
                is_word = each.isalpha()
                if is_word and not self.text[at - 1].isspace():
                    continue
                if self.text.startswith(each, at) and _ends(self.text, at + len(each), each):
                    return at
        return len(self.text)


def _ends(text: str, end: int, relation: str) -> bool:
    """Tell whether a relation that is a word ends there."""
    return not relation.isalpha() or not (
        text[end : end + 1].isalnum() or text[end : end + 1] == "_"
    )


def _levels(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Give each place outside of quotes, and how many brackets are open behind it."""
    depth, quote, escaped = 0, "", False
    for at in range(start, len(text)):
        character = text[at]
        if quote:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
            continue
        if character in "\"'`":
            quote = character
            continue
        depth += (character in "([{") - (character in ")]}")
        yield at, depth


def fault(
    words: Words,
    message: str,
    hint: str,
    start: int | None = None,
    end: int | None = None,
    *,
    to_end: bool = False,
) -> UsageError:
    """Return the error that points at a place, by default at the next character."""
    text = words.text
    start = words.at if start is None else start
    if not text[start:].strip():
        start = len(text)  # it is missing at the end
    end = len(text.rstrip()) if to_end else (start + 1 if end is None else end)
    at = Fault(text, start, min(max(end, start), len(text)))
    return UsageError(f"{_PREFIX}{message}", hint=hint, fault=at)
