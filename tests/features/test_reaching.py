"""Where a connection goes and where it comes from, and that the request stays what it is."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack

import pytest

from tests.support.dns import name_server
from tests.support.peers import require_library
from tests.support.proxy import Proxy
from tests.support.run import process, run
from tests.support.servers import RawServer, refused_port
from tests.support.wire import response


def test_an_address_is_told_and_the_host_field_stays(server: RawServer) -> None:
    told = f"h.test:{server.port}:127.0.0.1"
    assert run("--resolve", told, f"http://h.test:{server.port}/").status == 0
    assert server.request.field("Host") == f"h.test:{server.port}"


@pytest.mark.parametrize("told", ["*:{}:127.0.0.1", "h.test:{}:::1,127.0.0.1", "+*:{}:127.0.0.1"])
def test_an_address_is_told_for_any_host_and_several_are_tried(
    server: RawServer, told: str
) -> None:
    url = f"http://h.test:{server.port}/"
    assert run("--resolve", told.format(server.port), url).status == 0


def test_an_address_for_another_port_does_not_count(server: RawServer) -> None:
    server.may_be_idle()
    result = run("--resolve", "h.invalid:1:127.0.0.1", f"http://h.invalid:{server.port}/")
    assert result.status == 11
    assert not server.requests


def test_the_certificate_is_checked_for_the_urls_name(tls_server: RawServer, ca_file: str) -> None:
    def ask(host: str) -> int:
        told = f"{host}:{tls_server.port}:127.0.0.1"
        url = f"https://{host}:{tls_server.port}/"
        return run(f"--verify={ca_file}", "--resolve", told, url).status

    assert ask("localhost") == 0
    assert ask("h.test") == 14


def test_another_host_is_connected_to_and_the_request_stays(server: RawServer) -> None:
    detour = f"h.test:80:127.0.0.1:{server.port}"
    result = run("--connect-to", detour, "-p", "Hb", "http://h.test/x")
    assert result.status == 0
    assert server.request.line == "GET /x HTTP/1.1"
    assert server.request.field("Host") == "h.test"
    assert "Host: h.test" in result.text


@pytest.mark.parametrize("detour", ["::127.0.0.1:{}", "h.test::127.0.0.1:{}", ":80:127.0.0.1:{}"])
def test_an_empty_part_of_a_detour_is_any(server: RawServer, detour: str) -> None:
    assert run("--connect-to", detour.format(server.port), "http://h.test/").status == 0


def test_an_empty_part_of_a_destination_is_the_urls(server: RawServer) -> None:
    url = f"http://h.test:{server.port}/"
    assert run("--connect-to", "h.test::127.0.0.1:", url).status == 0
    assert run("--connect-to", f":1::{server.port}", "http://127.0.0.1:1/").status == 0


def test_the_first_detour_that_fits_counts(server: RawServer) -> None:
    first, second = "other.test:80:127.0.0.1:1", f"h.test:80:127.0.0.1:{server.port}"
    third = "h.test:80:127.0.0.1:1"
    argv = [word for each in (first, second, third) for word in ("--connect-to", each)]
    assert run(*argv, "http://h.test/").status == 0


def test_a_detour_and_an_address_go_together(server: RawServer) -> None:
    detour, told = f"h.test:80:b.test:{server.port}", f"b.test:{server.port}:127.0.0.1"
    assert run("--connect-to", detour, "--resolve", told, "http://h.test/").status == 0


def test_a_detours_certificate_is_for_the_urls_name(tls_server: RawServer, ca_file: str) -> None:
    def ask(host: str) -> int:
        detour = f"{host}:443:127.0.0.1:{tls_server.port}"
        return run(f"--verify={ca_file}", "--connect-to", detour, f"https://{host}/").status

    assert ask("localhost") == 0
    assert ask("h.test") == 14


def test_a_detour_goes_through_a_tunnel_too(
    tls_server: RawServer, proxy: Proxy, ca_file: str
) -> None:
    detour = f"localhost:443:127.0.0.1:{tls_server.port}"
    argv = [f"--verify={ca_file}", "--proxy", proxy.url, "--connect-to", detour]
    assert run(*argv, "https://localhost/").status == 0
    assert proxy.request.target == tls_server.address
    assert tls_server.request.field("Host") == "localhost"


def test_a_proxy_cannot_be_led_elsewhere_with_plain_http(proxy: Proxy) -> None:
    proxy.must_be_idle()
    result = run("--proxy", proxy.url, "--connect-to=::h2.test:1", "http://h.test/")
    assert result.status == 10
    assert "--connect-to" in result.err


def test_a_refused_detour_is_not_the_proxys_fault() -> None:
    result = run("--connect-to", f"::127.0.0.1:{refused_port()}", "http://h.test/")
    assert result.status == 12
    assert result.err.startswith("httpcli: error: h.test: connection refused")


@pytest.fixture
def _aiodns() -> None:
    require_library("aiodns")


@pytest.mark.usefixtures("_aiodns")
def test_the_name_server_that_is_named_is_asked(server: RawServer) -> None:
    with name_server({"h.test": ["127.0.0.1"]}) as names:
        result = run("--dns-server", names.address, f"http://h.test:{server.port}/")
    assert (result.status, result.err) == (0, "")
    assert {name for name, _ in names.questions} == {"h.test"}
    assert server.request.field("Host") == f"h.test:{server.port}"


@pytest.mark.usefixtures("_aiodns")
@pytest.mark.parametrize("url", ["http://h.test/", "https://h.test/"])
def test_a_proxy_whose_name_the_name_server_does_not_know_is_the_proxys(url: str) -> None:
    with name_server({"h.test": ["127.0.0.1"]}) as names:
        result = run("--dns-server", names.address, "--proxy=http://proxy.test:1", url)
    assert result.status == 15
    assert "the proxy http://proxy.test:1 cannot be reached" in result.err
    assert names.address in result.err


@pytest.mark.usefixtures("_aiodns")
def test_a_name_server_has_ipv6_addresses_too() -> None:
    with RawServer(host="::1") as server, name_server({"h.test": ["::1", "127.0.0.1"]}) as names:
        url = f"http://h.test:{server.port}/"
        assert run("-6", "--dns-server", names.address, url).status == 0
    assert {kind for _, kind in names.questions} == {28}


@pytest.mark.usefixtures("_aiodns")
def test_a_name_that_the_server_does_not_know() -> None:
    with name_server({}) as names:
        result = run("--dns-server", names.address, "http://h.test/")
    assert result.status == 11
    assert f"the name server {names.address} knows no such name" in result.err


@pytest.mark.usefixtures("_aiodns")
def test_a_name_server_that_is_not_there() -> None:
    result = run("--dns-server", f"127.0.0.1:{refused_port()}", "http://h.test/")
    assert result.status == 11
    assert "h.test: the host name was not resolved" in result.err


@pytest.mark.parametrize(
    ("library", "argv", "extra"),
    [
        ("aiodns", ["--dns-server=127.0.0.1"], "dns"),
        ("python_socks", ["--proxy=socks5://127.0.0.1:1"], "socks"),
    ],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, library: str, argv: list[str], extra: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("dial.dns_servers", "aiohttp.socks"):
        monkeypatch.delitem(sys.modules, f"httpcli.transport.{name}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    result = run(*argv, "http://h.test/")
    assert result.status == 10
    assert f"pip install 'httpcli[{extra}]'" in result.err


@pytest.mark.parametrize(("option", "host"), [("-4", "127.0.0.1"), ("-6", "::1")])
def test_only_one_kind_of_address_is_connected_to(option: str, host: str) -> None:
    with RawServer(host=host) as server:
        told = f"h.test:{server.port}:127.0.0.1,::1"
        assert run(option, "--resolve", told, f"http://h.test:{server.port}/").status == 0


def test_the_last_of_both_counts(server: RawServer) -> None:
    assert run("-6", "-4", server.url).status == 0


def test_an_address_of_the_other_kind_is_refused(server: RawServer) -> None:
    result = run("-6", server.url.replace("127.0.0.1", "127.0.0.2"))
    assert (result.status, "127.0.0.2 is not an IPv6 address" in result.err) == (10, True)
    told = run("-6", "--resolve", "h.test:80:127.0.0.1", "http://h.test")
    assert (told.status, "no address of the kind" in told.err) == (11, True)
    server.answer(response("", "Location: http://[::1]:1/", status="302 Found"))
    moved = run("-F", "-4", server.url)
    assert (moved.status, "::1 is an IPv6 address" in moved.err) == (12, True)


@pytest.mark.parametrize(
    "option", ["-6", "--local-address=192.0.2.1", "--interface=nope0", "--connect-to=::h.invalid:"]
)
def test_echo_is_reached_whatever_way_is_asked_for(option: str) -> None:
    assert run(option, "echo:").status == 0


@pytest.mark.parametrize("option", ["--local-address", "--interface"])
def test_a_connection_comes_from_the_local_address(server: RawServer, option: str) -> None:
    assert run(f"{option}=127.0.0.7", server.url).status == 0
    assert server.peers[0][0] == "127.0.0.7"


def test_a_connection_comes_from_the_local_port(server: RawServer) -> None:
    port = refused_port()
    assert run(f"--local-port={port}", server.url).status == 0
    assert server.peers[0][1] == port


def test_the_first_free_port_of_a_range_is_taken(server: RawServer) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        first = taken.getsockname()[1]
        assert run(f"--local-port={first}-{first + 20}", server.url).status == 0
        only = run(f"--local-port={first}", server.url)
    assert first < server.peers[0][1] <= first + 20
    assert only.status == 12
    assert f"--local-port={first}: address already in use" in only.err


def test_a_connection_comes_from_the_loopbacks_interface(server: RawServer) -> None:
    server.may_be_idle()
    result = run("--interface=lo", server.url)
    if "only root may" in result.err:
        assert result.status == 12
    else:
        assert result.status == 0


def test_an_interface_or_address_that_is_not_ours_is_named(server: RawServer) -> None:
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
        (["-6", "--local-address=127.0.0.1", "h.test"], "of the other kind"),
        (["--local-address=::1", "http://127.0.0.1"], "127.0.0.1 is not an IPv6 address"),
        (["--interface=::1", "--local-address=::2", "h.test"], "two local addresses"),
        (["--resolve=h.test", ":/"], "--resolve"),
        (["--connect-to=h.test", ":/"], "--connect-to"),
        (["--dns-server=h.test", ":/"], "--dns-server"),
        (["--http2", ":/"], "HTTP/1.1 is the newest"),
        (["--http3", ":/"], "HTTP/1.1 is the newest"),
        (["--http1.0", "--chunked", ":/", "a=b"], "--http1.0 and --chunked"),
        (["--http1.0", ":/", "a=b", "Transfer-Encoding:chunked"], "HTTP/1.0 has no chunks"),
    ],
)
def test_a_wish_that_cannot_be_is_a_usage_error(argv: list[str], message: str) -> None:
    result = run(*argv)
    assert result.status == 10
    assert message in result.err


def test_http_1_0_is_spoken(server: RawServer) -> None:
    server.answer(b"HTTP/1.0 200 OK\r\n\r\nhello", lambda connection: connection.close())
    result = run("--http1.0", "-p", "Hhb", server.url + "/x", "a=b")
    assert result.status == 0
    assert server.request.line == "POST /x HTTP/1.0"
    assert server.request.field("Content-Length") == "10"
    assert "POST /x HTTP/1.0\r\n" in result.text
    assert result.text.endswith("hello")


def test_http_1_0_has_no_chunks(server: RawServer) -> None:
    server.must_be_idle()
    result = process("--http1.0", server.url, stdin=b"x" * 3_000_000)
    assert result.status == 10
    assert "the length of the content is not known" in result.err
    assert run("--offline", "--http1.0", server.url, "a=b").text.startswith("POST / HTTP/1.0")


def test_an_address_that_says_nothing_does_not_hold_up_the_next(server: RawServer) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.2", server.port))
        silent.listen(0)
        for _ in range(3):  # nobody comes through once its queue is full
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", server.port))
        told = f"h.test:{server.port}:127.0.0.2,127.0.0.1"
        argv = ["--connect-timeout=5", "--resolve", told]
        assert run(*argv, f"http://h.test:{server.port}/").status == 0
    assert server.peers
