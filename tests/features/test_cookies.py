"""Cookies between the hops of one run."""

from __future__ import annotations

from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.wire import Received, response


def moved(location: str, *cookies: str) -> bytes:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookies]
    return response("", f"Location: {location}", *fields, status="302 Found")


def cookies(request: Received) -> str | None:
    assert len(request.every("Cookie")) <= 1
    return request.field("Cookie")


def test_a_cookie_of_a_hop_goes_to_later_hops(server: RawServer) -> None:
    server.answer(moved("/b", "a=1", "p=2; Path=/b")).answer(moved("/c", "a=3; Path=/"))
    run("--follow", server.url + "/a")
    assert [cookies(request) for request in server.requests] == [None, "p=2; a=1", "a=3"]


def test_without_follow_nothing_is_kept(server: RawServer) -> None:
    server.always(moved("/b", "a=1"))
    run(server.url)
    run(server.url)
    assert [cookies(request) for request in server.requests] == [None, None]


def test_a_typed_cookie_goes_along_with_the_servers(server: RawServer) -> None:
    server.answer(moved("/b", "a=server; Path=/"))
    run("--follow", server.url, "Cookie:a=typed; b=typed", "--cookie=c=typed")
    assert [cookies(request) for request in server.requests] == [
        "a=typed; b=typed; c=typed",
        "b=typed; c=typed; a=server",
    ]


def test_cookies_are_for_the_host_that_set_them_and_typed_ones_for_their_origin(
    server: RawServer, other_server: RawServer
) -> None:
    elsewhere = f"http://localhost:{other_server.port}"
    server.answer(moved(f"{elsewhere}/there", "a=1; Path=/"))
    other_server.answer(moved(server.url + "/back", "b=2; Path=/"))
    run("--follow", server.url, "Cookie:t=0")
    assert cookies(other_server.request) is None
    assert [cookies(request) for request in server.requests] == ["t=0", "a=1"]


def test_another_port_is_the_same_host_to_a_cookie_but_not_to_what_was_typed(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server.url + "/", "a=1; Path=/"))
    run("--follow", server.url, "Cookie:t=0")
    assert cookies(other_server.request) == "a=1"


def test_a_secure_cookie_stays_on_tls(
    tls_server: RawServer, server: RawServer, ca_file: str
) -> None:
    tls_server.answer(moved(server.url + "/", "s=1; Secure", "o=2"))
    run("--follow", "--allow-downgrade", f"--verify={ca_file}", tls_server.url)
    assert cookies(server.request) == "o=2"


def test_a_server_sets_no_cookie_for_others(server: RawServer, other_server: RawServer) -> None:
    elsewhere = f"http://localhost:{other_server.port}/"
    server.answer(moved(elsewhere, "a=1; Domain=localhost", "b=2; Domain=1", "c=3; Domain="))
    run("--follow", server.url)
    assert cookies(other_server.request) is None


def test_the_cookies_of_echo_come_back_within_a_run() -> None:
    result = run("--follow", "echo:/cookies/set?a=1")
    assert result.json == {"cookies": {"a": "1"}}


def test_what_is_shown_has_the_cookies_that_were_sent(server: RawServer) -> None:
    server.answer(moved("/b", "a=1"))
    shown = run("-v", "--follow", server.url).text
    assert "\r\nCookie: a=1\r\n" in shown
