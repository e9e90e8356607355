"""Authentication, trusted CAs, proxies and redaction: the basic cases."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import response
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal


def decode_basic(field: str | None) -> str:
    assert field is not None
    scheme, _, token = field.partition(" ")
    assert scheme == "Basic"
    return b64decode(token).decode()


def test_basic_credentials_are_sent_as_utf_8(server: RawServer) -> None:
    run("-a", "mé:pä:ss", server.url)
    assert decode_basic(server.request.header("Authorization")) == "mé:pä:ss"


def test_userinfo_of_the_url_becomes_basic_auth(server: RawServer) -> None:
    run("-v", server.url.replace("http://", "http://me:p%40ss@") + "/x")
    assert decode_basic(server.request.header("Authorization")) == "me:p@ss"
    assert server.request.header("Host") == server.address
    assert server.request.target == "/x"


def test_bearer_token_is_sent_unchanged(server: RawServer) -> None:
    run("-A", "bearer", "-a", "a:b.c", server.url)
    assert server.request.header("Authorization") == "Bearer a:b.c"


def test_password_prompt_does_not_echo(server: RawServer) -> None:
    with Terminal("-a", "me", server.url) as screen:
        screen.read_until("password for me@127.0.0.1: ")
        assert not screen.echoes
        screen.type("secret\n")
        assert screen.wait() == 0
    assert b"secret" not in screen.raw
    assert decode_basic(server.request.header("Authorization")) == "me:secret"


def test_custom_ca_is_trusted(tls_server: RawServer, ca_file: str) -> None:
    assert run(f"--verify={ca_file}", tls_server.url).status == 0


def test_ssl_cert_file_is_used(tls_server: RawServer, ca_file: str) -> None:
    # In a child process, because OpenSSL reads the real environment.
    assert run_process(tls_server.url, env={"SSL_CERT_FILE": ca_file}).status == 0


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_httpie_environment_variables_set_the_ca(
    tls_server: RawServer, ca_file: str, name: str
) -> None:
    assert run(tls_server.url, env={name: ca_file}).status == 0
    assert run("--verify=yes", tls_server.url, env={name: ca_file}).status == 0


@pytest.mark.wide
def test_ssl_cert_file_and_verify_override_the_httpie_variables(
    tls_server: RawServer, ca_file: str, tmp_path: Path
) -> None:
    other = str(CertificateAuthority(tmp_path).file)
    env = {"REQUESTS_CA_BUNDLE": other, "CURL_CA_BUNDLE": ca_file}
    assert run(tls_server.url, env=env).status == 14
    assert run_process(tls_server.url, env={**env, "SSL_CERT_FILE": ca_file}).status == 0
    assert run(f"--verify={ca_file}", tls_server.url, env=env).status == 0


def test_ca_from_the_environment_is_read_only_for_tls(
    server: RawServer, tls_server: RawServer
) -> None:
    tls_server.may_be_idle()
    env = {"REQUESTS_CA_BUNDLE": "/nowhere.pem"}
    assert run(server.url, env=env).status == 0
    refused = run(tls_server.url, env=env)
    assert refused.status == 10
    assert "/nowhere.pem" in refused.err


@pytest.mark.parametrize("option", ["-k", "--verify=no"])
def test_disabled_verification_prints_a_warning(tls_server: RawServer, option: str) -> None:
    result = run(option, tls_server.url)
    assert result.status == 0
    assert "warning" in result.err
    assert run("-qq", option, tls_server.url).err == ""


def test_http_request_to_a_proxy_uses_the_absolute_form(
    server: RawServer, proxy: ProxyServer
) -> None:
    result = run("-p", "Hb", "--proxy", proxy.url, server.url + "/x", "X-Secret-Key: k")
    assert proxy.request.request_line == f"GET {server.url}/x HTTP/1.1"
    assert result.text.startswith(f"GET {server.url}/x HTTP/1.1\r\n")
    assert server.request.target == "/x"


def test_https_is_tunnelled_and_the_proxy_sees_no_request_headers(
    tls_server: RawServer, proxy: ProxyServer, ca_file: str
) -> None:
    run(f"--verify={ca_file}", "--proxy", proxy.url, tls_server.url, "-a", "me:pw", "X-Key: k")
    assert proxy.request.method == "CONNECT"
    assert {name.lower() for name, _ in proxy.request.headers} <= {
        "host",
        "user-agent",
        "proxy-connection",
        "accept",
        "accept-encoding",
    }
    assert tls_server.request.header("X-Key") == "k"


@pytest.mark.parametrize("tunnel", [True, False])
def test_credentials_of_the_proxy_url_are_not_sent_to_the_origin(
    server: RawServer, tls_server: RawServer, proxy: ProxyServer, ca_file: str, tunnel: bool
) -> None:
    proxy.credentials = ("me", "p@ss")
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    url = proxy.url.replace("http://", "http://me:p%40ss@")
    assert run(f"--verify={ca_file}", "--proxy", url, origin.url).status == 0
    assert origin.request.header("Proxy-Authorization") is None


def test_proxy_from_the_environment_is_used(server: RawServer, proxy: ProxyServer) -> None:
    run(server.url, env={"http_proxy": proxy.url})
    assert proxy.request.method == "GET"


def test_no_proxy_variable_bypasses_the_proxy(server: RawServer, proxy: ProxyServer) -> None:
    proxy.assert_not_called()
    run(server.url, env={"http_proxy": proxy.url, "no_proxy": "127.0.0.1"})
    assert server.requests


SECRET = ["-a", "me:hunter2", "X-Api-Key:hunter2", "Cookie:s=hunter2", "token==hunter2"]


def test_printed_request_shows_secrets_by_default() -> None:
    shown = run("-p", "HB", "echo:", *SECRET).text
    assert "X-Api-Key: hunter2" in shown
    assert "Authorization: Basic" in shown


def test_secrets_are_redacted_in_ci(server: RawServer) -> None:
    server.answer(response("", "Set-Cookie: s=hunter2", "X-Plain: seen"))
    result = run("-v", server.url, *SECRET, env={"CI": "true"})
    assert "hunter2" not in result.text
    assert "aHVudGVyMg" not in result.text
    assert result.text.count("…redacted…") == 5
    assert "X-Plain: seen" in result.text
    assert server.request.header("X-Api-Key") == "hunter2"


def test_show_secrets_disables_redaction_in_ci() -> None:
    shown = run("-p", "H", "--show-secrets", "echo:", *SECRET, env={"CI": "true"}).text
    assert "X-Api-Key: hunter2" in shown


@pytest.mark.parametrize("path", ["", "/x"])
def test_ipv6_literal_is_supported(path: str) -> None:
    with RawServer(host="::1") as server:
        result = run("-p", "H", f"[::1]:{server.port}{path}")
        assert server.request.header("Host") == f"[::1]:{server.port}"
    assert result.status == 0
    assert result.text.startswith(f"GET {path or '/'} HTTP/1.1")


def test_unused_invalid_proxy_variable_is_ignored(server: RawServer) -> None:
    assert run(server.url, env={"https_proxy": "ftp://p:1"}).status == 0
    result = run("https://example.org", env={"https_proxy": "ftp://p:1"})
    assert result.status == 15
    assert "https_proxy" in result.err


def test_offline_shows_the_request_in_the_form_for_the_proxy(server: RawServer) -> None:
    server.assert_not_called()
    result = run("--offline", "http://example.org/x", env={"http_proxy": server.url})
    assert result.text.startswith("GET http://example.org/x HTTP/1.1")


@pytest.mark.parametrize(
    "argv", [["--auth="], ["-A", "bearer", "-a", ""], ["-o", ""], ["--timeout="]]
)
def test_empty_option_value_is_a_usage_error(argv: list[str]) -> None:
    assert run(*argv, "echo:").status == 10


def test_connect_request_has_our_user_agent_and_the_authority(
    tls_server: RawServer, proxy: ProxyServer, ca_file: str
) -> None:
    for host in ("Host:other.example", "Host:"):
        run(f"--verify={ca_file}", "--proxy", proxy.url, tls_server.url, host)
    for request in proxy.requests:
        assert request.header("Host") == tls_server.address
        assert str(request.header("User-Agent")).startswith("httpcli/")
    assert tls_server.requests[0].header("Host") == "other.example"
    assert tls_server.requests[1].header("Host") is None


@pytest.mark.parametrize("tunnel", [True, False])
def test_proxy_password_is_sent_as_utf_8(
    server: RawServer, tls_server: RawServer, proxy: ProxyServer, ca_file: str, tunnel: bool
) -> None:
    proxy.credentials = ("me", "pä€")
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    url = proxy.url.replace("http://", "http://me:p%C3%A4%E2%82%AC@")
    result = run("-p", "H", f"--verify={ca_file}", "--proxy", url, origin.url)
    assert result.status == 0
    assert ("…redacted…" in result.text) == (not tunnel)


def test_proxy_authorization_item_is_a_usage_error(server: RawServer) -> None:
    server.assert_not_called()
    assert run(server.url, "Proxy-Authorization: Basic eDp5").status == 10


def test_bad_proxy_certificate_is_a_proxy_error(ca: CertificateAuthority, ca_file: str) -> None:
    with ProxyServer(ca.wrong_host()) as proxy:
        proxy.may_be_idle()
        result = run(f"--verify={ca_file}", "--proxy", proxy.url, "http://example.org")
    assert result.status == 15
    assert f"the proxy {proxy.url}" in result.err


def test_ca_file_without_certificates_is_a_usage_error(
    tls_server: RawServer, tmp_path: Path
) -> None:
    tls_server.may_be_idle()
    (tmp_path / "ca.pem").write_text("nothing")
    result = run("--verify=ca.pem", tls_server.url)
    assert result.status == 10
    assert "ca.pem" in result.err
