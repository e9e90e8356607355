"""Judges bytes that were written to a terminal, and provides text that no terminal may get raw.

It shares no code with the program: a gap in the program's table is not a gap here.
"""

from __future__ import annotations

import re
import unicodedata

_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_REDRAWING = re.compile(r"\r(?:\x1b\[\d{1,3}A)?\x1b\[[JK]")
_EDITING = re.compile(
    r"\x1b\[(?:\d{0,3}[ABCDJK]|0;0H|\?(?:1|7|12|25|2004)[hl]|[0-6] q|[0-9;]*m)|[\r\x08\x07]"
)
_LINE_END = re.compile(r"\r+\n")
_STYLES = {0, 1, 3, 4, 22, 23, 24, 39, 49, *range(30, 38), *range(90, 98)}
_BACKGROUNDS = {*range(40, 48), *range(100, 108)}
# Invisible characters that are letters or marks to Unicode.
_INVISIBLE = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u2028\u2029",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
# Format characters with a shape, as in Arabic numbers.
_VISIBLE_FORMAT = {
    *"\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
}


def violations(written: bytes, *, redraws: bool = False, edits: bool = False) -> list[str]:
    """Return what a terminal should not have got; empty if all is well.

    ``redraws``: sequences that replace lines are allowed; ``edits``: those of a line editor.
    """
    try:
        text = written.decode()
    except UnicodeDecodeError as error:
        return [f"not UTF-8: {written[error.start : error.start + 20]!r}"]
    if redraws:
        text = _REDRAWING.sub("", text)
    text = _LINE_END.sub("\n", text)
    found = [match[0] for match in _SGR.finditer(text) if not edits and not _is_plain(match[1])]
    text = _SGR.sub("", text)
    if edits:
        text = _EDITING.sub("", text)
    return [ascii(each) for each in [*found, *sorted(set(filter(_is_unsafe, text)))]]


def _is_plain(parameters: str) -> bool:
    """Return whether an SGR sequence only sets colours, bold, italic or underlined text."""
    numbers = [int(number or 0) for number in parameters.replace(":", ";").split(";")]
    while numbers:
        number = numbers.pop(0)
        if number in (38, 48) and numbers:
            del numbers[: {5: 2, 2: 4}.get(numbers[0], 0)]
        elif number not in _STYLES | _BACKGROUNDS:
            return False
    return True


def _is_unsafe(character: str) -> bool:
    if character in "\n\t" or character in _VISIBLE_FORMAT:
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        or character in _INVISIBLE
    )


MARK = "shown"
"""A word in ``HOSTILE``: it proves that the text was printed at all."""

SEQUENCES = (
    *("\x1b[2J", "\x1b[5A", "\x1b[1;1H", "\x1b[?1049h", "\x1b[?25l", "\x1b[?1000h", "\x1b[6n"),
    *("\x1bc", "\x1b7", "\x1b(0", "\x1b#8", "\x1b[3g", "\x1b[4i", "\x1b[!p", "\x1b[>0q"),
    *("\x1b]0;title\x07", "\x1b]8;;http://evil.test/\x1b\\", "\x1b]52;c;ZXZpbA==\x07"),
    *("\x1bP+q544e\x1b\\", "\x1b_Gi=1;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bX sos \x1b\\"),
    *("\x1b[8m", "\x1b[5m", "\x1b[6m", "\x1b[7m", "\x1b[53m", "\x1b[11m", "\x1b[9m"),
    *("\x1b[30;40m", "\x1b[38;5;16;48;5;16m", "\x1b[38;2;1;2;3m\x1b[48;2;1;2;3m"),
)
"""Sequences, each complete."""

CONTROLS = "".join(map(chr, (*range(1, 9), 0xB, 0xC, *range(0xE, 0x1B), *range(0x1C, 0x20), 0x7F)))
"""The ASCII controls without NUL, tab, line ends and ESC."""

INVISIBLE = (
    "\x80\x84\x85\x8d\x90\x9b31m\x9c\x9d0;t\x9c\xad\u034f\u061c\u115f\u1160\u17b4\u180e"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2062\u2066\u2069\u206a"
    "\u3164\ufe0f\ufeff\uffa0\ufff9\ufffb\U000e0041\U000e0100\U0001d173"
)
"""Characters that are invisible, reorder text, or are 8-bit controls."""

HOSTILE = f"{MARK}{''.join(SEQUENCES)}{CONTROLS}{INVISIBLE}\x1b[31m"
COLOUR = "\x1b[38;5;123m"
"""A colour that only a body may set."""
HOSTILE_LINE = HOSTILE.replace("\x0b", "").replace("\x0c", "") + COLOUR
"""For one line, such as a header."""
HOSTILE_BYTES = HOSTILE.encode() + b"\x9b2J\x9d0;t\x9c\x90x\x9c\xff\xed\xa0\x80"
"""With 8-bit controls that are not UTF-8, and a surrogate."""
