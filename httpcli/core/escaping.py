"""Escapes for text that could control a terminal or deceive its reader, and redacted text.

``UNSAFE`` is the only list of such characters. ``core.terminal_guard`` applies it to text of
several lines, such as bodies.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REDACTED = "…redacted…"
"""Printed in place of a secret."""

UNSAFE = (
    (r"\x00-\x08\x0b-\x1f\x7f", "controls: they move the cursor, and start sequences"),
    (r"\x80-\x9f", "8-bit controls; U+0085 is a line end"),
    (r"\xad", "soft hyphen: invisible"),
    (r"\u034f", "combining grapheme joiner: invisible"),
    (r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069", "Bidi_Control: changes the order of text"),
    (r"\u115f\u1160\u3164\uffa0", "Hangul fillers: letters without a shape"),
    (r"\u17b4\u17b5", "Khmer inherent vowels: invisible"),
    (r"\u180b-\u180f", "Mongolian variation selectors and vowel separator: invisible"),
    (r"\u200b-\u200d", "zero-width space and joiners"),
    (r"\u2028\u2029", "line and paragraph separators"),
    (r"\u2060-\u2065\u206a-\u206f", "word joiner, invisible operators, deprecated controls"),
    (r"\u2800", "Braille blank: looks like a space"),
    (r"\ud800-\udfff", "surrogates: bytes that are not text"),
    (r"\ufe00-\ufe0f\U000e0100-\U000e01ef", "variation selectors: invisible, can carry data"),
    (r"\ufeff", "byte order mark: invisible"),
    (r"\ufff0-\ufffb", "interlinear annotation, and reserved invisible characters"),
    (r"\U00013430-\U0001343f", "Egyptian layout controls: invisible"),
    (r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a", "shorthand and musical controls: invisible"),
    (r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff", "tags: an invisible copy of ASCII"),
)
"""Characters that are never shown on one line, as parts of a character class, with the reason.

LF is one as well; the tab is not. Only ``is_unsafe`` and ``unsafe_pattern`` make expressions of
them, when the first text that is not ASCII needs one: compiling a range outside Latin-1 takes as
long as importing three modules, so no module does it on import.
"""


@cache
def unsafe_pattern() -> re.Pattern[str]:
    """Return the expression for one unsafe character of a line. Compiled at the first call."""
    return re.compile(f"[\n{''.join(characters for characters, _ in UNSAFE)}]")


def unsafe_characters() -> Iterator[str]:
    """Yield all unsafe characters but surrogates and ASCII controls."""
    unsafe = unsafe_pattern()
    for first, last in ((0x80, 0xD7FF), (0xE000, 0xFFFF), (0x13430, 0x1DFFF), (0xE0000, 0xE0FFF)):
        yield from unsafe.findall("".join(map(chr, range(first, last + 1))))


def is_unsafe(character: str) -> bool:
    """Return whether a character is not shown on one line."""
    if character.isascii():
        return not character.isprintable() and character != "\t"
    return unsafe_pattern().match(character) is not None


def escape_controls(text: str) -> str:
    r"""Return the text on one line, with unsafe characters escaped, except tabs.

    For everything that is not a body: headers, names, hosts, URLs, reasons. Colours are not let
    through, nor are joiners and variation selectors, which a body may contain.

    >>> escape_controls("a\x1b[2Jb\r\n")
    'a\\x1b[2Jb\\r\\x0a'
    >>> escape_controls("a\u202eb\u200dc\U000e0041")
    'a\\u202eb\\u200dc\\U000e0041'
    """
    if not text.isascii():
        return unsafe_pattern().sub(lambda match: escape_character(match[0]), text)
    if text.isprintable():
        return text
    return "".join(
        escape_character(character) if is_unsafe(character) else character for character in text
    )


def escape_character(character: str) -> str:
    """Return the escape of an unsafe character.

    A surrogate escape (U+DC80 to U+DCFF) is written as its byte.
    """
    code = ord(character)
    if character == "\r":
        return "\\r"
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def escape_in_json(text: str) -> str:
    r"""Return JSON text with its unsafe characters as ``\u`` escapes: the same value.

    Line ends and tabs are not changed: outside of strings they are white space, and inside of
    strings no JSON text has them.

    >>> escape_in_json('{"a": "\u202e\U000e0041\x7f"}\n')
    '{"a": "\\u202e\\udb40\\udc41\\u007f"}\n'
    """
    return _escape_in_data(text, _json_escape)


def escape_in_xml(text: str) -> str:
    """Return XML text with its unsafe characters as character references: the same value.

    >>> escape_in_xml('<a b="\u202e"/>')
    '<a b="&#x202e;"/>'
    """
    return _escape_in_data(text, lambda character: f"&#x{ord(character):x};")


def _escape_in_data(text: str, escape: Callable[[str], str]) -> str:
    if text.isascii() and "\x7f" not in text:
        return text
    return unsafe_pattern().sub(
        lambda match: match[0] if match[0] in "\r\n" else escape(match[0]), text
    )


def _json_escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
