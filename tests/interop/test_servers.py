"""Requests to a real server (nginx), a real proxy (tinyproxy) and httpbin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.run import run, run_process

if TYPE_CHECKING:
    from tests.interop.peers import Peer
    from tests.support.certificates import CertificateAuthority

pytestmark = pytest.mark.slow


def publish(nginx: Peer, name: str, content: bytes) -> str:
    (nginx.folder / "www" / name).write_bytes(content)
    return f"{nginx.url}/{name}"


def test_file_from_nginx_is_identical(nginx: Peer) -> None:
    content = os.urandom(3_000_000)
    result = run_process(publish(nginx, "random.bin", content))
    assert (result.status, result.err) == (0, "")
    assert result.out == content


def test_body_compressed_by_nginx_is_decoded(nginx: Peer) -> None:
    text = "the same line again\n" * 1000
    url = publish(nginx, "lines.txt", text.encode())
    result = run("--print=hb", url)
    head, _, body = result.text.replace("\r\n", "\n").partition("\n\n")
    assert "content-encoding: gzip" in head.lower()
    assert body == text


@pytest.mark.parametrize(("name", "status"), [("hello.txt", 0), ("missing.txt", 4)])
def test_status_of_nginx_becomes_the_exit_status_if_checked(
    nginx: Peer, name: str, status: int
) -> None:
    publish(nginx, "hello.txt", b"hello\n")
    assert run("--check-status", f"{nginx.url}/{name}").status == status
    assert run(f"{nginx.url}/{name}").status == 0


def test_redirect_of_nginx_is_followed_only_on_request(nginx: Peer) -> None:
    publish(nginx, "hello.txt", b"hello\n")
    assert run("--follow", f"{nginx.url}/moved").text == "hello\n"
    assert b"301 Moved Permanently" in run(f"{nginx.url}/moved").out


def test_tls_of_nginx_is_trusted_only_with_its_ca(
    nginx: Peer, nginx_tls: str, ca_file: str
) -> None:
    publish(nginx, "hello.txt", b"hello\n")
    assert run(f"--verify={ca_file}", f"{nginx_tls}/hello.txt").text == "hello\n"
    assert run(f"{nginx_tls}/hello.txt").status == 14


def test_nginx_accepts_only_a_client_certificate(
    nginx_mutual: str, ca: CertificateAuthority, ca_file: str
) -> None:
    chain, key = ca.issue("client@example.org")
    identity = ["--cert", str(chain), "--cert-key", str(key)]
    assert run(f"--verify={ca_file}", *identity, nginx_mutual).text == "welcome\n"
    # nginx completes the handshake without a certificate and reports the error in HTTP.
    result = run(f"--verify={ca_file}", "--check-status", nginx_mutual)
    assert result.status == 4
    assert "No required SSL certificate was sent" in result.text


def test_certificate_of_nginx_is_shown(nginx_tls: str, ca_file: str) -> None:
    result = run(f"--verify={ca_file}", "--show-cert", nginx_tls)
    assert result.status == 0
    assert "Names       localhost, 127.0.0.1\n" in result.text


def test_httpbin_receives_a_json_request_as_typed(httpbin: Peer) -> None:
    result = run("PUT", f"{httpbin.url}/anything/path", "q==a b", "X-Word:Grüße", "n:=1", "s=ü")
    seen = result.json
    assert result.status == 0
    assert (seen["method"], seen["args"]) == ("PUT", {"q": "a b"})
    assert seen["json"] == {"n": 1, "s": "ü"}
    assert seen["headers"]["Content-Type"] == "application/json"
    assert seen["headers"]["Host"] == f"127.0.0.1:{httpbin.port}"
    assert seen["headers"]["X-Word"].encode("latin-1").decode() == "Grüße"


def test_httpbin_receives_a_body_from_a_pipe(httpbin: Peer) -> None:
    result = run("POST", f"{httpbin.url}/anything", "Content-Type:text/plain", stdin=b"hello\n")
    assert result.json["data"] == "hello\n"


@pytest.mark.parametrize(
    ("coding", "claim"), [("gzip", "gzipped"), ("deflate", "deflated"), ("brotli", "brotli")]
)
def test_encoded_bodies_of_httpbin_are_decoded(httpbin: Peer, coding: str, claim: str) -> None:
    assert run(f"{httpbin.url}/{coding}").json[claim] is True


def test_httpbin_accepts_only_the_right_basic_password(httpbin: Peer) -> None:
    url = f"{httpbin.url}/basic-auth/ann/secret"
    assert run("--auth=ann:secret", url).json == {"authenticated": True, "user": "ann"}
    assert run("--auth=ann:wrong", "--check-status", url).status == 4


@pytest.mark.parametrize("qop", ["auth", "auth-int", "both"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512"])
def test_httpbin_accepts_only_the_right_digest_password(
    httpbin: Peer, qop: str, algorithm: str
) -> None:
    url = f"{httpbin.url}/digest-auth/{qop}/ann/se:cret/{algorithm}"
    digest = ["--check-status", "--auth-type=digest"]
    assert run(*digest, "--auth=ann:se:cret", url).json == {"authenticated": True, "user": "ann"}
    assert run(*digest, "--auth=ann:wrong", url).status == 4


def test_digest_stops_after_repeated_stale_nonces(httpbin: Peer) -> None:
    url = f"{httpbin.url}/digest-auth/auth/ann/secret"
    words = ["--all", "--print=Hh", "--auth-type=digest", "--auth=ann:secret"]
    shown = run(*words, url, "Cookie:stale_after=0").text
    assert shown.count("401 UNAUTHORIZED") == 3
    assert shown.count("Authorization: Digest") == 2


def test_tinyproxy_forwards_http(tinyproxy: Peer, nginx: Peer) -> None:
    url = publish(nginx, "hello.txt", b"hello\n")
    result = run(f"--proxy=http:{tinyproxy.url}", "--print=hb", url)
    assert result.text.endswith("hello\n")
    assert "Via: 1.1 tinyproxy" in result.text


def test_tinyproxy_tunnels_https(
    tinyproxy: Peer, nginx: Peer, nginx_tls: str, ca_file: str
) -> None:
    publish(nginx, "hello.txt", b"hello\n")
    proxy = f"--proxy=https:{tinyproxy.url}"
    assert run(proxy, f"--verify={ca_file}", f"{nginx_tls}/hello.txt").text == "hello\n"
    assert "CONNECT" in (tinyproxy.folder / "proxy.log").read_text()
