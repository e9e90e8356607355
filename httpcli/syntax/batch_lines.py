"""The syntax of a line of ``--batch``: shell words, or a JSON object.

``split_words`` splits a line as a shell does, without expanding anything.
``arguments_of_object`` turns an object that describes a request into the
arguments of a command line. No error shows a value, which may be a secret.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from httpcli.core.errors import UsageError
from httpcli.syntax.lossless_json import Json, RepeatedKeys, dump, is_number, parse_input

_SPACE = " \t\r"
_WORD = re.compile(r"[^ \t\r]+")
_QUOTING = re.compile(r"""['"\\]""")
_BODY_KEYS = ("json", "form", "data")


def split_words(line: str) -> list[str]:
    """Return the words of a line: quotes and backslashes as in a shell, ``#`` for a comment.

    Empty for a comment or an empty line. Raises UsageError for a quote that is
    not closed, and for a NUL.
    """
    if "\0" in line:
        raise UsageError(
            "a NUL is in the line", hint=r'a body with a NUL: {"url": "URL", "data": "a\u0000b"}'
        )
    # shlex reads character by character; most lines need no quotes, and this is 100 times faster.
    if _QUOTING.search(line) is None:
        words = _WORD.findall(line)
        if "#" not in line:
            return words
        end = next((index for index, word in enumerate(words) if word[0] == "#"), len(words))
        return words[:end]
    return _split_quoted(line)


def _split_quoted(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace = _SPACE
    lexer.whitespace_split = True
    # shlex finds comments inside words too, such as the fragment of a URL.
    lexer.commenters = ""
    stream: Any = lexer.instream
    words: list[str] = []
    at = 0
    while True:
        at = _skip_space(line, at)
        if at == len(line) or line[at] == "#":
            return words
        stream.seek(at)
        try:
            word = lexer.get_token()
        except ValueError as error:
            fault = "ends with a backslash" if "escaped" in str(error) else "missing closing quote"
            raise UsageError(
                f"{fault}, in the argument at column {at + 1}",
                hint="quote arguments as in a shell",
            ) from None
        words.append(word or "")
        at = stream.tell()


def _skip_space(line: str, at: int) -> int:
    while at < len(line) and line[at] in _SPACE:
        at += 1
    return at


def arguments_of_object(text: str) -> list[str]:
    """Return the command-line arguments for the request that a JSON object describes.

    Keys: ``method``, ``url``, ``headers``, ``params``, one of ``json``, ``form``
    and ``data``, and ``options``, a list of arguments. Values are literal: no
    ``@file``, and no shorthand except that of the URL. Raises UsageError for any
    other object.
    """
    try:
        members = parse_input(text)
    except UsageError as error:
        column = error.fault.start + 1 if error.fault is not None else 1
        raise UsageError(f"{error.message}, at column {column}") from None
    if isinstance(members, RepeatedKeys):
        _refuse("duplicate key in the object")
    if not isinstance(members, dict):
        _refuse("a line that starts with { must be a JSON object")
    for key in members:
        if key not in _CONVERTERS:
            known = ", ".join(_CONVERTERS)
            raise UsageError(
                f"unknown key {key!r}", hint=f"allowed keys: {known} (see docs/batch.md)"
            )
    if "url" not in members:
        _refuse("missing key url")
    bodies = [key for key in _BODY_KEYS if key in members]
    if len(bodies) > 1:
        _refuse(f"two request bodies: {bodies[0]} and {bodies[1]}")
    return [
        argument
        for key, convert in _CONVERTERS.items()
        if key in members
        for argument in convert(members[key])
    ]


def _options(value: Json) -> Iterator[str]:
    if not isinstance(value, list):
        _refuse("options must be a list of strings")
    for word in value:
        if not isinstance(word, str):
            _refuse("options must be a list of strings")
        if "\0" in word:
            _refuse("options: no argument of a program can contain a NUL")
        yield word


def _method(value: Json) -> Iterator[str]:
    yield f"--method={_text(value, 'method')}"


def _headers(value: Json) -> Iterator[str]:
    for name, member in _pairs(value, "headers"):
        if ":" in name or ";" in name:
            _refuse(f"headers: invalid header name {name!r}")
        if member is None:
            yield f"--header={name}:"
        else:
            text = _text(member, f"headers: {name}")
            yield f"--header={name}:{text}" if text else f"--header={name};"


def _params(value: Json) -> Iterator[str]:
    for name, member in _pairs(value, "params"):
        if "=" in name:
            _refuse(f"params: {name!r} contains =; write it in the url as %3D")
        yield f"--param={name}={_text(member, f'params: {name}')}"


def _json(value: Json) -> Iterator[str]:
    yield "--json"
    yield f"--raw={dump(value, ascii_only=True)}"


def _form(value: Json) -> Iterator[str]:
    yield "--form"
    for name, member in _pairs(value, "form"):
        if "=" in name:
            _refuse(f"form: {name!r} contains =")
        yield f"--field={name}={_text(member, f'form: {name}')}"


def _data(value: Json) -> Iterator[str]:
    yield f"--raw={_text(value, 'data')}"


def _url(value: Json) -> Iterator[str]:
    if not isinstance(value, str):
        _refuse("url must be a string")
    yield "--"
    yield value


_CONVERTERS: dict[str, Callable[[Json], Iterator[str]]] = {
    "options": _options,
    "method": _method,
    "headers": _headers,
    "params": _params,
    "json": _json,
    "form": _form,
    "data": _data,
    "url": _url,
}
"""The function that yields the arguments of each key, in the order of the command line."""


def _pairs(value: Json, key: str) -> Iterator[tuple[str, Json]]:
    """Yield pairs of a name and a single value; a list, or a repeated key, is several pairs."""
    if not isinstance(value, dict):
        _refuse(f"{key} must be an object")
    for name, member in value.members if isinstance(value, RepeatedKeys) else value.items():
        for single in member if isinstance(member, list) else [member]:
            yield name, single


def _text(value: Json, name: str) -> str:
    """Return a string, or a number or boolean as it is written in JSON."""
    if isinstance(value, bool) or is_number(value):
        return dump(value)
    if not isinstance(value, str):
        _refuse(f"{name} must be a string")
    return value


def _refuse(message: str) -> NoReturn:
    raise UsageError(message, hint="see docs/batch.md")
