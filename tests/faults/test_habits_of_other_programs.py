"""What people type who are used to curl, wget, HTTPie and argparse."""

from __future__ import annotations

import pytest

from tests.support.run import run_process


@pytest.mark.parametrize(
    ("attached", "usual"),
    [
        (["-p=H"], ["-pH"]),
        (["-vp=H"], ["-vpH"]),
        (["-A=digest", "-a=u:p=q"], ["-Adigest", "-au:p=q"]),
        (["-X=PUT", "-H=A: =b"], ["-XPUT", "-HA: =b"]),
    ],
)
def test_value_may_be_attached_to_a_letter_with_an_equals_sign(
    attached: list[str], usual: list[str]
) -> None:
    url = ["--offline", "http://h.test/"]
    result = run_process(*attached, *url)
    assert (result.status, result.out) == (0, run_process(*usual, *url).out)


def test_separate_value_keeps_its_equals_sign() -> None:
    result = run_process("--offline", "-pH", "-X", "=GET", "http://h.test/")
    assert "invalid method '=GET'" in result.err


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        (["--timeout", "example.org"], "--timeout"),
        (["-o", "https://example.org/f"], "--output"),
        (["--max-time", "localhost:8000"], "--max-time"),
    ],
)
def test_option_that_took_the_url_is_named(argv: list[str], option: str) -> None:
    result = run_process(*argv)
    assert result.status == 10
    assert f"{option} took '{argv[-1]}' as its value" in result.err


def test_missing_url_shows_no_secret() -> None:
    assert "secret" not in run_process("-o", "me:secret@example.org").err


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--compressed", "responses are decompressed"),
        ("--data-urlencode", "-f URL name=value"),
        ("--referer", "Referer:URL"),
        ("--range", "Range:bytes=0-99"),
        ("--no-check-certificate", "--verify=no"),
        ("--tries", "--retry"),
        ("--load-cookies", "--cookie-jar"),
        ("--post-data", "--raw"),
        ("--fail-with-body", "--check-status"),
        ("--bearer", "--auth-type=bearer"),
        ("--dir", "--output-dir"),
        ("--curl", "--print-curl"),
        ("-J", "-d takes the name"),
        ("-n", "~/.netrc"),
        ("-N", "not buffered"),
        ("-0", "--http1.0"),
        ("-C", "-dc URL"),
        ("-D", "--print=h --output FILE"),
        ("-z", "If-Modified-Since"),
        ("-V", "--version"),
    ],
)
def test_options_of_other_programs_get_a_hint(option: str, hint: str) -> None:
    result = run_process(option, "http://h.test/")
    assert result.status == 10
    assert f"unknown option {option}" in result.err
    assert hint in result.err


def test_hint_about_curl_keeps_the_hint_of_the_error() -> None:
    result = run_process("-b", "--verify=/missing", "https://h.test/")
    assert "cookie" not in result.err
    result = run_process("-m", "10", "--timeout=x", "h.test")
    assert "--max-time SECONDS" in result.err
    assert "use Name:value" in result.err


def test_config_answers_help() -> None:
    for argv in (["config", "--help"], ["help", "config"]):
        result = run_process(*argv)
        assert result.status == 0
        assert result.text.startswith("usage: httpcli config show")


@pytest.mark.parametrize("option", ["--no-alpn", "--no-npn", "--no-hsts"])
def test_no_hint_suggests_to_turn_something_else_off(option: str) -> None:
    result = run_process(option, "http://h.test/")
    assert (result.status, "did you mean" in result.err) == (10, False)


def test_mistyped_negated_option_gets_the_right_one() -> None:
    assert "did you mean --no-follow?" in run_process("--no-folow", "http://h.test/").err
