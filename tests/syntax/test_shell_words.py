"""Splitting a line into words as a shell does."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.errors import UsageError
from httpcli.syntax.batch_lines import split_words


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


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=0)))
def test_quoted_words_round_trip(words: list[str]) -> None:
    assert split_words(shlex.join(words)) == words


@pytest.mark.parametrize("line", ["s3cret 'open s3cret", 's3cret "open s3cret', "s3cret a\\"])
def test_open_quote_error_has_its_column_but_no_text_of_the_line(line: str) -> None:
    with pytest.raises(UsageError, match="in the word at column 8") as caught:
        split_words(line)
    assert caught.value.fault is None
    assert re.search("s3cret", caught.value.message + caught.value.hint) is None
