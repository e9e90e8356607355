"""Names of this machine, short IPv4 addresses, names outside ASCII and mistyped URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.proxy import ProxyServer
from tests.support.run import run_process
from tests.support.servers import RawServer


def wide(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.wide)


@pytest.mark.parametrize(
    "host",
    ["app.localhost", wide("localhost."), wide("a.b.LOCALHOST"), wide("app.localhost.")],
)
def test_names_below_localhost_are_this_machine(server: RawServer, host: str) -> None:
    result = run_process(f"http://{host}:{server.port}/")
    assert result.status == 0
    assert server.request.header("Host") == f"{host.lower()}:{server.port}"


@pytest.mark.wide
def test_a_redirect_to_a_name_below_localhost_is_followed(server: RawServer) -> None:
    location = f"Location: http://app.localhost:{server.port}/x"
    server.answer(response("", location, status="302 Found"))
    assert run_process("--follow", server.url).status == 0
    assert len(server.requests) == 2


@pytest.mark.wide
def test_an_address_for_a_name_below_localhost_goes_first(server: RawServer) -> None:
    server.may_be_idle()
    address = f"--resolve=app.localhost:{server.port}:127.0.0.9"
    result = run_process(address, "--ipv6", f"http://app.localhost:{server.port}/")
    assert "no address of the requested kind" in result.err


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        wide("2130706433"),
        wide("0x7f.1"),
        wide("017700000001"),
        wide("0"),
        wide("\uff11\uff12\uff17.\uff11"),
        wide("%31%32%37.1"),
    ],
)
def test_short_and_numeric_ipv4_addresses_are_read_as_in_browsers(
    server: RawServer, host: str
) -> None:
    assert run_process(f"http://{host}:{server.port}/").status == 0
    address = "0.0.0.0" if host == "0" else "127.0.0.1"
    assert server.request.header("Host") == f"{address}:{server.port}"


@pytest.mark.wide
def test_credentials_cookies_and_headers_go_to_another_spelling_of_an_address(
    server: RawServer, tmp_path: Path
) -> None:
    location = f"Location: http://127.1:{server.port}/x"
    server.answer(response("", location, "Set-Cookie: a=1", status="302 Found"))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 0x7f000001 login me password hunter2\n")
    netrc.chmod(0o600)
    assert run_process("--follow", server.url, env={"NETRC": str(netrc)}).status == 0
    first, second = server.requests
    assert first.header("Authorization") == second.header("Authorization") is not None
    assert second.header("Cookie") == "a=1"


@pytest.mark.wide
@pytest.mark.parametrize(("entry", "host"), [("127.1", "127.0.0.1"), ("127.0.0.0/8", "0x7f.1")])
def test_no_proxy_applies_to_other_spellings_of_an_address(
    server: RawServer, proxy: ProxyServer, entry: str, host: str
) -> None:
    proxy.may_be_idle()
    env = {"http_proxy": proxy.url, "no_proxy": entry}
    assert run_process(f"http://{host}:{server.port}/", env=env).status == 0
    proxy.assert_not_called()


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("☕.test", "xn--53h.test"),
        wide("I❤.TEST", "xn--i-7iq.test"),
        wide("faß。test", "xn--fa-hia.test"),
        wide("ex%61mple.test", "example.test"),
    ],
)
def test_names_outside_ascii_are_read_as_in_browsers(
    server: RawServer, host: str, sent: str
) -> None:
    address = f"--resolve={sent}:{server.port}:127.0.0.1"
    assert run_process(address, f"http://{host}:{server.port}/").status == 0
    assert server.request.header("Host") == f"{sent}:{server.port}"


def test_the_error_of_a_name_outside_ascii_names_the_wrong_label() -> None:
    result = run_process("http://good.a\u2026b.test/")
    assert result.status == 10
    assert "invalid label 'a…b' in the host name: U+2026 is not allowed" in result.err


def test_a_url_without_a_scheme_may_begin_with_slashes(server: RawServer) -> None:
    assert run_process(f"//127.0.0.1:{server.port}/x").status == 0
    assert server.request.target == "/x"


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        (
            "https;//h.test/x",
            "expected https:// before the host",
            "did you mean https://h.test/x?",
        ),
        wide("htp://h.test", "htp:// is not supported", "did you mean http://h.test?"),
        wide("http://http://h.test", "the URL has two schemes", "did you mean http://h.test?"),
        wide("file:/etc/passwd", "file: is not supported", "supported: http, https, ws, wss"),
    ],
)
def test_a_mistyped_scheme_is_explained(url: str, message: str, hint: str) -> None:
    result = run_process(url)
    assert result.status == 10
    assert message in result.err
    assert hint in result.err


@pytest.mark.parametrize("reference", ["http:/x", wide("http:x"), wide("\\x"), wide("http:\\x")])
def test_a_redirect_without_two_slashes_stays_on_the_host(
    server: RawServer, reference: str
) -> None:
    server.answer(response("", f"Location: {reference}", status="302 Found"))
    assert run_process("--follow", server.url).status == 0
    assert [request.target for request in server.requests] == ["/", "/x"]


@pytest.mark.wide
@pytest.mark.parametrize("slashes", ["///", "\\\\", "/\\", "http:///", "http:\\\\"])
def test_a_redirect_with_other_slashes_leads_to_the_host_that_a_browser_reads(
    server: RawServer, slashes: str
) -> None:
    location = f"Location: {slashes}127.0.0.1:{server.port}/x"
    server.answer(response("", location, status="302 Found"))
    url = f"http://app.test:{server.port}/"
    assert run_process("--follow", f"--resolve=app.test:{server.port}:127.0.0.1", url).status == 0
    assert server.requests[1].header("Host") == f"127.0.0.1:{server.port}"


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


@pytest.mark.parametrize(
    ("url", "suggestion"),
    [
        ("http:/h.test/x", "http://h.test/x"),
        ("http//h.test", "http://h.test"),
        ("http:h.test", "http://h.test"),
        ("https:///h.test/x", "https://h.test/x"),
        ("HTTPS:\\\\h.test", "https://h.test"),
        ("ws:/h.test", "ws://h.test"),
        ("https:/me:secret@h.test", "https://…redacted…"),
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
