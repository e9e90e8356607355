"""Cookies across the redirects of one run."""

from __future__ import annotations

from tests.support.http_connection import ReceivedRequest, response
from tests.support.run import run
from tests.support.servers import RawServer


def redirect(location: str, *cookie_header: str) -> bytes:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookie_header]
    return response("", f"Location: {location}", *fields, status="302 Found")


def cookie_header(request: ReceivedRequest) -> str | None:
    assert len(request.header_values("Cookie")) <= 1
    return request.header("Cookie")


def test_cookie_from_a_redirect_is_sent_to_later_requests(server: RawServer) -> None:
    server.answer(redirect("/b", "a=1", "p=2; Path=/b")).answer(redirect("/c", "a=3; Path=/"))
    run("--follow", server.url + "/a")
    assert [cookie_header(request) for request in server.requests] == [None, "p=2; a=1", "a=3"]


def test_cookies_are_not_kept_without_follow(server: RawServer) -> None:
    server.answer_always(redirect("/b", "a=1"))
    run(server.url)
    run(server.url)
    assert [cookie_header(request) for request in server.requests] == [None, None]


def test_typed_cookies_are_sent_with_the_servers(server: RawServer) -> None:
    server.answer(redirect("/b", "a=server; Path=/"))
    run("--follow", server.url, "Cookie:a=typed; b=typed", "--cookie=c=typed")
    assert [cookie_header(request) for request in server.requests] == [
        "a=typed; b=typed; c=typed",
        "b=typed; c=typed; a=server",
    ]


def test_cookies_stay_on_their_host_and_typed_ones_on_their_origin(
    server: RawServer, other_server: RawServer
) -> None:
    elsewhere = f"http://localhost:{other_server.port}"
    server.answer(redirect(f"{elsewhere}/there", "a=1; Path=/"))
    other_server.answer(redirect(server.url + "/back", "b=2; Path=/"))
    run("--follow", server.url, "Cookie:t=0")
    assert cookie_header(other_server.request) is None
    assert [cookie_header(request) for request in server.requests] == ["t=0", "a=1"]


def test_other_port_gets_server_cookies_but_not_typed_ones(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(redirect(other_server.url + "/", "a=1; Path=/"))
    run("--follow", server.url, "Cookie:t=0")
    assert cookie_header(other_server.request) == "a=1"


def test_secure_cookie_is_sent_only_over_tls(
    tls_server: RawServer, server: RawServer, ca_file: str
) -> None:
    tls_server.answer(redirect(server.url + "/", "s=1; Secure", "o=2"))
    run("--follow", "--allow-downgrade", f"--verify={ca_file}", tls_server.url)
    assert cookie_header(server.request) == "o=2"


def test_server_cannot_set_cookies_for_other_hosts(
    server: RawServer, other_server: RawServer
) -> None:
    elsewhere = f"http://localhost:{other_server.port}/"
    server.answer(redirect(elsewhere, "a=1; Domain=localhost", "b=2; Domain=1", "c=3; Domain="))
    run("--follow", server.url)
    assert cookie_header(other_server.request) is None


def test_echo_cookies_are_sent_back_within_a_run() -> None:
    result = run("--follow", "echo:/cookies/set?a=1")
    assert result.json == {"cookies": {"a": "1"}}


def test_shown_request_includes_the_sent_cookies(server: RawServer) -> None:
    server.answer(redirect("/b", "a=1"))
    shown = run("-v", "--follow", server.url).text
    assert "\r\nCookie: a=1\r\n" in shown
