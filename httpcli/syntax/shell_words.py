"""A line becomes words as a shell makes them: quotes, backslashes, a comment behind ``#``.

Nothing is expanded: no variables, no wildcards. shlex takes quoted lines apart,
a character at a time; most lines have no quotes, and are split a hundred times
faster without it. It is not told of comments, which for it may begin within a
word: the fragment of a URL would be one.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from httpcli.core.errors import UsageError

_BLANKS = " \t\r"
_PLAIN = re.compile(r"[^ \t\r]+")
_QUOTING = re.compile(r"""['"\\]""")


def words_of_line(line: str) -> list[str]:
    """Return the words of one line, none for a comment or nothing at all.

    Raises UsageError for a quote that is not closed. It shows nothing of the
    line, in which secrets may stand.
    """
    if _QUOTING.search(line) is None:
        words = _PLAIN.findall(line)
        if "#" not in line:
            return words
        end = next((at for at, word in enumerate(words) if word[0] == "#"), len(words))
        return words[:end]
    return _quoted(line)


def _quoted(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace = _BLANKS
    lexer.whitespace_split = True
    lexer.commenters = ""
    stream: Any = lexer.instream
    words: list[str] = []
    place = 0
    while True:
        place = _behind_blanks(line, place)
        if place == len(line) or line[place] == "#":
            return words
        stream.seek(place)
        try:
            word = lexer.get_token()
        except ValueError as error:
            what = "ends in a backslash" if "escaped" in str(error) else "a quote is not closed"
            raise UsageError(
                f"{what}, in the word at column {place + 1}",
                hint="words are quoted as in a shell",
            ) from None
        words.append(word or "")
        place = stream.tell()


def _behind_blanks(line: str, place: int) -> int:
    while place < len(line) and line[place] in _BLANKS:
        place += 1
    return place
