"""Who asks, through whom, and whom to trust: the plain cases."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.proxy import Proxy
from tests.support.run import process, run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import response


def basic(field: str | None) -> str:
    assert field is not None
    scheme, _, token = field.partition(" ")
    assert scheme == "Basic"
    return b64decode(token).decode()


def test_basic_credentials_are_utf_8(server: RawServer) -> None:
    run("-a", "mé:pä:ss", server.url)
    assert basic(server.request.field("Authorization")) == "mé:pä:ss"


def test_the_urls_userinfo_is_used_and_not_sent(server: RawServer) -> None:
    run("-v", server.url.replace("http://", "http://me:p%40ss@") + "/x")
    assert basic(server.request.field("Authorization")) == "me:p@ss"
    assert server.request.field("Host") == server.address
    assert server.request.target == "/x"


def test_a_bearer_token_goes_as_it_is(server: RawServer) -> None:
    run("-A", "bearer", "-a", "a:b.c", server.url)
    assert server.request.field("Authorization") == "Bearer a:b.c"


def test_a_password_is_asked_for_without_echo(server: RawServer) -> None:
    with Terminal("-a", "me", server.url) as screen:
        screen.read_until("password for me@127.0.0.1: ")
        assert not screen.echoes
        screen.type("secret\n")
        assert screen.wait() == 0
    assert b"secret" not in screen.raw
    assert basic(server.request.field("Authorization")) == "me:secret"


def test_a_ca_of_ones_own_is_trusted(tls_server: RawServer, ca_file: str) -> None:
    assert run(f"--verify={ca_file}", tls_server.url).status == 0


def test_ssl_cert_file_is_honoured(tls_server: RawServer, ca_file: str) -> None:
    # In this process: OpenSSL reads the real environment.
    assert process(tls_server.url, env={"SSL_CERT_FILE": ca_file}).status == 0


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_httpies_variables_name_a_ca_too(tls_server: RawServer, ca_file: str, name: str) -> None:
    assert run(tls_server.url, env={name: ca_file}).status == 0
    assert run("--verify=yes", tls_server.url, env={name: ca_file}).status == 0


def test_openssls_own_variables_and_verify_go_before_httpies(
    tls_server: RawServer, ca_file: str, tmp_path: Path
) -> None:
    other = str(Authority(tmp_path).file)
    env = {"REQUESTS_CA_BUNDLE": other, "CURL_CA_BUNDLE": ca_file}
    assert run(tls_server.url, env=env).status == 14
    assert process(tls_server.url, env={**env, "SSL_CERT_FILE": ca_file}).status == 0
    assert run(f"--verify={ca_file}", tls_server.url, env=env).status == 0


def test_a_ca_of_the_environment_is_asked_for_at_a_handshake_only(
    server: RawServer, tls_server: RawServer
) -> None:
    env = {"REQUESTS_CA_BUNDLE": "/nowhere.pem"}
    assert run(server.url, env=env).status == 0
    refused = run(tls_server.url, env=env)
    assert refused.status == 10
    assert "/nowhere.pem" in refused.err


@pytest.mark.parametrize("option", ["-k", "--verify=no"])
def test_no_check_at_all_is_warned_of(tls_server: RawServer, option: str) -> None:
    result = run(option, tls_server.url)
    assert result.status == 0
    assert "warning" in result.err
    assert run("-qq", option, tls_server.url).err == ""


def test_plain_http_goes_through_a_proxy_in_absolute_form(server: RawServer, proxy: Proxy) -> None:
    result = run("-p", "Hb", "--proxy", proxy.url, server.url + "/x", "X-Secret-Key: k")
    assert proxy.request.line == f"GET {server.url}/x HTTP/1.1"
    assert result.text.startswith(f"GET {server.url}/x HTTP/1.1\r\n")
    assert server.request.target == "/x"


def test_https_goes_through_a_tunnel_and_the_proxy_sees_none_of_it(
    tls_server: RawServer, proxy: Proxy, ca_file: str
) -> None:
    run(f"--verify={ca_file}", "--proxy", proxy.url, tls_server.url, "-a", "me:pw", "X-Key: k")
    assert proxy.request.method == "CONNECT"
    assert {name.lower() for name, _ in proxy.request.fields} <= {
        "host",
        "user-agent",
        "proxy-connection",
        "accept",
        "accept-encoding",
    }
    assert tls_server.request.field("X-Key") == "k"


@pytest.mark.parametrize("tunnel", [True, False])
def test_the_proxy_gets_its_credentials_and_the_origin_does_not(
    server: RawServer, tls_server: RawServer, proxy: Proxy, ca_file: str, tunnel: bool
) -> None:
    proxy.credentials = ("me", "p@ss")
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    url = proxy.url.replace("http://", "http://me:p%40ss@")
    assert run(f"--verify={ca_file}", "--proxy", url, origin.url).status == 0
    assert origin.request.field("Proxy-Authorization") is None


def test_the_environments_proxy_is_used(server: RawServer, proxy: Proxy) -> None:
    run(server.url, env={"http_proxy": proxy.url})
    assert proxy.request.method == "GET"


def test_no_proxy_goes_around_it(server: RawServer, proxy: Proxy) -> None:
    proxy.must_be_idle()
    run(server.url, env={"http_proxy": proxy.url, "no_proxy": "127.0.0.1"})
    assert server.requests


SECRET = ["-a", "me:hunter2", "X-Api-Key:hunter2", "Cookie:s=hunter2", "token==hunter2"]


def test_verbose_shows_exactly_what_leaves() -> None:
    shown = run("-p", "HB", "echo:", *SECRET).text
    assert "X-Api-Key: hunter2" in shown
    assert "Authorization: Basic" in shown


def test_in_a_ci_log_secrets_are_redacted(server: RawServer) -> None:
    server.answer(response("", "Set-Cookie: s=hunter2", "X-Plain: seen"))
    result = run("-v", server.url, *SECRET, env={"CI": "true"})
    assert "hunter2" not in result.text
    assert "aHVudGVyMg" not in result.text
    assert result.text.count("…redacted…") == 5
    assert "X-Plain: seen" in result.text
    assert server.request.field("X-Api-Key") == "hunter2"


def test_in_a_ci_log_secrets_are_shown_to_who_asks() -> None:
    shown = run("-p", "H", "--show-secrets", "echo:", *SECRET, env={"CI": "true"}).text
    assert "X-Api-Key: hunter2" in shown


@pytest.mark.parametrize("path", ["", "/x"])
def test_an_ipv6_address_is_reached(path: str) -> None:
    with RawServer(host="::1") as server:
        result = run("-p", "H", f"[::1]:{server.port}{path}")
        assert server.request.field("Host") == f"[::1]:{server.port}"
    assert result.status == 0
    assert result.text.startswith(f"GET {path or '/'} HTTP/1.1")


def test_a_proxy_of_the_environment_that_is_not_needed_is_not_judged(server: RawServer) -> None:
    assert run(server.url, env={"https_proxy": "ftp://p:1"}).status == 0
    result = run("https://example.org", env={"https_proxy": "ftp://p:1"})
    assert result.status == 15
    assert "https_proxy" in result.err


def test_offline_shows_what_a_proxy_would_get(server: RawServer) -> None:
    server.must_be_idle()
    result = run("--offline", "http://example.org/x", env={"http_proxy": server.url})
    assert result.text.startswith("GET http://example.org/x HTTP/1.1")


@pytest.mark.parametrize(
    "argv", [["--auth="], ["-A", "bearer", "-a", ""], ["-o", ""], ["--timeout="]]
)
def test_an_empty_value_is_a_usage_error(argv: list[str]) -> None:
    assert run(*argv, "echo:").status == 10


def test_a_connect_has_our_name_and_the_authority_only(
    tls_server: RawServer, proxy: Proxy, ca_file: str
) -> None:
    for host in ("Host:other.example", "Host:"):
        run(f"--verify={ca_file}", "--proxy", proxy.url, tls_server.url, host)
    for request in proxy.requests:
        assert request.field("Host") == tls_server.address
        assert str(request.field("User-Agent")).startswith("httpcli/")
    assert tls_server.requests[0].field("Host") == "other.example"
    assert tls_server.requests[1].field("Host") is None


@pytest.mark.parametrize("tunnel", [True, False])
def test_a_proxys_password_is_utf_8(
    server: RawServer, tls_server: RawServer, proxy: Proxy, ca_file: str, tunnel: bool
) -> None:
    proxy.credentials = ("me", "pä€")
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    url = proxy.url.replace("http://", "http://me:p%C3%A4%E2%82%AC@")
    result = run("-p", "H", f"--verify={ca_file}", "--proxy", url, origin.url)
    assert result.status == 0
    assert ("…redacted…" in result.text) == (not tunnel)


def test_what_is_for_the_proxy_is_not_told_the_origin(server: RawServer) -> None:
    server.must_be_idle()
    assert run(server.url, "Proxy-Authorization: Basic eDp5").status == 10


def test_a_bad_certificate_of_a_proxy_is_the_proxys(ca: Authority, ca_file: str) -> None:
    with Proxy(ca.misnamed()) as proxy:
        proxy.may_be_idle()
        result = run(f"--verify={ca_file}", "--proxy", proxy.url, "http://example.org")
    assert result.status == 15
    assert f"the proxy {proxy.url}" in result.err


def test_a_ca_file_without_certificates_is_named(tls_server: RawServer, tmp_path: Path) -> None:
    tls_server.may_be_idle()
    (tmp_path / "ca.pem").write_text("nothing")
    result = run("--verify=ca.pem", tls_server.url)
    assert result.status == 10
    assert "ca.pem" in result.err
