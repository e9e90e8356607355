"""``echo:`` URLs: a built-in server for trying requests without a network."""

from __future__ import annotations

import pytest

from tests.support.run import run


def test_response_describes_the_request() -> None:
    answer = run("PUT", "echo:/anything/x", "a=1", "q==2", "X-Y:z").json
    assert answer["method"] == "PUT"
    assert answer["args"] == {"q": "2"}
    assert answer["json"] == {"a": "1"}
    assert answer["headers"]["X-Y"] == "z"
    assert answer["headers"]["Host"] == "echo"
    assert answer["url"] == "http://echo/anything/x?q=2"


def test_first_command_of_the_readme_works() -> None:
    assert run("POST", "echo:/anything", "name=world").json["json"] == {"name": "world"}


def test_empty_path_describes_the_request() -> None:
    assert run("echo:").json["method"] == "GET"


@pytest.mark.parametrize("status", [201, 404, 500])
def test_status_path_returns_that_status(status: int) -> None:
    result = run("-h", f"echo:/status/{status}")
    assert result.text.startswith(f"HTTP/1.1 {status} ")


def test_redirect_path_can_be_followed() -> None:
    result = run("--follow", "--all", "-h", "echo:/redirect/3")
    assert result.text.count("HTTP/1.1 302") == 3
    assert result.text.count("HTTP/1.1 200") == 1


def test_delay_bytes_and_stream_paths_work() -> None:
    assert run("echo:/delay/0.01").status == 0
    assert len(run("echo:/bytes/1000").out) == 1000
    assert run("echo:/stream/3").text.count("\n") == 3


def test_cookies_path_returns_the_sent_cookies() -> None:
    assert run("echo:/cookies", "Cookie:a=1", "--cookie", "b=2").json["cookies"] == {
        "a": "1",
        "b": "2",
    }


@pytest.mark.parametrize(("password", "status"), [("pw", 0), ("wrong", 4)])
def test_basic_auth_path_checks_the_password(password: str, status: int) -> None:
    result = run("--check-status", "-a", f"me:{password}", "echo:/basic-auth/me/pw")
    assert result.status == status


@pytest.mark.parametrize("coding", ["gzip", "deflate", "brotli", "zstd"])
def test_coded_responses_are_decoded(coding: str) -> None:
    assert run(f"echo:/{coding}").status == 0


def test_proxy_from_the_environment_is_not_used() -> None:
    assert run("echo:", env={"http_proxy": "http://127.0.0.1:9"}).status == 0


def test_echo_with_a_port_is_a_host() -> None:
    assert "\r\nHost: echo:8080\r\n" in run("--offline", "echo:8080").out.decode()
