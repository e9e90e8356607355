"""`echo:` URLs: try anything without a network."""

from __future__ import annotations

import pytest

from tests.support.run import run


def test_answers_with_what_it_received() -> None:
    answer = run("PUT", "echo:/anything/x", "a=1", "q==2", "X-Y:z").json
    assert answer["method"] == "PUT"
    assert answer["args"] == {"q": "2"}
    assert answer["json"] == {"a": "1"}
    assert answer["headers"]["X-Y"] == "z"
    assert answer["headers"]["Host"] == "echo"
    assert answer["url"] == "http://echo/anything/x?q=2"


def test_the_readmes_first_command_works() -> None:
    assert run("POST", "echo:/anything", "name=world").json["json"] == {"name": "world"}


def test_alone_it_shows_anything() -> None:
    assert run("echo:").json["method"] == "GET"


@pytest.mark.parametrize("status", [201, 404, 500])
def test_any_status(status: int) -> None:
    result = run("-h", f"echo:/status/{status}")
    assert result.text.startswith(f"HTTP/1.1 {status} ")


def test_redirects_are_followed_within_it() -> None:
    result = run("--follow", "--all", "-h", "echo:/redirect/3")
    assert result.text.count("HTTP/1.1 302") == 3
    assert result.text.count("HTTP/1.1 200") == 1


def test_delay_bytes_and_stream() -> None:
    assert run("echo:/delay/0.01").status == 0
    assert len(run("echo:/bytes/1000").out) == 1000
    assert run("echo:/stream/3").text.count("\n") == 3


def test_cookies_are_read_back() -> None:
    assert run("echo:/cookies", "Cookie:a=1", "--cookie", "b=2").json["cookies"] == {
        "a": "1",
        "b": "2",
    }


@pytest.mark.parametrize(("password", "status"), [("pw", 0), ("wrong", 4)])
def test_basic_auth(password: str, status: int) -> None:
    result = run("--check-status", "-a", f"me:{password}", "echo:/basic-auth/me/pw")
    assert result.status == status


@pytest.mark.parametrize("coding", ["gzip", "deflate", "brotli", "zstd"])
def test_codings(coding: str) -> None:
    assert run(f"echo:/{coding}").status == 0


def test_proxies_of_the_environment_are_not_asked() -> None:
    assert run("echo:", env={"http_proxy": "http://127.0.0.1:9"}).status == 0


def test_a_port_makes_it_a_host() -> None:
    assert run("--connect-timeout=1", "echo:8080").status in (11, 12)
