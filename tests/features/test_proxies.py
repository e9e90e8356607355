"""Proxies: selection, credentials, headers, SOCKS and error messages."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import ClientConnection, response
from tests.support.proxy import ProxyServer
from tests.support.run import run
from tests.support.servers import LoopbackServer, RawServer, refused_port
from tests.support.socks import SocksProxy
from tests.support.terminal import Terminal


def basic_header(pair: str) -> str:
    return "Basic " + b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["--proxy=http:{}"], {}),
        (["--proxy=all:{}"], {}),
        (["--proxy={}"], {}),
        ([], {"http_proxy": "{}"}),
        ([], {"HTTP_PROXY": "{}"}),
        ([], {"all_proxy": "{}"}),
        ([], {"ALL_PROXY": "{}"}),
        (["--proxy={}"], {"http_proxy": "http://127.0.0.1:1"}),
    ],
)
def test_options_and_environment_set_the_proxy(
    server: RawServer, proxy: ProxyServer, argv: list[str], env: dict[str, str]
) -> None:
    typed = [word.format(proxy.url) for word in argv]
    assert (
        run(*typed, server.url, env={k: v.format(proxy.url) for k, v in env.items()}).status == 0
    )
    assert proxy.request.method == "GET"


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["--proxy=https:{}"], {}),
        ([], {"HTTP_PROXY": "{}", "REQUEST_METHOD": "GET"}),
        ([], {"http_proxy": "{}", "NO_PROXY": "127.0.0.0/8"}),
        (["--proxy={}", "--noproxy=*"], {}),
        (["--proxy={}", "--noproxy=other.test,127.0.0.1"], {}),
        (["--noproxy=127.0.0.0/8"], {"all_proxy": "{}", "no_proxy": "other.test"}),
        (["--proxy={}", "--no-proxy"], {}),
    ],
)
def test_options_and_environment_bypass_the_proxy(
    server: RawServer, proxy: ProxyServer, argv: list[str], env: dict[str, str]
) -> None:
    proxy.assert_not_called()
    typed = [word.format(proxy.url) for word in argv]
    assert (
        run(*typed, server.url, env={k: v.format(proxy.url) for k, v in env.items()}).status == 0
    )
    assert not proxy.connections


@pytest.mark.parametrize(
    "typed",
    [
        ["all://127.0.0.1:{0}", "{1}"],
        ["{1}", "http://127.0.0.1:{0}"],
        ["http:{1}", "all://127.0.0.1:{0}"],
        ["http\\://127.0.0.1:{0}"],
        ["https://127.0.0.1:{1}", "{0}"],
        ["http://127.0.0.2:{1}", "{0}"],
        ["http://example.org:{1}", "all:{0}"],
    ],
)
def test_proxy_for_a_host_takes_precedence(
    server: RawServer, proxy: ProxyServer, typed: list[str]
) -> None:
    unreachable = f"http://127.0.0.1:{refused_port()}"
    argv = [f"--proxy={each.format(proxy.url, unreachable)}" for each in typed]
    assert run(*argv, server.url).status == 0
    assert proxy.requests


def test_proxy_for_an_ipv6_host_is_used(proxy: ProxyServer) -> None:
    with RawServer(host="::1") as server:
        assert run(f"--proxy=http://[::1]:{proxy.url}", server.url).status == 0
    assert proxy.requests


def test_environment_proxy_applies_to_schemes_without_an_option(
    server: RawServer, proxy: ProxyServer
) -> None:
    unreachable = f"http://127.0.0.1:{refused_port()}"
    env = {"http_proxy": proxy.url, "https_proxy": unreachable}
    assert run(f"--proxy=https:{unreachable}", server.url, env=env).status == 0
    assert proxy.requests


def test_noproxy_option_overrides_the_no_proxy_variable(
    server: RawServer, proxy: ProxyServer
) -> None:
    env = {"http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
    assert run("--noproxy=", server.url, env=env).status == 0
    assert proxy.requests


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/99", "10.0.0/8/8", "h.test/8", "http://h", "fd00::/x"]
)
def test_invalid_noproxy_network_is_a_usage_error(
    server: RawServer, proxy: ProxyServer, entry: str
) -> None:
    server.assert_not_called()
    proxy.assert_not_called()
    result = run(f"--noproxy=h,{entry}", "--proxy", proxy.url, server.url)
    assert result.status == 10
    assert f"--noproxy: invalid network '{entry}'" in result.err


@pytest.mark.parametrize("typed", ["me:p:w", "me:@env:PW", "@file:login"])
@pytest.mark.parametrize("tunnel", [True, False])
def test_proxy_auth_is_sent_to_the_proxy_only(
    server: RawServer,
    tls_server: RawServer,
    proxy: ProxyServer,
    ca_file: str,
    tunnel: bool,
    typed: str,
) -> None:
    proxy.credentials = ("me", "p:w")
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    with open("login", "w") as file:
        file.write("me:p:w\n")
    argv = [f"--verify={ca_file}", "--proxy", proxy.url, "--proxy-auth", typed]
    assert run(*argv, origin.url, env={"PW": "p:w"}).status == 0
    assert proxy.request.header("Proxy-Authorization") == basic_header("me:p:w")
    assert origin.request.header("Proxy-Authorization") is None


@pytest.mark.wide
def test_missing_proxy_password_is_prompted_for(server: RawServer, proxy: ProxyServer) -> None:
    proxy.credentials = ("me", "secret")
    address = proxy.url.removeprefix("http://")
    with Terminal("--proxy", proxy.url, "--proxy-auth", "me", server.url) as screen:
        screen.read_until(f"password for me@{address}: ")
        screen.type("secret\n")
        assert screen.wait() == 0
    assert b"secret" not in screen.raw


def test_redirect_does_not_carry_proxy_credentials(
    server: RawServer, other_server: RawServer, proxy: ProxyServer
) -> None:
    server.answer(response("", f"Location: {other_server.url}/", status="302 Found"))
    port = other_server.port
    argv = ["-F", "--proxy", proxy.url, "--proxy-auth=me:pw", f"--noproxy=127.0.0.1:{port}"]
    assert run(*argv, server.url).status == 0
    assert other_server.request.header("Proxy-Authorization") is None


def test_proxy_headers_are_sent_in_connect_only(
    tls_server: RawServer, proxy: ProxyServer, ca_file: str
) -> None:
    fields = ["--proxy-header", "X-Proxy: 1", "--proxy-header", "X-Proxy: 2"]
    argv = [f"--verify={ca_file}", "--proxy", proxy.url, *fields]
    assert run(*argv, tls_server.url, "X-Origin: k", "-a", "me:pw").status == 0
    assert proxy.request.header_values("X-Proxy") == ["1", "2"]
    assert proxy.request.header("X-Origin") is None
    assert proxy.request.header("Authorization") is None
    assert tls_server.request.header("X-Proxy") is None
    assert tls_server.request.header("X-Origin") == "k"


def test_proxy_headers_are_sent_in_plain_http_requests(
    server: RawServer, proxy: ProxyServer
) -> None:
    argv = ["--proxy", proxy.url, "--proxy-header=Proxy-Authorization: Bearer t"]
    assert run(*argv, server.url).status == 0
    assert proxy.request.header("Proxy-Authorization") == "Bearer t"
    assert server.request.header("Proxy-Authorization") is None


def test_proxy_headers_are_not_sent_without_a_proxy(server: RawServer) -> None:
    assert run("--proxy-header=X-Proxy: 1", server.url).status == 0
    assert server.request.header("X-Proxy") is None


@pytest.mark.parametrize("tunnel", [True, False])
def test_https_proxy_is_contacted_over_tls(
    server: RawServer, tls_server: RawServer, ca: CertificateAuthority, ca_file: str, tunnel: bool
) -> None:
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    with ProxyServer(ca.trusted()) as proxy:
        proxy.credentials = ("me", "pw")
        argv = [f"--verify={ca_file}", "--proxy", proxy.url, "--proxy-auth=me:pw"]
        assert run(*argv, origin.url).status == 0
    assert proxy.requests
    assert origin.request.header("Proxy-Authorization") is None


def test_proxy_that_requires_credentials_is_an_error(proxy: ProxyServer) -> None:
    proxy.credentials = ("me", "pw")
    result = run("--proxy", proxy.url, "https://h.test/")
    assert result.status == 15
    assert f"the proxy {proxy.url} requires a user and password: 407" in result.err
    assert "use --proxy-auth USER:PASSWORD" in result.err
    result = run("--proxy", proxy.url, "--proxy-auth=me:wrong", "https://h.test/")
    assert (result.status, "rejected the user name or password" in result.err) == (15, True)
    assert "wrong" not in result.err


def test_proxy_that_refuses_to_connect_is_an_error(proxy: ProxyServer) -> None:
    proxy.refusal = "403 Forbidden"
    result = run("--proxy", proxy.url, "https://h.test/")
    assert result.status == 15
    assert f"the proxy {proxy.url} refused to connect to h.test: 403 Forbidden" in result.err


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
@pytest.mark.parametrize("target", ["http://h.test/", "https://h.test/"])
def test_unreachable_proxy_is_an_error(scheme: str, target: str) -> None:
    url = f"{scheme}://127.0.0.1:{refused_port()}"
    result = run("--proxy", url.replace("//", "//me:secret@"), target)
    assert result.status == 15
    assert f"cannot connect to the proxy {url}: connection refused" in result.err
    assert "secret" not in result.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--proxy=ftp://p:1"], "ftp proxies are not supported"),
        (["--proxy=http://p:x"], "invalid proxy: expected SCHEME://HOST:PORT"),
        (["--proxy=http://p:0"], "port 0"),
        (["--proxy=p:1", "--proxy-auth="], "--proxy-auth: missing user name"),
        (["--proxy=p:1", "--proxy-auth=:pw"], "--proxy-auth: missing user name"),
        (["--proxy=p:1", "--proxy-auth=me:@env:NOPE"], "NOPE"),
        (["--proxy=p:1", "--proxy-header=X"], "--proxy-header: missing colon"),
        (["--proxy=p:1", "--proxy-header=Host: x"], "Host cannot be set"),
        (["--proxy=p:1", "--proxy-header=X:"], "cannot be removed"),
        (["--proxy=p:1", "--proxy-header=X: a\nb: c"], "line feed"),
    ],
)
def test_invalid_proxy_options_are_usage_errors(argv: list[str], message: str) -> None:
    result = run(*argv, "http://h.test/")
    assert result.status == 10
    assert message in result.err


@pytest.fixture
def socks() -> SocksProxy:
    return SocksProxy()


@pytest.mark.parametrize(
    ("scheme", "version", "host"),
    [
        ("socks5", "5", "127.0.0.1"),
        ("socks5h", "5", "h.test"),
        ("socks4", "4", "127.0.0.1"),
        ("socks4a", "4a", "h.test"),
    ],
)
def test_socks_scheme_decides_who_resolves_the_name(
    server: RawServer, socks: SocksProxy, scheme: str, version: str, host: str
) -> None:
    socks.names["h.test"] = "127.0.0.1"
    resolve = f"h.test:{server.port}:127.0.0.1"
    with socks:
        proxy = f"--proxy={scheme}://{socks.address}"
        result = run(proxy, "--resolve", resolve, "-p", "Hb", f"http://h.test:{server.port}/x")
    assert result.status == 0
    assert [asked[:3] for asked in socks.socks_requests] == [(version, host, server.port)]
    assert server.request.request_line == "GET /x HTTP/1.1"
    assert result.text.startswith("GET /x HTTP/1.1")


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4a"])
def test_tls_through_socks_verifies_the_host_of_the_url(
    tls_server: RawServer, socks: SocksProxy, ca_file: str, scheme: str
) -> None:
    socks.names["other.test"] = "127.0.0.1"
    with socks:
        argv = [f"--verify={ca_file}", f"--proxy={scheme}://{socks.address}"]
        assert run(*argv, tls_server.url.replace("127.0.0.1", "localhost")).status == 0
        connect_to = f"localhost:443:127.0.0.1:{tls_server.port}"
        assert run(*argv, "--connect-to", connect_to, "https://localhost/").status == 0
        connect_to = f"other.test:443:127.0.0.1:{tls_server.port}"
        assert run(*argv, "--connect-to", connect_to, "https://other.test/").status == 14


def test_socks_proxy_from_the_environment_uses_its_password(
    server: RawServer, socks: SocksProxy
) -> None:
    socks.credentials = ("me", "p@ss")
    with socks:
        env = {"ALL_PROXY": f"socks5://me:p%40ss@{socks.address}"}
        assert run(server.url, env=env).status == 0
        wrong = run("--proxy-auth=me:wrong", server.url, env=env)
        missing = run(f"--proxy=socks5://{socks.address}", server.url)
    assert socks.socks_requests[0][3:] == ("me", "p@ss")
    for result in (wrong, missing):
        assert result.status == 15
        assert f"the proxy socks5://{socks.address}" in result.err
        assert "--proxy-auth" in result.err
    assert "wrong" not in wrong.err


def test_socks_proxy_that_refuses_to_connect_is_an_error(socks: SocksProxy) -> None:
    socks.refusal = 5
    with socks:
        result = run(f"--proxy=socks5h://{socks.address}", "http://h.test/")
    assert result.status == 15
    assert f"the proxy socks5h://{socks.address} could not connect to h.test:80" in result.err
    assert "refused" in result.err


@pytest.mark.wide
def test_http_server_used_as_a_socks_proxy_is_an_error(server: RawServer) -> None:
    server.may_be_idle()
    with RawServer() as other:
        other.may_be_idle()
        other.answer_always(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        argv = [f"--proxy=socks5h://{other.address}", "--connect-timeout=1"]
        result = run(*argv, server.url)
    assert result.status in (2, 15)
    assert not server.requests


class MalformedSocksProxy(LoopbackServer):
    """Accepts each request, and names an address that is not text."""

    def serve(self, connection: ClientConnection) -> None:
        connection.socket.sendall(b"\5\0" + b"\5\0\0\3\4\xff\xff\xff\xff\0\x50")
        connection.stopping.wait()


def test_socks_reply_with_a_name_that_is_not_text_is_an_error() -> None:
    with MalformedSocksProxy() as proxy:
        result = run(f"--proxy=socks5://{proxy.address}", "http://127.0.0.9/")
    assert result.status == 15
    assert "malformed connect reply" in result.err


def test_noproxy_bypasses_a_socks_proxy(server: RawServer, socks: SocksProxy) -> None:
    socks.assert_not_called()
    with socks:
        argv = [f"--proxy=socks5://{socks.address}", "--noproxy=127.0.0.0/8"]
        assert run(*argv, server.url).status == 0
    assert not socks.connections


def test_resolve_and_local_address_apply_to_a_socks_proxy(
    server: RawServer, socks: SocksProxy
) -> None:
    with socks:
        resolve = f"p.test:{socks.port}:127.0.0.1"
        argv = [f"--proxy=socks5://p.test:{socks.port}", "--resolve", resolve]
        assert run(*argv, "--local-address=127.0.0.9", server.url).status == 0
    assert socks.client_addresses[0][0] == "127.0.0.9"


def test_unknown_host_name_is_not_a_socks_proxy_error(socks: SocksProxy) -> None:
    socks.may_be_idle()
    with socks:
        result = run(f"--proxy=socks5://{socks.address}", "http://h.invalid/")
    assert result.status == 11
    assert "to let the proxy look it up: socks5h://" in result.err


def test_tls_options_apply_through_socks(
    tls_server: RawServer, socks: SocksProxy, ca_file: str
) -> None:
    url = tls_server.url.replace("127.0.0.1", "localhost")
    with socks:
        argv = [f"--verify={ca_file}", f"--proxy=socks5h://{socks.address}"]
        pinned = run(*argv, f"--pin=sha256:{'0' * 64}", url)
        shown = run(*argv, "--show-cert", url)
        untrusted = run(argv[1], url)
    assert (pinned.status, "does not match --pin" in pinned.err) == (14, True)
    assert (shown.status, "localhost" in shown.text) == (0, True)
    assert untrusted.status == 14
    assert not tls_server.requests
    assert socks.socks_requests


def test_tls_options_apply_with_connect_to(
    tls_server: RawServer, proxy: ProxyServer, ca: CertificateAuthority, ca_file: str
) -> None:
    proxy.may_be_idle()
    connect_to = f"other.test:443:127.0.0.1:{tls_server.port}"
    argv = [f"--verify={ca_file}", "--connect-to", connect_to, "--server-name=localhost"]
    assert run(*argv, "https://other.test/").status == 0
    assert run(*argv, "--proxy", proxy.url, "https://other.test/").status == 0
    with ProxyServer(ca.trusted()) as https_proxy:
        result = run(*argv, "--proxy", https_proxy.url, "https://other.test/")
    assert result.status == 0
    assert https_proxy.request.target == tls_server.address


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org/"])
def test_proxy_that_requires_a_client_certificate_is_an_error(
    ca: CertificateAuthority, ca_file: str, url: str
) -> None:
    with ProxyServer(ca.requiring_client_certificate()) as proxy:
        result = run(f"--verify={ca_file}", f"--proxy={proxy.url}", url)
    assert result.status == 15
    assert f"the proxy {proxy.url} requires a client certificate" in result.err


def test_bad_origin_certificate_behind_an_https_proxy_is_explained(
    ca: CertificateAuthority, ca_file: str
) -> None:
    with ProxyServer(ca.trusted()) as proxy, RawServer(ca.wrong_host()) as server:
        result = run(f"--verify={ca_file}", f"--proxy={proxy.url}", server.url)
    assert result.status == 14
    assert "the certificate is not valid for 127.0.0.1, only for elsewhere.example" in result.err


def test_missing_client_certificate_behind_an_https_proxy_is_explained(
    ca: CertificateAuthority, ca_file: str
) -> None:
    with (
        ProxyServer(ca.trusted()) as proxy,
        RawServer(ca.requiring_client_certificate()) as server,
    ):
        result = run(f"--verify={ca_file}", f"--proxy={proxy.url}", server.url)
    assert result.status == 14
    assert f"{server.address}: the server requires a client certificate" in result.err
