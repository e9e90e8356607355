"""Time runs out at each point of an exchange, and is told where."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.dns import name_server
from tests.support.peers import require_library
from tests.support.proxy import Proxy
from tests.support.run import run, started
from tests.support.servers import LoopbackServer, RawServer
from tests.support.socks import SocksProxy
from tests.support.wire import Connection, response, stall


class Deaf(LoopbackServer):
    """Takes connections and then neither reads nor says anything."""

    def serve(self, connection: Connection) -> None:
        stall(connection)


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    with Deaf() as running:
        yield running


@pytest.fixture
def full() -> Iterator[str]:
    """Give the address of a listener whose queue is full: nobody gets a connection."""
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
    pytest.param("--connect-timeout=0.3", "--connect-timeout sets", id="connect"),
    pytest.param("--timeout=0.3", "--connect-timeout sets", id="silence"),
    pytest.param("--max-time=0.3", "not done after 0.3 s", id="total"),
]


@pytest.mark.parametrize(("limit", "says"), LIMITS)
def test_2_the_name_server_does_not_answer(limit: str, says: str) -> None:
    require_library("aiodns")
    with name_server({"h.test": None}) as names:
        result = run(limit, "--dns-server", names.address, "http://h.test/")
    assert result.status == 2
    assert "the name h.test was not resolved" in result.err
    assert says in result.err


@pytest.mark.parametrize(("limit", "says"), LIMITS)
def test_2_there_is_no_connection(full: str, limit: str, says: str) -> None:
    result = run(limit, f"http://{full}/")
    assert result.status == 2
    assert "no connection" in result.err
    assert says in result.err


@pytest.mark.parametrize(("limit", "says"), LIMITS)
def test_2_the_tls_handshake_does_not_end(deaf: Deaf, limit: str, says: str) -> None:
    result = run(limit, f"https://{deaf.address}/")
    assert result.status == 2
    assert "the TLS handshake did not end" in result.err
    assert says in result.err


@pytest.mark.parametrize(("limit", "says"), LIMITS)
def test_2_the_proxy_does_not_open_a_tunnel(proxy: Proxy, limit: str, says: str) -> None:
    proxy.silent = True
    result = run(limit, "--proxy", proxy.url, "https://h.test/")
    assert result.status == 2
    assert f"the proxy {proxy.address} did not open a tunnel" in result.err
    assert says in result.err


def test_2_the_proxy_takes_no_connection(full: str) -> None:
    for scheme in ("http", "socks5h"):
        proxy = f"--proxy={scheme}://{full}"
        result = run("--connect-timeout=0.3", proxy, "https://h.test/")
        assert result.status == 2
        assert "no connection to the proxy" in result.err
        assert full in result.err


def test_2_the_tls_handshake_in_a_tunnel_does_not_end(proxy: Proxy, deaf: Deaf) -> None:
    result = run("--connect-timeout=0.3", "--proxy", proxy.url, f"https://{deaf.address}/")
    assert result.status == 2
    assert "the TLS handshake did not end" in result.err


@pytest.mark.parametrize(("limit", "says"), LIMITS)
def test_2_the_socks_proxy_is_silent(limit: str, says: str) -> None:
    with SocksProxy() as socks:
        socks.silent = True
        result = run(limit, f"--proxy=socks5h://{socks.address}", "http://h.test/")
    assert result.status == 2
    assert f"the proxy socks5h://{socks.address} did not connect" in result.err
    assert says in result.err


@pytest.mark.parametrize("limit", ["--timeout=0.3", "--max-time=0.3"])
def test_2_the_server_does_not_answer(server: RawServer, limit: str) -> None:
    server.answer(stall)
    result = run(limit, server.url)
    assert result.status == 2
    assert "the server did not answer" in result.err


@pytest.mark.parametrize("limit", ["--timeout=0.3", "--max-time=0.3"])
def test_2_the_server_falls_silent_in_the_content(server: RawServer, limit: str) -> None:
    server.answer(response("half and more")[:-4], stall)
    result = run(limit, server.url)
    assert result.status == 2
    assert "fell silent in the middle of the content" in result.err
    assert result.text == "half and "


def test_2_the_server_takes_no_content(deaf: Deaf) -> None:
    result = run("--timeout=0.3", f"http://{deaf.address}/", stdin=b"x" * 30_000_000)
    assert result.status == 2
    assert "the server does not take the content" in result.err


def test_2_nobody_takes_what_is_written(server: RawServer) -> None:
    server.answer(response(b"x" * 3_000_000))
    with started("--max-time=1", server.url) as child:
        assert child.stderr is not None
        said = child.stderr.read().decode()
        assert child.wait() == 2
    assert "not done after 1 s (nobody takes what is written to standard output)" in said


def test_a_limit_that_is_kept_changes_no_byte(server: RawServer) -> None:
    content = bytes(range(256)) * 12_000
    server.answer(response(content))
    assert run("--max-time=20", server.url).out == content


def test_2_a_fifo_that_nobody_writes_is_not_waited_for(server: RawServer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    server.may_be_idle()
    with started("--max-time=1", server.url, "@fifo", cwd=tmp_path) as child:
        assert child.wait(10) == 2


def test_a_limit_of_0_is_none(server: RawServer) -> None:
    argv = ["--timeout=0", "--connect-timeout=0", "--max-time=0"]
    assert run(*argv, server.url).status == 0


@pytest.mark.parametrize("option", ["--timeout", "--connect-timeout", "--max-time"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1d", "1 s", "nan"])
def test_a_time_that_is_none_is_a_usage_error(option: str, value: str) -> None:
    result = run(f"{option}={value}", ":/")
    assert result.status == 10
    assert f"{option}: {value!r} is not a time" in result.err
