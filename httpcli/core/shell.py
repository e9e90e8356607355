"""Quotes words for a POSIX shell, for the command lines that the program prints.

dash, bash, zsh and the shell of busybox read the result alike, also when it is pasted into an
interactive shell. ``$'…'`` is not used: dash reads it as a dollar sign and a quoted word.
"""

from __future__ import annotations

import re

from httpcli.core.escaping import unsafe_pattern

_PLAIN = r"[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*"
"""A word that needs no quotes. It does not begin with ``=``: zsh expands ``=name`` to a path."""
_PRINTF_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", "%": "%%"}
_SPECIAL_IN_PRINTF = frozenset("'\"`$!")
"""Octal in a printf format: the quotes, and what an interactive shell expands in double quotes."""


def quote_word(word: str) -> str:
    r"""Return a word in the shell's syntax: plain, in single quotes, or printed by ``printf``.

    Control characters, bytes that are not text, and invisible and bidirectional characters are
    octal escapes, so that the reader sees what is there. Surrogate escapes are their bytes.
    Raises ValueError for a NUL, which no argument of a program can contain.

    >>> quote_word("a"), quote_word("it's")
    ('a', "'it'\\''s'")
    >>> print(quote_word("a\nb"))
    "$(printf 'a\nb')"
    """
    if "\0" in word:
        raise ValueError("an argument of a program cannot contain a NUL")
    if re.fullmatch(_PLAIN, word):
        return word
    # A command substitution drops the line ends at its end.
    text = word.rstrip("\n")
    line_ends = word[len(text) :]
    if is_visible(text):
        return "'" + text.replace("'", "'\\''") + line_ends + "'"
    return f'"$({_printf(text)})"' + (f"'{line_ends}'" if line_ends else "")


def printf_command(data: bytes) -> str:
    """Return the ``printf`` command that prints these bytes."""
    return _printf(data.decode("utf-8", "surrogateescape"))


def is_visible(text: str) -> bool:
    """Return whether a text has only characters that can be seen, and spaces."""
    if text.isascii():
        return text.isprintable()
    return text.isprintable() and unsafe_pattern().search(text) is None


def _printf(text: str) -> str:
    escaped = "".join(map(_escape, text))
    if escaped.startswith("-"):  # else printf reads it as an option
        escaped = r"\055" + escaped[1:]
    return f"printf '{escaped}'"


def _escape(character: str) -> str:
    """Return a character in the format of printf. Octal escapes have three digits."""
    if character in _PRINTF_ESCAPES:
        return _PRINTF_ESCAPES[character]
    if is_visible(character) and character not in _SPECIAL_IN_PRINTF:
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
