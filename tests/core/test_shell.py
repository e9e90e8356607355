"""Quoting for the shell: real shells read each word as it was."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.shell import is_visible, printf_command, quote_word
from tests.support.other_programs import SHELLS, require_program

WORDS = [
    "",
    "plain",
    "a b",
    "it's",
    "''",
    "x\n'; touch PWN; #",
    "'; touch PWN; '",
    "$(touch PWN)",
    "`touch PWN`",
    '"; touch PWN; "',
    "\\",
    "\\\\'\\",
    "a\\nb",
    "%s%n%%",
    "\n%d\\077\\x41\\c",
    "end\n",
    "end\n\n\n",
    "\n",
    "\x1b\n\n",
    "a\nb\n",
    "-n",
    "--",
    "-\x1b",
    "-\n",
    "~",
    "~root",
    "=ls",
    "a=~",
    "!",
    "!!",
    "!x",
    "it's!!",
    "a!\tb!x",
    "!!\n",
    "#",
    "#x",
    "a #b",
    "{a,b}",
    "*",
    "?",
    "[a-z]",
    "a\rb",
    "\r\n",
    "\x1b[31m",
    "\x7f",
    "\u0085\u009b31m",
    "\u202ercs\u2066",
    "\u200e\u061c",
    "\u2028",
    "\u3164",
    "é漢🙂",
    "é\n漢\t🙂",
    "\udcff\udc80é",
    "\x01" + "7",
    "\\\n",
    "\n\\",
    "^a^b",
    "<(ls)",
    "a&b|c;d",
    "${IFS}",
    "$'x'",
    "$\n",
]


def arguments(shell: str, script: str) -> list[str]:
    """Return the arguments that a shell passes to ``printf`` in a script."""
    result = subprocess.run([require_program(shell), *SHELLS[shell], script], capture_output=True)
    assert result.stderr == b""
    return result.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_read_each_quoted_word_as_it_was(shell: str) -> None:
    line = " ".join(map(quote_word, WORDS))
    assert arguments(shell, f"printf '%s\\000' {line}") == WORDS


@pytest.mark.parametrize("shell", SHELLS)
@given(words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_shells_read_any_text_as_it_was(shell: str, words: list[str]) -> None:
    words = [*words, "end"]
    line = " ".join(map(quote_word, words))
    assert arguments(shell, f"printf '%s\\000' {line}") == words


@pytest.mark.parametrize("shell", SHELLS)
@given(data=st.binary())
def test_shells_read_any_bytes_as_they_were(shell: str, data: bytes) -> None:
    word = data.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    assert arguments(shell, f"printf '%s\\000' {quote_word(word)}") == [word]


@pytest.mark.parametrize("shell", SHELLS)
@given(data=st.binary())
def test_printf_command_prints_the_bytes(shell: str, data: bytes) -> None:
    command = [require_program(shell), *SHELLS[shell], printf_command(data)]
    assert subprocess.run(command, capture_output=True, check=True).stdout == data


@pytest.mark.parametrize("data", [b"-v x", b"--", b"-", b"%s", b"a\0b", b"\x001", b"'!\"$`"])
@pytest.mark.parametrize("shell", SHELLS)
def test_printf_command_prints_special_bytes(shell: str, data: bytes) -> None:
    command = [require_program(shell), *SHELLS[shell], printf_command(data)]
    assert subprocess.run(command, capture_output=True, check=True).stdout == data


@pytest.mark.parametrize("start", [["bash", "--norc"], ["zsh", "-f"]])
def test_interactive_shells_do_not_expand_quoted_words(start: list[str]) -> None:
    """Each word is on a line of its own, because history expansion reads line by line."""
    words = [word for word in WORDS if "\x1b" not in word]
    script = "".join(f"printf '%s\\000' {quote_word(word)} '!end'\n" for word in words)
    result = subprocess.run(
        [require_program(start[0]), *start[1:], "-i"],
        input=b"set -o histexpand\n" * (start[0] == "bash")
        + script.encode("utf-8", "surrogateescape"),
        capture_output=True,
    )
    seen = result.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    assert seen == [part for word in words for part in (word, "!end")]


@pytest.mark.parametrize("word", [word for word in WORDS if not is_visible(word)])
def test_quoted_words_have_no_character_that_cannot_be_seen(word: str) -> None:
    assert is_visible(quote_word(word).replace("\n", ""))


def test_a_line_of_text_after_a_line_end_does_not_begin_a_line_of_the_command() -> None:
    assert "\n" not in quote_word("x\nrm -rf /")


def test_nul_cannot_be_quoted() -> None:
    with pytest.raises(ValueError, match="NUL"):
        quote_word("a\0b")
