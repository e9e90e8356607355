"""Parsing of a batch line: words as in a shell, or a JSON object."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import UsageError
from httpcli.syntax.batch_lines import arguments_of_object, split_words

# --- words ---


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" \t ", []),
        ("# all of it", []),
        ("a b\tc", ["a", "b", "c"]),
        ("a # b", ["a"]),
        ("a '#b' c#d # e", ["a", "#b", "c#d"]),
        ("http://h/#part x", ["http://h/#part", "x"]),
        ("http://h/#part 'x y'", ["http://h/#part", "x y"]),
        ("""a='b "c"' d""", ["""a=b "c\"""", "d"]),
        (r'"a\"b\\c\d"', [r'a"b\c\d']),
        (r"a\ b '' c", ["a b", "", "c"]),
        (
            "a\N{NO-BREAK SPACE}b \N{LINE SEPARATOR}",
            ["a\N{NO-BREAK SPACE}b", "\N{LINE SEPARATOR}"],
        ),
        ("$HOME *.txt a;b|c&d", ["$HOME", "*.txt", "a;b|c&d"]),
    ],
)
def test_line_is_split_as_a_shell_does(line: str, words: list[str]) -> None:
    assert split_words(line) == words


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), min_size=0)))
def test_quoted_words_round_trip(words: list[str]) -> None:
    assert split_words(shlex.join(words)) == words


@pytest.mark.parametrize("line", ["s3cret 'open s3cret", 's3cret "open s3cret', "s3cret a\\"])
def test_open_quote_error_has_its_column_but_no_text_of_the_line(line: str) -> None:
    with pytest.raises(UsageError, match="in the argument at column 8") as caught:
        split_words(line)
    assert caught.value.fault is None
    assert re.search("s3cret", caught.value.message + caught.value.hint) is None


def test_nul_in_a_line_is_refused() -> None:
    with pytest.raises(UsageError, match="a NUL is in the line"):
        split_words("http://h/ a=\0")
    with pytest.raises(UsageError, match="NUL"):
        arguments_of_object(r'{"url": "h", "options": ["--output=x\u0000"]}')


# --- objects ---


@pytest.mark.parametrize(
    ("members", "arguments"),
    [
        ("", []),
        ('"method": "PUT"', ["--method=PUT"]),
        ('"headers": {"A": "1", "B": ["2", 3]}', ["--header=A:1", "--header=B:2", "--header=B:3"]),
        ('"headers": {"A": null, "B": ""}', ["--header=A:", "--header=B;"]),
        ('"headers": {"A": "1", "A": "2"}', ["--header=A:1", "--header=A:2"]),
        ('"params": {"q": "a b", "n": 1.10}', ["--param=q=a b", "--param=n=1.10"]),
        ('"params": {"on": true}', ["--param=on=true"]),
        ('"json": {"a": 1e400}', ["--json", '--raw={"a": 1e400}']),
        ('"json": null', ["--json", "--raw=null"]),
        (
            '"form": {"a": "@x", "b": [1, 2]}',
            ["--form", *(f"--field={x}" for x in ("a=@x", "b=1", "b=2"))],
        ),
        ('"data": "text"', ["--raw=text"]),
        ('"options": ["--follow", "-v"]', ["--follow", "-v"]),
    ],
)
def test_each_key_becomes_arguments(members: str, arguments: list[str]) -> None:
    text = f'{{"url": "-u", {members}}}'.replace(", }", "}")
    assert arguments_of_object(text) == [*arguments, "--", "-u"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "invalid JSON: .*, at column 2"),
        ('{"url": "s3cret" x}', "invalid JSON: .*, at column 18"),
        ('{"url": "h", "url": "h"}', "duplicate key in the object"),
        ("{}", "missing key url"),
        ('{"url": "h", "heders": "s3cret"}', "unknown key 'heders'"),
        ('{"url": "h", "json": 1, "data": "s3cret"}', "two request bodies: json and data"),
        ('{"url": ["s3cret"]}', "url must be a string"),
        ('{"url": "h", "headers": ["s3cret"]}', "headers must be an object"),
        ('{"url": "h", "headers": {"A:b": "s3cret"}}', "headers: invalid header name"),
        ('{"url": "h", "params": {"a=b": "s3cret"}}', "contains ="),
        ('{"url": "h", "form": {"a": {"s3cret": 1}}}', "form: a must be a string"),
        ('{"url": "h", "options": "s3cret"}', "options must be a list"),
        ('{"url": "h", "options": [1]}', "options must be a list"),
    ],
)
def test_invalid_object_is_rejected_without_showing_values(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        arguments_of_object(text)
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert caught.value.fault is None
