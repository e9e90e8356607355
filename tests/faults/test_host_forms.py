"""Hosts as browsers and curl read them: short addresses, ``*.localhost``, symbols, slashes."""

from __future__ import annotations

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1."])
def test_short_and_numeric_addresses_are_reached(server: RawServer, host: str) -> None:
    server.answer(response("ok"))
    result = run_process("-pb", f"http://{host}:{server.port}/")
    assert (result.status, result.text) == (0, "ok")
    assert server.request.header("Host") == f"127.0.0.1:{server.port}"


def test_credentials_of_a_host_stay_with_its_other_spelling(server: RawServer) -> None:
    location = f"Location: http://127.1:{server.port}/b"
    server.answer(response("", location, status="302 Found")).answer(response("ok"))
    assert run_process("-F", "-a", "me:secret", f"{server.url}/a").status == 0
    assert server.requests[1].header("Authorization")


@pytest.mark.parametrize("options", [[], ["-4"]])
@pytest.mark.parametrize("host", ["a.localhost", "x.y.LOCALHOST"])
def test_names_below_localhost_are_this_machine(
    server: RawServer, host: str, options: list[str]
) -> None:
    server.answer(response("ok"))
    result = run_process("-pb", *options, f"http://{host}:{server.port}/")
    assert (result.status, result.text) == (0, "ok")


def test_cookie_of_an_international_domain_is_sent_back(server: RawServer) -> None:
    names = [
        f"--resolve={name}:{server.port}:127.0.0.1" for name in ("a.bücher.de", "b.bücher.de")
    ]
    location = f"Location: http://b.bücher.de:{server.port}/"
    server.answer(
        response("", "Set-Cookie: n=v; Domain=bücher.de", location, status="302 Found")
    ).answer(response("ok"))
    assert run_process("-F", *names, f"http://a.bücher.de:{server.port}/").status == 0
    assert server.requests[1].header("Cookie") == "n=v"


def test_symbols_in_a_host_are_sent_as_browsers_do() -> None:
    result = run_process("--offline", "-pH", "http://I❤.☕.example/")
    assert result.status == 0
    assert "Host: xn--i-7iq.xn--53h.example\r\n" in result.out.decode()


@pytest.mark.parametrize(
    ("url", "suggestion"),
    [
        ("http:/h.test/x", "http://h.test"),
        ("http//h.test", "http://h.test"),
        ("http:h.test", "http://h.test"),
        ("https:///h.test/x", "https://h.test"),
        ("HTTPS:\\\\h.test", "https://h.test"),
        ("ws:/h.test", "ws://h.test"),
        ("https:/me:secret@h.test", "https://HOST"),
    ],
)
def test_wrong_slashes_are_an_error_with_the_right_url(url: str, suggestion: str) -> None:
    result = run_process(url)
    assert result.status == 10
    assert f"did you mean {suggestion}?" in result.err
    assert "secret" not in result.err


def test_a_host_may_be_called_http(server: RawServer) -> None:
    server.answer(response("ok"))
    to_server = f"--resolve=http:{server.port}:127.0.0.1"
    result = run_process("-pb", to_server, f"http:{server.port}/x")
    assert (result.status, result.text) == (0, "ok")


def test_a_socks_proxy_in_the_environment_is_socks5() -> None:
    result = run_process("http://192.0.2.1/", env={"all_proxy": "socks://127.0.0.1:1"})
    assert result.status == 15
    assert "socks5://127.0.0.1:1: connection refused" in result.err
