"""A line becomes words as a shell makes them: quotes, backslashes, a comment behind ``#``.

Nothing is expanded: no variables, no wildcards. shlex takes quoted lines apart,
a character at a time; most lines have no quotes, and are split a hundred times
faster without it. It is not told of comments, which for it may begin within a
word: the fragment of a URL would be one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from httpcli.core.errors import UsageError
from httpcli.syntax.json_values import Json, RepeatedKeys, dump, is_number, parse_input

_BLANKS = " \t\r"
_PLAIN = re.compile(r"[^ \t\r]+")
_QUOTING = re.compile(r"""['"\\]""")


def split_words(line: str) -> list[str]:
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


# A JSON object that says a request becomes the words of a command line.
#
# What it says is literal: no ``@file``, no shorthand but the URL's. Whatever else a command
# line can say stands in ``options``, as words.


_BODIES = ("json", "form", "data")


def arguments_of_object(text: str) -> list[str]:
    """Return the words for one object.

    Keys: ``method``, ``url``, ``headers``, ``params``, one of ``json``, ``form``
    and ``data``, and ``options``, a list of words. Raises UsageError for what is
    no such object; it shows no values, which may be secrets.
    """
    try:
        members = parse_input(text)
    except UsageError as error:
        at = error.fault.start + 1 if error.fault is not None else 1
        raise UsageError(f"{error.message}, at column {at}") from None
    if isinstance(members, RepeatedKeys):
        _refuse("a key stands twice in the object")
    if not isinstance(members, dict):
        _refuse("a line in braces is a JSON object")
    for key in members:
        if key not in _WORDS:
            raise UsageError(
                f"unknown key {key!r}", hint=f"known are {', '.join(_WORDS)} (see docs/batch.md)"
            )
    if "url" not in members:
        _refuse("the key url is missing")
    bodies = [key for key in _BODIES if key in members]
    if len(bodies) > 1:
        _refuse(f"two bodies: {bodies[0]} and {bodies[1]}")
    return [word for key in _WORDS if key in members for word in _WORDS[key](members[key])]


def _options(value: Json) -> Iterator[str]:
    if not isinstance(value, list):
        _refuse("options is not a list of words")
    for word in value:
        if not isinstance(word, str):
            _refuse("options is not a list of words")
        yield word


def _method(value: Json) -> Iterator[str]:
    yield f"--method={_text(value, 'method')}"


def _headers(value: Json) -> Iterator[str]:
    for name, one in _pairs(value, "headers"):
        if ":" in name or ";" in name:
            _refuse(f"headers: {name!r} cannot be the name of a field")
        if one is None:
            yield f"--header={name}:"
        else:
            text = _text(one, f"headers: {name}")
            yield f"--header={name}:{text}" if text else f"--header={name};"


def _params(value: Json) -> Iterator[str]:
    for name, one in _pairs(value, "params"):
        if "=" in name:
            _refuse(f"params: {name!r} has a = in it, which belongs into the url as %3D")
        yield f"--param={name}={_text(one, f'params: {name}')}"


def _json(value: Json) -> Iterator[str]:
    yield "--json"
    yield f"--raw={dump(value, ascii_only=True)}"


def _form(value: Json) -> Iterator[str]:
    yield "--form"
    for name, one in _pairs(value, "form"):
        if "=" in name:
            _refuse(f"form: {name!r} has a = in it")
        yield f"--field={name}={_text(one, f'form: {name}')}"


def _data(value: Json) -> Iterator[str]:
    yield f"--raw={_text(value, 'data')}"


def _url(value: Json) -> Iterator[str]:
    if not isinstance(value, str):
        _refuse("url is not a text")
    yield "--"
    yield value


_WORDS: dict[str, Callable[[Json], Iterator[str]]] = {
    "options": _options,
    "method": _method,
    "headers": _headers,
    "params": _params,
    "json": _json,
    "form": _form,
    "data": _data,
    "url": _url,
}
"""What each key comes to, in the order of the words."""


def _pairs(value: Json, what: str) -> Iterator[tuple[str, Json]]:
    """Give names and single values: a list is several of one name, and so is a key said twice."""
    if not isinstance(value, dict):
        _refuse(f"{what} is not an object")
    for name, one in value.members if isinstance(value, RepeatedKeys) else value.items():
        for each in one if isinstance(one, list) else [one]:
            yield name, each


def _text(value: Json, what: str) -> str:
    """Return a text, or a number, true or false as it is written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return dump(value)
    if not isinstance(value, str):
        _refuse(f"{what} is not a text")
    return value


def _refuse(message: str) -> NoReturn:
    raise UsageError(message, hint="see docs/batch.md")
