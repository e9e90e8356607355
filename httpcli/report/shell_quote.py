"""Words of a command line, as a shell reads them back: any bytes but NUL."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_SAID = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", "'": r"\'"}
_LINE = 78


def quoted(word: str) -> str:
    r"""Return the word for a shell: as it is, in quotes, or in bash's (and POSIX 2024's) ``$'…'``.

    >>> quoted("a"), quoted("it's"), quoted("a\nb")
    ('a', "'it'\\''s'", "$'a\\nb'")
    """
    if _PLAIN.fullmatch(word):
        return word
    if word.isprintable():
        return "'" + word.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_escaped, word)) + "'"


def printed(data: bytes) -> str:
    """Return the command that prints these bytes, whatever they are.

    A digit after an octal escape of three digits is itself.
    """
    text = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"%\\'" else f"\\{byte:03o}"
        for byte in data
    )
    return f"printf '{text}'"


def laid_out(groups: list[list[str]]) -> str:
    """Return words as one command: a line if they fit there, else one for each group."""
    texts = [" ".join(map(quoted, group)) for group in groups]
    line = " ".join(texts)
    return line if len(line) <= _LINE else " \\\n  ".join(texts)


def _escaped(character: str) -> str:
    if character in _SAID:
        return _SAID[character]
    if character.isprintable():
        return character
    # Octal, of three digits: what follows a hexadecimal one may be taken for a part of it.
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
