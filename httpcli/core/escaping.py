"""Escapes for text that could control a terminal, and the mark for redacted text."""

from __future__ import annotations

REDACTED = "…redacted…"
"""Printed in place of a secret."""


def escape_controls(text: str) -> str:
    r"""Return the text on one line, with control characters escaped, except tabs.

    Bidirectional overrides (they change the order of the text on the screen) and
    bytes that are not text are escaped too. No regular expression is used: compiling
    one with a range outside Latin-1 takes as long as importing three modules.

    >>> escape_controls("a\x1b[2Jb\r\n")
    'a\\x1b[2Jb\\r\\x0a'
    """
    if text.isprintable():
        return text
    return "".join(
        escape_character(character) if _is_unsafe(ord(character)) else character
        for character in text
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
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _is_unsafe(code: int) -> bool:
    return (
        (code < 0x20 and code != 0x09)
        or 0x7F <= code <= 0x9F
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xD800 <= code <= 0xDFFF
    )
