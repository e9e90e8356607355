"""The times of an exchange are where the server lets it wait, on every way to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from httpcli.core.body import Body, Bytes, File
from httpcli.core.connection_info import Timings
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseEnded, ResponseStarted
from httpcli.core.plan import Network
from httpcli.core.plan import Proxy as Way
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.transport.aiohttp.engine import open_send
from tests.support.certificates import Authority
from tests.support.dns import name_server
from tests.support.peers import require_library
from tests.support.proxy import Proxy
from tests.support.servers import RawServer, UnixServer, refused_port
from tests.support.socks import SocksProxy
from tests.support.wire import Connection, Step, close, response, stall

pytestmark = pytest.mark.wide

PAUSE = 0.4
"""Seconds that a server lets a client wait: the phase in which it does must show it."""
NEAR = 0.35
"""Seconds that a loaded machine may add."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def pause(_: Connection) -> None:
    """Let the client wait: the delay is what is measured."""
    time.sleep(PAUSE)


class SlowHandshakes(RawServer):
    """Takes its time before TLS begins."""

    def _secured(self, plain):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        return super()._secured(plain)


class SlowTunnels(Proxy):
    """Takes its time before it opens a tunnel."""

    def _tunnel(self, connection, request):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        super()._tunnel(connection, request)


async def _opened(body: Body) -> AsyncIterator[bytes]:
    assert isinstance(body, Bytes)
    yield body.data


def url_of(server: RawServer, host: str | None = None) -> Url:
    scheme = server.url.partition(":")[0]
    return Url(scheme, host or server.host, server.port, "/")


async def times_of(network: Network, *requests: Request) -> list[Timings]:
    """Return the times of the ends, one request after the other on one wire."""
    found: list[Timings] = []
    async with open_send(network._replace(times=True), _opened) as send:
        for request in requests:
            async for event in send(request):
                if isinstance(event, ResponseEnded):
                    assert event.timings is not None
                    found.append(event.timings)
    return found


async def failed_times(network: Network, request: Request) -> Timings:
    with pytest.raises(HttpcliError) as caught:
        await times_of(network, request)
    assert caught.value.timings is not None
    return caught.value.timings


def lengths(times: Timings) -> dict[str, float]:
    return {phase.name: phase.length for phase in times.phases}


def assert_spent_in(times: Timings, *slow: str) -> None:
    """The slow phases took the pause, and the others nearly nothing."""
    for name, length in lengths(times).items():
        least = PAUSE - 0.01 if name in slow else 0.0
        assert least <= length <= least + NEAR, (name, times)
    assert set(slow) <= set(lengths(times)), times


async def test_nobody_pays_for_times_that_nobody_wants(server: RawServer) -> None:
    async with open_send(Network(), _opened) as send:
        events: list[Event] = [event async for event in send(Request("GET", url_of(server)))]
    heads = [event for event in events if isinstance(event, ResponseStarted)]
    ends = [event for event in events if isinstance(event, ResponseEnded)]
    assert [heads[0].timings, ends[0].timings] == [None, None]


async def test_an_address_needs_no_name_and_plain_http_no_handshake(server: RawServer) -> None:
    [times] = await times_of(Network(), Request("GET", url_of(server)))
    assert list(lengths(times)) == ["connect", "request", "wait", "body"]
    assert abs(times.began - time.time()) < 10


async def test_the_head_has_the_times_so_far(server: RawServer) -> None:
    network = Network(times=True)
    async with (
        open_send(network, _opened) as send,
        aclosing(send(Request("GET", url_of(server)))) as got,
    ):
        heads = [event.timings async for event in got if isinstance(event, ResponseStarted)]
    assert heads[0] is not None
    assert (heads[0].answered is not None, heads[0].ended) == (True, None)


async def test_the_name_server_takes_its_time(server: RawServer) -> None:
    require_library("aiodns")
    with name_server({"h.test": ["127.0.0.1"]}, delay=PAUSE) as names:
        network = Network(name_servers=(names.address,))
        [times] = await times_of(network, Request("GET", url_of(server, "h.test")))
    assert_spent_in(times, "DNS")


async def test_the_handshake_takes_its_time(ca: Authority) -> None:
    with SlowHandshakes(ca.trusted()) as server:
        [times] = await times_of(Network(verify=str(ca.file)), Request("GET", url_of(server)))
    assert_spent_in(times, "TLS")


@pytest.mark.parametrize(
    ("steps", "slow"),
    [
        pytest.param((pause, HEAD, b"okay"), ["wait"], id="head"),
        pytest.param((HEAD, b"ok", pause, b"ay"), ["body"], id="body"),
        pytest.param((pause, HEAD, pause, b"okay"), ["wait", "body"], id="both"),
    ],
)
async def test_the_answer_takes_its_time(
    server: RawServer, steps: tuple[Step, ...], slow: list[str]
) -> None:
    server.answer(*steps)
    [times] = await times_of(Network(), Request("GET", url_of(server)))
    assert_spent_in(times, *slow)


async def test_an_upload_takes_its_time(server: RawServer) -> None:
    async def slowly(_: Body) -> AsyncIterator[bytes]:
        yield b"he"
        await asyncio.sleep(PAUSE)
        yield b"re"

    request = Request("POST", url_of(server), body=File("here", 4))
    async with open_send(Network(times=True), slowly) as send:
        ends = [e.timings async for e in send(request) if isinstance(e, ResponseEnded)]
    assert ends[0] is not None
    assert_spent_in(ends[0], "request")


async def test_a_connection_that_is_used_again_is_not_made(
    tls_server: RawServer, ca_file: str
) -> None:
    request = Request("GET", url_of(tls_server))
    first, second = await times_of(Network(verify=ca_file), request, request)
    assert list(lengths(first)) == ["connect", "TLS", "request", "wait", "body"]
    assert list(lengths(second)) == ["request", "wait", "body"]
    assert second.began > first.began


async def test_a_dead_connection_of_the_pool_is_made_anew(server: RawServer) -> None:
    server.answer(response("ok")).answer(close).answer(response("ok"))
    request = Request("GET", url_of(server))
    _, second = await times_of(Network(), request, request)
    assert list(lengths(second)) == ["connect", "request", "wait", "body"]
    assert server.connections == 2


async def test_a_tunnel_counts_as_connecting(tls_server: RawServer, ca_file: str) -> None:
    with SlowTunnels() as proxy:
        network = Network(verify=ca_file, proxies={"https": Way(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(tls_server)))
    assert_spent_in(times, "connect")
    assert "TLS" in lengths(times)


async def test_the_handshake_in_a_tunnel_is_that_of_the_origin(ca: Authority) -> None:
    with SlowHandshakes(ca.trusted()) as server, Proxy(ca.trusted()) as proxy:
        network = Network(verify=str(ca.file), proxies={"https": Way(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "TLS")


async def test_the_handshake_of_a_proxy_counts_as_connecting(
    server: RawServer, ca: Authority
) -> None:
    with SlowProxyHandshakes(ca.trusted()) as proxy:
        network = Network(verify=str(ca.file), proxies={"http": Way(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "connect")
    assert "TLS" not in lengths(times)


class SlowProxyHandshakes(Proxy):
    """Takes its time before TLS begins."""

    def _secured(self, plain):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        return super()._secured(plain)


async def test_behind_socks_too_the_handshake_is_told_apart(ca: Authority) -> None:
    require_library("python_socks")
    with SlowHandshakes(ca.trusted()) as server, SocksProxy() as socks:
        at = f"socks5h://{socks.address}"
        network = Network(verify=str(ca.file), proxies={"https": Way(at)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "TLS")
    assert "connect" in lengths(times)


async def test_the_name_of_a_socks_proxy_is_looked_up(server: RawServer) -> None:
    require_library("aiodns")
    require_library("python_socks")
    with name_server({"s.test": ["127.0.0.1"]}, delay=PAUSE) as names, SocksProxy() as socks:
        at = f"socks5h://s.test:{socks.port}"
        network = Network(name_servers=(names.address,), proxies={"http": Way(at)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "DNS")


async def test_a_unix_socket_is_connected_to(ca: Authority, tmp_path: Path) -> None:
    with UnixServer(str(tmp_path / "s"), ca.trusted()) as server:
        server.answer(pause, HEAD, b"okay")
        url = Url("https", "localhost", None, "/")
        network = Network(verify=str(ca.file), sockets={url.origin: server.host})
        [times] = await times_of(network, Request("GET", url))
    assert_spent_in(times, "wait")
    assert list(lengths(times)) == ["connect", "TLS", "request", "wait", "body"]


@pytest.mark.parametrize(
    ("answer", "cut"),
    [
        pytest.param(close, "wait", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-", "wait", id="a head cut short"),
        pytest.param(HEAD + b"ok", "body", id="content cut short"),
    ],
)
async def test_a_failure_tells_how_far_it_came(server: RawServer, answer: Step, cut: str) -> None:
    server.always(answer, close)
    times = await failed_times(Network(), Request("POST", url_of(server)))
    assert times.cut == cut
    assert times.phases[-1].name == cut


async def test_a_silent_name_server_is_where_the_time_went() -> None:
    require_library("aiodns")
    with name_server({"h.test": None}) as names:
        network = Network(name_servers=(names.address,), connect=PAUSE)
        times = await failed_times(network, Request("GET", Url("http", "h.test")))
    assert times.cut == "DNS"
    assert_spent_in(times, "DNS")


async def test_a_refused_connection_ends_in_connecting() -> None:
    times = await failed_times(Network(), Request("GET", Url("http", "127.0.0.1", refused_port())))
    assert [phase.name for phase in times.phases] == ["connect"]


async def test_a_refused_certificate_ends_in_the_handshake(tls_server: RawServer) -> None:
    times = await failed_times(Network(), Request("GET", url_of(tls_server)))
    assert times.cut == "TLS"


async def test_a_refused_tunnel_ends_in_connecting(ca: Authority) -> None:
    with Proxy(ca.trusted()) as proxy:
        proxy.refusal = "403 Forbidden"
        network = Network(verify=str(ca.file), proxies={"https": Way(proxy.url)})
        times = await failed_times(network, Request("GET", Url("https", "h.test")))
    assert [phase.name for phase in times.phases] == ["connect"]


async def test_a_time_limit_around_it_all_learns_where_the_time_went(server: RawServer) -> None:
    server.answer(stall)
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(PAUSE):
            await times_of(Network(), Request("GET", url_of(server)))
    cause = caught.value.__cause__
    assert isinstance(cause, asyncio.CancelledError)
    times = cause.args[1]
    assert isinstance(times, Timings)
    assert times.cut == "wait"
    assert_spent_in(times, "wait")
