"""Requests over a Unix domain socket."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import ClientConnection, response
from tests.support.proxy import ProxyServer
from tests.support.run import run
from tests.support.servers import RawServer, UnixServer


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "a.sock")


def moved(location: str) -> bytes:
    return response("", f"Location: {location}", status="302 Found")


def test_request_over_the_socket_keeps_the_url_host(path: str) -> None:
    with UnixServer(path) as server:
        result = run("--unix-socket", path, "http://docker/x?y")
    assert (result.status, result.text) == (0, "ok\n")
    assert server.request.request_line == "GET /x?y HTTP/1.1"
    assert server.request.header("Host") == "docker"


def test_relative_path_and_tilde_are_expanded(home: Path) -> None:
    with UnixServer(str(home / "a.sock")) as server:
        assert run("--unix-socket=~/a.sock", ":/").status == 0
        assert run("--unix-socket=home/a.sock", ":/").status == 0
    assert len(server.requests) == 2


def test_http_unix_url_names_the_socket(path: str) -> None:
    with UnixServer(path) as server:
        assert run(f"http+unix://{quote(path, safe='')}/x").status == 0
    assert server.request.header("Host") == "localhost"
    assert server.request.target == "/x"


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="Linux only")
def test_abstract_socket_is_supported(path: str) -> None:
    name = f"@{path}"
    with UnixServer(name) as server:
        assert run("--unix-socket", name, ":/a").status == 0
        assert run(f"http+unix://{quote(name, safe='')}/b").status == 0
    assert [request.target for request in server.requests] == ["/a", "/b"]


def test_https_works_over_the_socket(path: str, ca: CertificateAuthority, ca_file: str) -> None:
    with UnixServer(path, ca.trusted()) as server:
        assert run(f"--verify={ca_file}", "--unix-socket", path, "https://localhost/").status == 0
        assert run("--unix-socket", path, "https://localhost/").status == 14
        other = run(f"--verify={ca_file}", "--unix-socket", path, "https://other.test/")
    assert other.status == 14
    assert "other.test: the certificate is not valid for other.test" in other.err
    assert len(server.requests) == 1


def test_https_to_a_plain_socket_sends_no_plain_text(path: str) -> None:
    received: list[bytes] = []

    class Plain(UnixServer):
        def serve(self, connection: ClientConnection) -> None:
            received.append(connection.socket.recv(65536))
            connection.send(response(status="400 Bad Request"))
            connection.close()

    with Plain(path):
        result = run("--unix-socket", path, "-a", "me:secret", "https://localhost/")
    assert result.status == 14
    assert received[0][:1] == b"\x16"  # a TLS handshake
    assert b"GET" not in received[0]


def test_proxy_is_not_used_for_the_socket(path: str, proxy: ProxyServer) -> None:
    proxy.assert_not_called()
    with UnixServer(path):
        assert run("--unix-socket", path, "--proxy", proxy.url, "http://h.test/").status == 0
    shown = run("--offline", "--unix-socket", path, "--proxy", proxy.url, "http://h.test/").text
    assert shown.startswith("GET / HTTP/1.1")


def test_same_origin_redirect_uses_the_socket(path: str) -> None:
    with UnixServer(path) as server:
        server.answer(moved("/there"))
        assert run("-F", "--unix-socket", path, "http://docker/").text == "ok\n"
    assert [request.target for request in server.requests] == ["/", "/there"]


def test_redirect_to_another_origin_does_not_use_the_socket(path: str, server: RawServer) -> None:
    with UnixServer(path) as unix:
        unix.answer(moved(f"{server.url}/there"))
        assert run("-F", "--unix-socket", path, "http://docker/").text == "ok\n"
    assert len(unix.requests) == 1
    assert server.request.target == "/there"


@pytest.mark.parametrize("location", ["http+unix://{}/", "unix://{}/", "http+unix:{}"])
def test_redirect_to_a_socket_url_is_refused(path: str, server: RawServer, location: str) -> None:
    server.answer(moved(location.format(quote(path, safe=""))))
    with UnixServer(path) as unix:
        unix.assert_not_called()
        assert run("-F", server.url).status == 1
    assert not unix.connections


def test_redirect_from_another_origin_does_not_use_the_socket(
    path: str, server: RawServer
) -> None:
    with UnixServer(path) as unix:
        unix.answer(moved(f"{server.url}/there"))
        server.answer(moved("http://localhost:1/"))
        assert run("-F", "--unix-socket", path, "http://docker/").status == 12
    assert len(unix.requests) == 1


def test_long_body_is_sent_over_the_socket(path: str) -> None:
    with UnixServer(path) as server:
        assert run("--unix-socket", path, "POST", ":/", stdin=b"x" * 3_000_000).status == 0
    assert len(server.request.body) == 3_000_000


def test_socket_errors_are_explained(path: str, tmp_path: Path) -> None:
    missing = run("--unix-socket", path, ":/")
    assert (missing.status, f"{path}: no such socket" in missing.err) == (12, True)
    abandoned = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    abandoned.bind(path)
    abandoned.close()
    refused = run("--unix-socket", path, ":/")
    assert (refused.status, "connection refused" in refused.err) == (12, True)
    (tmp_path / "file").write_text("")
    wrong = run("--unix-socket", "file", ":/")
    assert (wrong.status, "not a socket" in wrong.err) == (12, True)
    abstract = run("--unix-socket=@no-such-name", ":/")
    assert (abstract.status, "@no-such-name: connection refused" in abstract.err) == (12, True)


@pytest.mark.wide
def test_socket_with_a_full_backlog_times_out(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(0)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as first:
            first.connect(path)
            result = run("--connect-timeout=0.3", "--unix-socket", path, ":/")
    assert result.status == 2
    assert "timed out: no connection" in result.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--unix-socket=", ":/"], "--unix-socket: missing path"),
        (["--unix-socket=a", "echo:"], "--unix-socket cannot be used with echo: URLs"),
        (
            ["--unix-socket=a", "http+unix://b/"],
            "two Unix sockets: --unix-socket and the one in the URL",
        ),
        ([f"--unix-socket=/{'x' * 107}", ":/"], "at most 107 bytes"),
        (["http+unix:///"], "missing socket path in the URL"),
    ],
)
def test_invalid_socket_options_are_usage_errors(argv: list[str], message: str) -> None:
    result = run(*argv)
    assert result.status == 10
    assert message in result.err


def test_tls_options_apply_over_the_socket(
    path: str, ca: CertificateAuthority, ca_file: str
) -> None:
    with UnixServer(path, ca.trusted()) as server:
        argv = [f"--verify={ca_file}", "--unix-socket", path]
        named = run(*argv, "--server-name=localhost", "https://other.test/")
        pinned = run(*argv, f"--pin=sha256:{'0' * 64}", "https://localhost/")
        shown = run(*argv, "--show-cert", "https://localhost/")
    assert (named.status, len(server.requests)) == (0, 1)
    assert (pinned.status, "does not match --pin" in pinned.err) == (14, True)
    assert (shown.status, "localhost" in shown.text) == (0, True)
