"""What there is on one word: the options, items and exit statuses whose name or text has it."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.core.exit_status import ExitStatus
from httpcli.manual.help import ITEMS, chapter, row
from httpcli.options.option import Flag, Group
from httpcli.options.table import GROUPS


def about(word: str) -> str:
    """Return what the help says on a word, in any case of letters; empty for nothing."""
    lines = list(_lines(word if _is_letter(word) else word.lower().removeprefix("--")))
    return "\n".join(lines) + "\n" if lines else ""


def _lines(word: str) -> Iterator[str]:
    items = [(form, meaning) for form, meaning in ITEMS if word in f"{form} {meaning}".lower()]
    if items:
        yield "Items:"
    for form, meaning in items:
        yield from row(form, meaning)
    for group in GROUPS:
        found = tuple(flag for flag in group.flags if _has(flag, word))
        if found:
            yield from chapter(Group(group.title, found))
    statuses = [status for status in ExitStatus if word in status.meaning.lower()]
    if statuses:
        yield "Exit status:"
    for status in statuses:
        yield from row(str(int(status)), status.meaning)


def _is_letter(word: str) -> bool:
    """Tell whether a word is an option's letter, where the case does matter."""
    return word.startswith("-") and not word.startswith("--")


def _has(flag: Flag, word: str) -> bool:
    if _is_letter(word):
        return word in flag.spellings
    texts = (flag.name, flag.value, flag.help, flag.more, *flag.choices)
    return any(word in text.lower() for text in texts)
