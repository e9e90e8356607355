"""Connection options: addresses, name servers, local endpoints and HTTP versions."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack

import pytest

from tests.support.dns import name_server
from tests.support.http_connection import response
from tests.support.other_programs import require_library
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process
from tests.support.servers import RawServer, refused_port


def test_resolve_sets_the_address_and_keeps_the_host_header(server: RawServer) -> None:
    resolve = f"h.test:{server.port}:127.0.0.1"
    assert run("--resolve", resolve, f"http://h.test:{server.port}/").status == 0
    assert server.request.header("Host") == f"h.test:{server.port}"


@pytest.mark.parametrize(
    "resolve", ["*:{}:127.0.0.1", "h.test:{}:::1,127.0.0.1", "+*:{}:127.0.0.1"]
)
def test_resolve_accepts_wildcards_and_tries_several_addresses(
    server: RawServer, resolve: str
) -> None:
    url = f"http://h.test:{server.port}/"
    assert run("--resolve", resolve.format(server.port), url).status == 0


def test_resolve_entry_for_another_port_is_ignored(server: RawServer) -> None:
    server.may_be_idle()
    result = run("--resolve", "h.invalid:1:127.0.0.1", f"http://h.invalid:{server.port}/")
    assert result.status == 11
    assert not server.requests


def test_resolve_verifies_the_certificate_for_the_url_host(
    tls_server: RawServer, ca_file: str
) -> None:
    def status_for(host: str) -> int:
        resolve = f"{host}:{tls_server.port}:127.0.0.1"
        url = f"https://{host}:{tls_server.port}/"
        return run(f"--verify={ca_file}", "--resolve", resolve, url).status

    assert status_for("localhost") == 0
    assert status_for("h.test") == 14


def test_connect_to_does_not_change_the_request(server: RawServer) -> None:
    connect_to = f"h.test:80:127.0.0.1:{server.port}"
    result = run("--connect-to", connect_to, "-p", "Hb", "http://h.test/x")
    assert result.status == 0
    assert server.request.request_line == "GET /x HTTP/1.1"
    assert server.request.header("Host") == "h.test"
    assert "Host: h.test" in result.text


@pytest.mark.parametrize(
    "connect_to", ["::127.0.0.1:{}", "h.test::127.0.0.1:{}", ":80:127.0.0.1:{}"]
)
def test_empty_source_part_of_connect_to_matches_anything(
    server: RawServer, connect_to: str
) -> None:
    assert run("--connect-to", connect_to.format(server.port), "http://h.test/").status == 0


def test_empty_destination_part_of_connect_to_uses_the_url(server: RawServer) -> None:
    url = f"http://h.test:{server.port}/"
    assert run("--connect-to", "h.test::127.0.0.1:", url).status == 0
    assert run("--connect-to", f":1::{server.port}", "http://127.0.0.1:1/").status == 0


def test_first_matching_connect_to_takes_effect(server: RawServer) -> None:
    first, second = "other.test:80:127.0.0.1:1", f"h.test:80:127.0.0.1:{server.port}"
    third = "h.test:80:127.0.0.1:1"
    argv = [word for each in (first, second, third) for word in ("--connect-to", each)]
    assert run(*argv, "http://h.test/").status == 0


def test_connect_to_and_resolve_work_together(server: RawServer) -> None:
    connect_to, resolve = f"h.test:80:b.test:{server.port}", f"b.test:{server.port}:127.0.0.1"
    assert run("--connect-to", connect_to, "--resolve", resolve, "http://h.test/").status == 0


def test_connect_to_verifies_the_certificate_for_the_url_host(
    tls_server: RawServer, ca_file: str
) -> None:
    def status_for(host: str) -> int:
        connect_to = f"{host}:443:127.0.0.1:{tls_server.port}"
        return run(f"--verify={ca_file}", "--connect-to", connect_to, f"https://{host}/").status

    assert status_for("localhost") == 0
    assert status_for("h.test") == 14


def test_connect_to_applies_through_a_proxy_tunnel(
    tls_server: RawServer, proxy: ProxyServer, ca_file: str
) -> None:
    connect_to = f"localhost:443:127.0.0.1:{tls_server.port}"
    argv = [f"--verify={ca_file}", "--proxy", proxy.url, "--connect-to", connect_to]
    assert run(*argv, "https://localhost/").status == 0
    assert proxy.request.target == tls_server.address
    assert tls_server.request.header("Host") == "localhost"


def test_connect_to_with_plain_http_over_a_proxy_is_a_usage_error(proxy: ProxyServer) -> None:
    proxy.assert_not_called()
    result = run("--proxy", proxy.url, "--connect-to=::h2.test:1", "http://h.test/")
    assert result.status == 10
    assert "--connect-to" in result.err


def test_refused_connect_to_target_is_a_connection_error() -> None:
    result = run("--connect-to", f"::127.0.0.1:{refused_port()}", "http://h.test/")
    assert result.status == 12
    assert result.err.startswith("httpcli: error: h.test: connection refused")


@pytest.fixture
def _aiodns() -> None:
    require_library("aiodns")


@pytest.mark.usefixtures("_aiodns")
def test_dns_server_option_is_used(server: RawServer) -> None:
    with name_server({"h.test": ["127.0.0.1"]}) as names:
        result = run("--dns-server", names.address, f"http://h.test:{server.port}/")
    assert (result.status, result.err) == (0, "")
    assert {name for name, _ in names.questions} == {"h.test"}
    assert server.request.header("Host") == f"h.test:{server.port}"


@pytest.mark.usefixtures("_aiodns")
@pytest.mark.parametrize("url", ["http://h.test/", "https://h.test/"])
def test_unknown_proxy_name_is_a_proxy_error(url: str) -> None:
    with name_server({"h.test": ["127.0.0.1"]}) as names:
        result = run("--dns-server", names.address, "--proxy=http://proxy.test:1", url)
    assert result.status == 15
    assert "cannot connect to the proxy http://proxy.test:1" in result.err
    assert names.address in result.err


@pytest.mark.usefixtures("_aiodns")
def test_dns_server_is_asked_for_ipv6_addresses() -> None:
    with RawServer(host="::1") as server, name_server({"h.test": ["::1", "127.0.0.1"]}) as names:
        url = f"http://h.test:{server.port}/"
        assert run("-6", "--dns-server", names.address, url).status == 0
    assert {kind for _, kind in names.questions} == {28}


@pytest.mark.usefixtures("_aiodns")
def test_name_unknown_to_the_dns_server_is_an_error() -> None:
    with name_server({}) as names:
        result = run("--dns-server", names.address, "http://h.test/")
    assert result.status == 11
    assert f"the DNS server {names.address} does not know this name" in result.err


@pytest.mark.usefixtures("_aiodns")
def test_unreachable_dns_server_is_an_error() -> None:
    result = run("--dns-server", f"127.0.0.1:{refused_port()}", "http://h.test/")
    assert result.status == 11
    assert "host name not found" in result.err


@pytest.mark.parametrize(
    ("library", "argv", "extra"),
    [
        ("aiodns", ["--dns-server=127.0.0.1"], "dns"),
        ("python_socks", ["--proxy=socks5://127.0.0.1:1"], "socks"),
    ],
)
def test_missing_optional_dependency_is_named(
    monkeypatch: pytest.MonkeyPatch, library: str, argv: list[str], extra: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("dial.dns_servers", "dial.socks"):
        monkeypatch.delitem(sys.modules, f"httpcli.transport.{name}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    result = run(*argv, "http://h.test/")
    assert result.status == 10
    assert (
        f"install httpcli with the {extra} extra, for example: pipx install '.[{extra}]'"
        in result.err
    )


@pytest.mark.parametrize(("option", "host"), [("-4", "127.0.0.1"), ("-6", "::1")])
def test_address_family_option_limits_the_addresses(option: str, host: str) -> None:
    with RawServer(host=host) as server:
        resolve = f"h.test:{server.port}:127.0.0.1,::1"
        assert run(option, "--resolve", resolve, f"http://h.test:{server.port}/").status == 0


def test_last_address_family_option_takes_effect(server: RawServer) -> None:
    assert run("-6", "-4", server.url).status == 0


def test_address_of_the_other_family_is_an_error(server: RawServer) -> None:
    result = run("-6", server.url.replace("127.0.0.1", "127.0.0.2"))
    assert (result.status, "127.0.0.2 is not an IPv6 address" in result.err) == (10, True)
    resolve = run("-6", "--resolve", "h.test:80:127.0.0.1", "http://h.test")
    assert (
        resolve.status,
        "--resolve has no address of the requested kind" in resolve.err,
    ) == (11, True)
    server.answer(response("", "Location: http://[::1]:1/", status="302 Found"))
    redirected = run("-F", "-4", server.url)
    assert (redirected.status, "::1" in redirected.err) == (12, True)


@pytest.mark.parametrize(
    "option", ["-6", "--local-address=192.0.2.1", "--interface=nope0", "--connect-to=::h.invalid:"]
)
def test_echo_ignores_connection_options(option: str) -> None:
    assert run(option, "echo:").status == 0


@pytest.mark.parametrize("option", ["--local-address", "--interface"])
def test_connection_uses_the_local_address(server: RawServer, option: str) -> None:
    assert run(f"{option}=127.0.0.7", server.url).status == 0
    assert server.client_addresses[0][0] == "127.0.0.7"


def test_connection_uses_the_local_port(server: RawServer) -> None:
    port = refused_port()
    assert run(f"--local-port={port}", server.url).status == 0
    assert server.client_addresses[0][1] == port


def test_first_free_local_port_of_a_range_is_used(server: RawServer) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        first = taken.getsockname()[1]
        assert run(f"--local-port={first}-{first + 20}", server.url).status == 0
        only = run(f"--local-port={first}", server.url)
    assert first < server.client_addresses[0][1] <= first + 20
    assert only.status == 12
    assert f"--local-port={first}: address already in use" in only.err


def test_connection_uses_the_loopback_interface(server: RawServer) -> None:
    server.may_be_idle()
    result = run("--interface=lo", server.url)
    if "only root may" in result.err:
        assert result.status == 12
    else:
        assert result.status == 0


def test_unknown_interface_or_local_address_is_an_error(server: RawServer) -> None:
    server.may_be_idle()
    result = run("--interface=nope0", server.url)
    assert (result.status, "--interface=nope0" in result.err) == (12, True)
    result = run("--local-address=192.0.2.1", server.url)
    assert (result.status, "the local address 192.0.2.1" in result.err) == (12, True)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--interface=", ":/"], "--interface is empty"),
        (["--local-address=x", ":/"], "'x' is not an IP address"),
        (["--local-port=0", ":/"], "the port '0'"),
        (["-6", "--local-address=127.0.0.1", "h.test"], ": the local address"),
        (["--local-address=::1", "http://127.0.0.1"], "127.0.0.1 is not an IPv6 address"),
        (
            ["--interface=::1", "--local-address=::2", "h.test"],
            "--interface and --local-address set two different local addresses",
        ),
        (["--resolve=h.test", ":/"], "--resolve"),
        (["--connect-to=h.test", ":/"], "--connect-to"),
        (["--dns-server=h.test", ":/"], "--dns-server"),
        (["--http2", ":/"], "HTTP/1.1 is the newest"),
        (["--http3", ":/"], "HTTP/1.1 is the newest"),
        (["--http1.0", "--chunked", ":/", "a=b"], "--http1.0 and --chunked"),
        (
            ["--http1.0", ":/", "a=b", "Transfer-Encoding:chunked"],
            "HTTP/1.0 cannot send a body of unknown length",
        ),
    ],
)
def test_invalid_connection_options_are_usage_errors(argv: list[str], message: str) -> None:
    result = run(*argv)
    assert result.status == 10
    assert message in result.err


def test_http_1_0_request_is_sent(server: RawServer) -> None:
    server.answer(b"HTTP/1.0 200 OK\r\n\r\nhello", lambda connection: connection.close())
    result = run("--http1.0", "-p", "Hhb", server.url + "/x", "a=b")
    assert result.status == 0
    assert server.request.request_line == "POST /x HTTP/1.0"
    assert server.request.header("Content-Length") == "10"
    assert "POST /x HTTP/1.0\r\n" in result.text
    assert result.text.endswith("hello")


def test_http_1_0_requires_a_known_body_length(server: RawServer) -> None:
    server.assert_not_called()
    result = run_process("--http1.0", server.url, stdin=b"x" * 3_000_000)
    assert result.status == 10
    assert "HTTP/1.0 cannot send a body of unknown length" in result.err
    assert run("--offline", "--http1.0", server.url, "a=b").text.startswith("POST / HTTP/1.0")


@pytest.mark.wide
def test_silent_address_does_not_delay_the_next_one(server: RawServer) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.2", server.port))
        silent.listen(0)
        for _ in range(3):  # fills the backlog, so that further connections do not complete
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", server.port))
        resolve = f"h.test:{server.port}:127.0.0.2,127.0.0.1"
        argv = ["--connect-timeout=5", "--resolve", resolve]
        assert run(*argv, f"http://h.test:{server.port}/").status == 0
    assert server.client_addresses
