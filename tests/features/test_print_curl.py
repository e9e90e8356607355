"""``--print-curl`` prints a command, sends nothing, and says what curl cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.wire import response


def test_nothing_is_sent(server: RawServer) -> None:
    result = run(server.url, "--print-curl")
    assert result.text.startswith("curl \\\n  ")
    assert (result.status, result.err) == (0, "")
    server.must_be_idle()


def test_a_short_command_stands_on_one_line() -> None:
    result = run("--print-curl", ":9/", "User-Agent;", "Accept-Encoding:", "--verify=no", "-qq")
    assert result.text == "curl http://localhost:9/ --header 'User-Agent;' --insecure\n"


SECRETS = ["-a", "u:p4ss", "X-Api-Key:k3y", "Cookie:a=c00kie", "token==t0ken", "password=w0rd"]


def test_secrets_are_hidden() -> None:
    text = run("--print-curl", "http://h.test/", *SECRETS).text
    shown = [secret for secret in ("p4ss", "k3y", "c00kie", "t0ken", "w0rd") if secret in text]
    assert shown == []
    assert "'u:…redacted…'" in text
    assert "'X-Api-Key: …redacted…'" in text


def test_what_was_given_by_reference_is_hidden() -> None:
    argv = ["--print-curl", "http://h.test/", "a=@env:REF", "b==@env:REF"]
    assert "r3f" not in run(*argv, env={"REF": "r3f"}).text


def test_secrets_are_shown_to_who_asks() -> None:
    text = run("--print-curl", "--show-secrets", "http://h.test/", *SECRETS).text
    assert [secret for secret in ("p4ss", "k3y", "c00kie", "t0ken", "w0rd") if secret in text] == [
        "p4ss",
        "k3y",
        "c00kie",
        "t0ken",
        "w0rd",
    ]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--compress", "a=b"], "compressing the content"),
        (["--pin=sha256:" + "0" * 64], "--pin"),
        (["--expect=status == 200"], "--expect"),
        (["--select=a"], "--select"),
        (["-F", "PUT", "a=b"], "curl repeats the method"),
        (["--session=me"], "--session"),
    ],
)
def test_what_curl_cannot_say_is_told(argv: list[str], says: str) -> None:
    method = [word for word in argv if word.isupper()]
    items = [word for word in argv if word == "a=b"]
    options = [word for word in argv if word not in (*method, *items)]
    result = run("--print-curl", *options, *method, "https://h.test/", *items)
    assert result.status == 0
    assert [line for line in result.err.splitlines() if "curl cannot say" in line and says in line]


def test_what_only_concerns_the_screen_is_not_told() -> None:
    result = run("--print-curl", "-v", "--pretty=none", "--style=pie", "http://h.test/")
    assert result.err == ""
    assert "--include" in result.text


def test_no_password_is_asked_since_curl_asks() -> None:
    assert "--user u " in run("--print-curl", "-a", "u", "http://h/", terminal=True).text.replace(
        "\n", " "
    ).replace("\\", "")


def test_no_session_is_kept(home: Path) -> None:
    run("--print-curl", "--session=me", "http://h.test/", "X:1")
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_what_a_session_remembers_is_said(server: RawServer) -> None:
    server.answer(response())
    run("--session=./me.json", server.url, "X-Team:blue")
    assert json.loads(Path("me.json").read_text())
    assert "'X-Team: blue'" in run("--print-curl", "--session=./me.json", server.url).text


def test_a_cookie_jar_is_curls_too() -> None:
    words = run("--print-curl", "--cookie-jar=jar.txt", "http://h.test/").text.split()
    at = words.index("--cookie-jar")
    assert words[at + 1] == str(Path("jar.txt").absolute())


def test_content_too_long_for_a_command_line_is_piped() -> None:
    result = run("--print-curl", "http://h.test/", f"--raw={'x' * 70_000}")
    assert "--data-binary @-" in result.text
    assert "pipe its 70000 bytes in" in result.err


def test_another_urls_content_is_a_pipe() -> None:
    text = run("--print-curl", "-T", "http://a.test/x", "http://b.test/y").text
    assert text.startswith("curl -fsSL http://a.test/x | curl")
