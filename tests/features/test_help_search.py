"""``httpcli help WORD`` shows the part of the help that contains a word."""

from __future__ import annotations

import pytest

from tests.support.run import run


@pytest.mark.parametrize("command", [("help",), ("--help",)])
def test_word_shows_only_the_options_that_contain_it(command: tuple[str, ...]) -> None:
    shown = run(*command, "netrc")
    assert "--ignore-netrc" in shown.text
    assert "--verbose" not in shown.text


def test_search_ignores_case() -> None:
    assert run("help", "NETRC").text == run("help", "netrc").text


@pytest.mark.parametrize(("word", "option"), [("--output", "--output"), ("-o", "-o, --output")])
def test_option_name_is_a_search_word(word: str, option: str) -> None:
    assert option in run("help", word).text


def test_subcommand_name_shows_the_help_of_the_subcommand() -> None:
    assert run("help", "sessions").text == run("sessions", "--help").text


def test_word_without_matches_is_an_error() -> None:
    shown = run("help", "frobnicate")
    assert shown.status == 10
    assert "frobnicate" in shown.err


def test_help_without_a_word_shows_everything() -> None:
    assert run("help").text == run("--help").text


def test_help_after_a_request_shows_everything() -> None:
    assert run("GET", "example.org", "--help").text == run("--help").text
