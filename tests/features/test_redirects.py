"""Redirects: which are followed, what is shown, and which headers are sent on."""

from __future__ import annotations

import pytest

from tests.support.http_connection import response, stall
from tests.support.run import run
from tests.support.servers import RawServer


def moved(location: str, status: str = "302 Found", body: str = "") -> bytes:
    return response(body, f"Location: {location}", status=status)


def test_redirects_are_not_followed_by_default(server: RawServer) -> None:
    server.answer(moved("/there", body="here"))
    assert run(server.url).out == b"here"


def test_redirects_are_followed_to_the_last_response(server: RawServer) -> None:
    server.answer(moved("/b", body="1")).answer(moved("c", body="2")).answer(response("3"))
    assert run("--follow", server.url + "/a/x").out == b"3"
    assert [request.target for request in server.requests] == ["/a/x", "/b", "/c"]


def test_all_option_shows_each_hop(server: RawServer) -> None:
    server.answer(moved("/b", body="one")).answer(response("two"))
    result = run("--follow", "--all", "-p", "Hh", server.url + "/a")
    lines = [line for line in result.text.splitlines() if "HTTP/1.1" in line]
    assert lines == [
        "GET /a HTTP/1.1",
        "HTTP/1.1 302 Found",
        "GET /b HTTP/1.1",
        "HTTP/1.1 200 OK",
    ]


def test_only_the_last_exchange_is_shown_by_default(server: RawServer) -> None:
    server.answer(moved("/b", body="one")).answer(response("two"))
    result = run("--follow", "-p", "Hhb", server.url + "/a")
    assert b"/a" not in result.out
    assert b"GET /b" in result.out
    assert result.out.endswith(b"two")


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        ("301", "GET", b""),
        ("302", "GET", b""),
        ("303", "GET", b""),
        ("307", "POST", b'{"a": "1"}'),
        ("308", "POST", b'{"a": "1"}'),
    ],
)
def test_post_is_repeated_only_by_307_and_308(
    server: RawServer, status: str, method: str, body: bytes
) -> None:
    server.answer(moved("/b", status))
    run("--follow", server.url, "a=1")
    last = server.requests[-1]
    assert (last.method, last.body) == (method, body)
    assert (last.header("Content-Type") is None) == (method == "GET")


SECRETS = [
    "Authorization: t",
    "Cookie: a=b",
    "X-Api-Key: k",
    "X-Auth-Token: t",
    "Client-Secret: s",
    "Host: other.example",
]


def test_secret_headers_are_not_sent_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server.url + "/"))
    run("--follow", server.url, *SECRETS, "X-Plain: 1", "Idempotency-Key: i")
    assert {name.lower() for name, _ in other_server.request.headers} == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "x-plain",
        "idempotency-key",
    }
    assert other_server.request.header("Host") == other_server.address


def test_credentials_are_not_sent_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server.url + "/"))
    run("--follow", "-a", "me:secret", server.url)
    assert server.request.header("Authorization") is not None
    assert other_server.request.header("Authorization") is None


def test_credentials_are_sent_again_to_the_same_origin(server: RawServer) -> None:
    server.answer(moved("/b"))
    run("--follow", "-a", "me:secret", server.url)
    assert server.requests[1].header("Authorization") is not None


def test_trust_redirects_sends_secrets_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server.url + "/"))
    run("--follow", "--trust-redirects", "-a", "me:secret", server.url, "X-Api-Key: k")
    assert other_server.request.header("Authorization") is not None
    assert other_server.request.header("X-Api-Key") == "k"


def test_redirect_from_https_to_http_is_refused_by_default(
    tls_server: RawServer, server: RawServer, ca_file: str
) -> None:
    tls_server.answer_always(moved(server.url + "/"))
    refused = run("--follow", f"--verify={ca_file}", tls_server.url)
    assert refused.status == 1
    assert "--allow-downgrade" in refused.err
    assert server.requests == []
    allowed = run("--follow", "--allow-downgrade", f"--verify={ca_file}", tls_server.url)
    assert allowed.status == 0


def test_redirect_from_http_to_https_verifies_the_certificate(
    server: RawServer, tls_server: RawServer, ca_file: str
) -> None:
    server.answer_always(moved(tls_server.url + "/"))
    assert run("--follow", server.url).status == 14
    assert run("--follow", f"--verify={ca_file}", server.url).status == 0


def test_redirect_to_another_scheme_is_refused(server: RawServer) -> None:
    server.answer(moved("file:///etc/passwd"))
    result = run("--follow", server.url)
    assert result.status == 1
    assert "file" in result.err


def test_refused_redirect_response_is_shown(server: RawServer) -> None:
    server.answer(moved("gopher://x", body="the answer"))
    result = run("--follow", "-p", "hb", server.url)
    assert result.text.startswith("HTTP/1.1 302 Found")


@pytest.mark.parametrize("options", [(), ("-h",), ("-m",), ("-q",), ("-v",), ("-p", ""), ("-b",)])
def test_refused_redirect_sets_the_exit_status(
    server: RawServer, options: tuple[str, ...]
) -> None:
    server.answer_always(moved("/again"))
    result = run("--follow", "--max-redirects=1", *options, server.url)
    assert result.status == 6
    assert "too many redirects (1)" in result.err
    server.answer_always(moved("gopher://x"))
    assert run("--follow", *options, server.url).status == 1


def test_hidden_redirect_body_is_not_waited_for(
    server: RawServer, other_server: RawServer
) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {other_server.url}/\r\nContent-Length: 999999\r\n\r\n"
    server.answer(head.encode() + b"some", stall)
    assert run("--follow", server.url).out == b"ok\n"
