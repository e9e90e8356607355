"""``--print-curl`` prints a curl command, sends nothing and reports what curl cannot do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run
from tests.support.servers import RawServer


def test_print_curl_sends_nothing(server: RawServer) -> None:
    result = run(server.url, "--print-curl")
    assert result.text.startswith("curl \\\n  ")
    assert (result.status, result.err) == (0, "")
    server.assert_not_called()


def test_short_command_is_printed_on_one_line() -> None:
    result = run("--print-curl", ":9/", "User-Agent;", "Accept-Encoding:", "--verify=no", "-qq")
    assert result.text == "curl http://localhost:9/ --header 'User-Agent;' --insecure\n"


SECRETS = ["-a", "u:p4ss", "X-Api-Key:k3y", "Cookie:a=c00kie", "token==t0ken", "password=w0rd"]


def test_secrets_are_redacted() -> None:
    text = run("--print-curl", "http://h.test/", *SECRETS).text
    shown = [secret for secret in ("p4ss", "k3y", "c00kie", "t0ken", "w0rd") if secret in text]
    assert shown == []
    assert "'u:…redacted…'" in text
    assert "'X-Api-Key: …redacted…'" in text


def test_referenced_values_are_redacted() -> None:
    argv = ["--print-curl", "http://h.test/", "a=@env:REF", "b==@env:REF"]
    assert "r3f" not in run(*argv, env={"REF": "r3f"}).text


def test_show_secrets_prints_the_secrets() -> None:
    text = run("--print-curl", "--show-secrets", "http://h.test/", *SECRETS).text
    assert [secret for secret in ("p4ss", "k3y", "c00kie", "t0ken", "w0rd") if secret in text] == [
        "p4ss",
        "k3y",
        "c00kie",
        "t0ken",
        "w0rd",
    ]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--compress", "a=b"], "compression of the body"),
        (["--pin=sha256:" + "0" * 64], "--pin"),
        (["--expect=status == 200"], "--expect"),
        (["--select=a"], "--select"),
        (["-F", "PUT", "a=b"], "curl repeats the method"),
        (["--session=me"], "--session"),
    ],
)
def test_options_without_a_curl_equivalent_are_reported(argv: list[str], message: str) -> None:
    method = [word for word in argv if word.isupper()]
    items = [word for word in argv if word == "a=b"]
    options = [word for word in argv if word not in (*method, *items)]
    result = run("--print-curl", *options, *method, "https://h.test/", *items)
    assert result.status == 0
    assert [
        line
        for line in result.err.splitlines()
        if "not supported by curl:" in line and message in line
    ]


def test_display_options_print_no_warning() -> None:
    result = run("--print-curl", "-v", "--pretty=none", "--style=pie", "http://h.test/")
    assert result.err == ""
    assert "--include" in result.text


def test_password_prompt_is_left_to_curl() -> None:
    assert "--user u " in run("--print-curl", "-a", "u", "http://h/", terminal=True).text.replace(
        "\n", " "
    ).replace("\\", "")


def test_print_curl_stores_no_session(home: Path) -> None:
    run("--print-curl", "--session=me", "http://h.test/", "X:1")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_session_headers_are_part_of_the_command(server: RawServer) -> None:
    server.answer(response())
    run("--session=./me.json", server.url, "X-Team:blue")
    assert json.loads(Path("me.json").read_text())
    assert "'X-Team: blue'" in run("--print-curl", "--session=./me.json", server.url).text


def test_cookie_jar_is_passed_to_curl() -> None:
    words = run("--print-curl", "--cookie-jar=jar.txt", "http://h.test/").text.split()
    at = words.index("--cookie-jar")
    assert words[at + 1] == str(Path("jar.txt").absolute())


def test_body_too_long_for_the_command_line_is_piped() -> None:
    result = run("--print-curl", "http://h.test/", f"--raw={'x' * 70_000}")
    assert "--data-binary @-" in result.text
    assert "pipe its 70000 bytes" in result.err


def test_body_from_another_url_becomes_a_pipe() -> None:
    text = run("--print-curl", "-T", "http://a.test/x", "http://b.test/y").text
    assert text.startswith("curl -fsSL http://a.test/x | curl")
