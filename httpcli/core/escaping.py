"""How text is written that must not act on a terminal, or must not be read at all."""

from __future__ import annotations

REDACTED = "…redacted…"
"""What stands in the place of a secret."""


def escape_controls(text: str) -> str:
    r"""Return the text on one line, with nothing in it that a terminal obeys; tabs stay.

    Visible escapes stand for every other control character, for bidirectional
    overrides (they make text read as what it is not) and for bytes that are no
    text. Not by a regular expression: compiling one with a range outside
    Latin-1 costs as much as reading three modules, at every start.

    >>> visible("a\x1b[2Jb\r\n")
    'a\\x1b[2Jb\\r\\x0a'
    """
    if text.isprintable():
        return text
    return "".join(escape_character(each) if _acts(ord(each)) else each for each in text)


def escape_character(character: str) -> str:
    """Return how an unsafe character is written.

    A surrogate escape (U+DC80 to U+DCFF) stands for the byte that was sent.
    """
    code = ord(character)
    if character == "\r":
        return "\\r"
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _acts(code: int) -> bool:
    return (
        (code < 0x20 and code != 0x09)
        or 0x7F <= code <= 0x9F
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xD800 <= code <= 0xDFFF
    )
