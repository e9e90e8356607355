"""Timeouts at each point of an exchange, and the messages that name the point."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.dns import name_server
from tests.support.http_connection import response, stall
from tests.support.other_programs import require_library
from tests.support.proxy import ProxyServer
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, SilentServer
from tests.support.socks import SocksProxy


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    with SilentServer() as running:
        yield running


@pytest.fixture
def full_listener() -> Iterator[str]:
    """Yield the address of a listener with a full backlog: connections do not complete."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((host, port))
        yield f"{host}:{port}"


LIMITS = [
    pytest.param("--connect-timeout=0.3", "--connect-timeout TIME", id="connect"),
    pytest.param("--timeout=0.3", "--connect-timeout TIME", id="silence", marks=pytest.mark.wide),
    pytest.param("--max-time=0.3", "timed out after 0.3 s", id="total", marks=pytest.mark.wide),
]


@pytest.mark.wide
@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_silent_dns_server_times_out(limit: str, message: str) -> None:
    require_library("aiodns")
    with name_server({"h.test": None}) as names:
        result = run(limit, "--dns-server", names.address, "http://h.test/")
    assert result.status == 2
    assert "host name not found: h.test" in result.err
    assert message in result.err


@pytest.mark.wide
@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_connection_that_never_completes_times_out(
    full_listener: str, limit: str, message: str
) -> None:
    result = run(limit, f"http://{full_listener}/")
    assert result.status == 2
    assert "no connection" in result.err
    assert message in result.err


@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_unfinished_tls_handshake_times_out(
    silent_server: SilentServer, limit: str, message: str
) -> None:
    result = run(limit, f"https://{silent_server.address}/")
    assert result.status == 2
    assert "the TLS handshake did not finish" in result.err
    assert message in result.err


@pytest.mark.wide
@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_unanswered_connect_request_times_out(
    proxy: ProxyServer, limit: str, message: str
) -> None:
    proxy.silent = True
    result = run(limit, "--proxy", proxy.url, "https://h.test/")
    assert result.status == 2
    assert f"the proxy {proxy.address} did not open a tunnel" in result.err
    assert message in result.err


@pytest.mark.wide
def test_connection_to_the_proxy_times_out(full_listener: str) -> None:
    for scheme in ("http", "socks5h"):
        proxy = f"--proxy={scheme}://{full_listener}"
        result = run("--connect-timeout=0.3", proxy, "https://h.test/")
        assert result.status == 2
        assert "no connection to the proxy" in result.err
        assert full_listener in result.err


@pytest.mark.wide
def test_unfinished_tls_handshake_in_a_tunnel_times_out(
    proxy: ProxyServer, silent_server: SilentServer
) -> None:
    result = run(
        "--connect-timeout=0.3", "--proxy", proxy.url, f"https://{silent_server.address}/"
    )
    assert result.status == 2
    assert "the TLS handshake did not finish" in result.err


@pytest.mark.wide
@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_silent_socks_proxy_times_out(limit: str, message: str) -> None:
    with SocksProxy() as socks:
        socks.silent = True
        result = run(limit, f"--proxy=socks5h://{socks.address}", "http://h.test/")
    assert result.status == 2
    assert f"the proxy socks5h://{socks.address} did not connect" in result.err
    assert message in result.err


@pytest.mark.parametrize("limit", ["--timeout=0.3", "--max-time=0.3"])
def test_missing_response_times_out(server: RawServer, limit: str) -> None:
    server.answer(stall)
    result = run(limit, server.url)
    assert result.status == 2
    assert "no response from the server" in result.err


@pytest.mark.wide
@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("--timeout=0.3", "the server stopped sending in the middle of the body"),
        ("--max-time=0.3", "timed out after 0.3 s (receiving the response body)"),
    ],
)
def test_stalled_response_body_times_out(server: RawServer, limit: str, message: str) -> None:
    server.answer(response("half and more")[:-4], stall)
    result = run(limit, server.url)
    assert result.status == 2
    assert message in result.err
    assert result.text == "half and "


@pytest.mark.wide
def test_stalled_upload_times_out(silent_server: SilentServer) -> None:
    result = run("--timeout=0.3", f"http://{silent_server.address}/", stdin=b"x" * 30_000_000)
    assert result.status == 2
    assert ": timed out: the server does not read the body" in result.err


@pytest.mark.wide
def test_blocked_standard_output_times_out(server: RawServer) -> None:
    server.answer(response(b"x" * 3_000_000))
    with start_process("--max-time=3", server.url) as child:
        assert child.stderr is not None
        message = child.stderr.read().decode()
        assert child.wait() == 2
    assert "timed out after 3 s (timed out writing to standard output)" in message


def test_unreached_limit_does_not_change_the_output(server: RawServer) -> None:
    content = bytes(range(256)) * 12_000
    server.answer(response(content))
    assert run("--max-time=20", server.url).out == content


@pytest.mark.wide
def test_fifo_without_a_writer_times_out(server: RawServer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    server.may_be_idle()
    with start_process("--max-time=1", server.url, "@fifo", cwd=tmp_path) as child:
        assert child.wait(TIMEOUT) == 2


def test_limit_of_zero_means_no_limit(server: RawServer) -> None:
    argv = ["--timeout=0", "--connect-timeout=0", "--max-time=0"]
    assert run(*argv, server.url).status == 0


@pytest.mark.parametrize("option", ["--timeout", "--connect-timeout", "--max-time"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1d", "1 s", "nan"])
def test_invalid_time_is_a_usage_error(option: str, value: str) -> None:
    result = run(f"{option}={value}", ":/")
    assert result.status == 10
    assert f"{option}: invalid time {value!r}" in result.err


def test_hint_names_the_limit_that_ended_the_wait(server: RawServer) -> None:
    server.answer(stall)
    result = run("--timeout=0.3", server.url)
    assert result.status == 2
    assert "to wait longer: --timeout TIME" in result.err
    assert "--connect-timeout" not in result.err
