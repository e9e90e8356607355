"""``httpcli help WORD``: the part of the help that is about it."""

from __future__ import annotations

import pytest

from tests.support.run import run


@pytest.mark.parametrize("asking", [("help",), ("--help",)])
def test_a_word_shows_the_options_that_have_it(asking: tuple[str, ...]) -> None:
    shown = run(*asking, "netrc")
    assert "--ignore-netrc" in shown.text
    assert "--verbose" not in shown.text


def test_the_case_of_letters_does_not_matter() -> None:
    assert run("help", "NETRC").text == run("help", "netrc").text


@pytest.mark.parametrize(("word", "option"), [("--output", "--output"), ("-o", "-o, --output")])
def test_an_option_can_be_the_word(word: str, option: str) -> None:
    assert option in run("help", word).text


def test_help_on_a_subcommand_is_its_own() -> None:
    assert run("help", "sessions").text == run("sessions", "--help").text


def test_a_word_that_nothing_has_is_said_to_have_none() -> None:
    shown = run("help", "frobnicate")
    assert shown.status == 10
    assert "frobnicate" in shown.err


def test_help_without_a_word_is_all_of_it() -> None:
    assert run("help").text == run("--help").text


def test_help_behind_a_request_is_all_of_it() -> None:
    assert run("GET", "example.org", "--help").text == run("--help").text
