"""The timings of an exchange attribute a server's delay to the right phase."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from httpcli.core.body import Body, BytesBody, FileBody
from httpcli.core.connection_info import Timings
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseEnded, ResponseStarted
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.transport.open_engine import open_engine
from tests.support.certificates import CertificateAuthority
from tests.support.dns import name_server
from tests.support.http_connection import ClientConnection, Step, close, response, stall
from tests.support.other_programs import require_library
from tests.support.proxy import ProxyServer
from tests.support.servers import RawServer, UnixServer, refused_port
from tests.support.socks import SocksProxy

pytestmark = pytest.mark.wide

PAUSE = 0.4
"""Seconds that a server delays one phase, which must then be at least this long."""
SLACK = 3.0
"""Seconds that a loaded machine may add to any phase."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def pause(_: ClientConnection) -> None:
    """Delay the response by a known time."""
    time.sleep(PAUSE)


class SlowHandshakes(RawServer):
    """Delays the TLS handshake."""

    def _start_tls(self, plain):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        return super()._start_tls(plain)


class SlowTunnels(ProxyServer):
    """Delays the opening of a tunnel."""

    def _tunnel(self, connection, request):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        super()._tunnel(connection, request)


async def read_body(body: Body) -> AsyncIterator[bytes]:
    assert isinstance(body, BytesBody)
    yield body.data


def url_of(server: RawServer, host: str | None = None) -> Url:
    scheme = server.url.partition(":")[0]
    return Url(scheme, host or server.host, server.port, "/")


async def times_of(network: Network, *requests: Request) -> list[Timings]:
    """Send the requests one after the other over one engine; return their timings."""
    timings: list[Timings] = []
    async with open_engine(network._replace(record_timings=True)) as send:
        for request in requests:
            async for event in send(request, read_body):
                if isinstance(event, ResponseEnded):
                    assert event.timings is not None
                    timings.append(event.timings)
    return timings


async def failed_times(network: Network, request: Request) -> Timings:
    with pytest.raises(HttpcliError) as caught:
        await times_of(network, request)
    assert caught.value.timings is not None
    return caught.value.timings


def lengths(times: Timings) -> dict[str, float]:
    return {phase.name: phase.duration for phase in times.phases}


def assert_spent_in(times: Timings, *slow: str) -> None:
    """Assert that the slow phases contain the pause, and no phase takes much longer."""
    for name, length in lengths(times).items():
        least = PAUSE - 0.01 if name in slow else 0.0
        assert least <= length <= least + SLACK, (name, times)
    assert set(slow) <= set(lengths(times)), times


async def test_timings_are_not_measured_by_default(server: RawServer) -> None:
    async with open_engine(Network()) as send:
        events: list[Event] = [
            event async for event in send(Request("GET", url_of(server)), read_body)
        ]
    heads = [event for event in events if isinstance(event, ResponseStarted)]
    ends = [event for event in events if isinstance(event, ResponseEnded)]
    assert [heads[0].timings, ends[0].timings] == [None, None]


async def test_ip_address_over_http_has_no_dns_and_no_tls_phase(server: RawServer) -> None:
    [times] = await times_of(Network(), Request("GET", url_of(server)))
    assert list(lengths(times)) == ["connect", "request", "wait", "body"]
    assert abs(times.started_at - time.time()) < 10


async def test_response_head_has_the_timings_so_far(server: RawServer) -> None:
    network = Network(record_timings=True)
    async with (
        open_engine(network) as send,
        aclosing(send(Request("GET", url_of(server)), read_body)) as events,
    ):
        heads = [event.timings async for event in events if isinstance(event, ResponseStarted)]
    assert heads[0] is not None
    assert (heads[0].responded is not None, heads[0].ended) == (True, None)


async def test_slow_name_server_counts_as_dns(server: RawServer) -> None:
    require_library("aiodns")
    with name_server({"h.test": ["127.0.0.1"]}, delay=PAUSE) as names:
        network = Network(dns_servers=(names.address,))
        [times] = await times_of(network, Request("GET", url_of(server, "h.test")))
    assert_spent_in(times, "DNS")


async def test_slow_handshake_counts_as_tls(ca: CertificateAuthority) -> None:
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
async def test_slow_response_counts_as_wait_or_body(
    server: RawServer, steps: tuple[Step, ...], slow: list[str]
) -> None:
    server.answer(*steps)
    [times] = await times_of(Network(), Request("GET", url_of(server)))
    assert_spent_in(times, *slow)


async def test_slow_upload_counts_as_request(server: RawServer) -> None:
    async def slowly(_: Body) -> AsyncIterator[bytes]:
        yield b"he"
        await asyncio.sleep(PAUSE)
        yield b"re"

    request = Request("POST", url_of(server), body=FileBody("here", 4))
    async with open_engine(Network(record_timings=True)) as send:
        ends = [e.timings async for e in send(request, slowly) if isinstance(e, ResponseEnded)]
    assert ends[0] is not None
    assert_spent_in(ends[0], "request")


async def test_reused_connection_has_no_connect_phase(tls_server: RawServer, ca_file: str) -> None:
    request = Request("GET", url_of(tls_server))
    first, second = await times_of(Network(verify=ca_file), request, request)
    assert list(lengths(first)) == ["connect", "TLS", "request", "wait", "body"]
    assert list(lengths(second)) == ["request", "wait", "body"]
    assert second.started_at > first.started_at


async def test_closed_pooled_connection_is_replaced_and_timed(server: RawServer) -> None:
    server.answer(response("ok")).answer(close).answer(response("ok"))
    request = Request("GET", url_of(server))
    _, second = await times_of(Network(), request, request)
    assert list(lengths(second)) == ["connect", "request", "wait", "body"]
    assert server.connections == 2


async def test_slow_tunnel_counts_as_connect(tls_server: RawServer, ca_file: str) -> None:
    with SlowTunnels() as proxy:
        network = Network(verify=ca_file, proxies={"https": Proxy(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(tls_server)))
    assert_spent_in(times, "connect")
    assert "TLS" in lengths(times)


async def test_handshake_through_a_tunnel_counts_as_tls(ca: CertificateAuthority) -> None:
    with SlowHandshakes(ca.trusted()) as server, ProxyServer(ca.trusted()) as proxy:
        network = Network(verify=str(ca.file), proxies={"https": Proxy(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "TLS")


async def test_handshake_with_the_proxy_counts_as_connect(
    server: RawServer, ca: CertificateAuthority
) -> None:
    with SlowProxyHandshakes(ca.trusted()) as proxy:
        network = Network(verify=str(ca.file), proxies={"http": Proxy(proxy.url)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "connect")
    assert "TLS" not in lengths(times)


class SlowProxyHandshakes(ProxyServer):
    """Delays the TLS handshake."""

    def _start_tls(self, plain):  # type: ignore[no-untyped-def]
        time.sleep(PAUSE)
        return super()._start_tls(plain)


async def test_handshake_through_socks_counts_as_tls(ca: CertificateAuthority) -> None:
    require_library("python_socks")
    with SlowHandshakes(ca.trusted()) as server, SocksProxy() as socks:
        at = f"socks5h://{socks.address}"
        network = Network(verify=str(ca.file), proxies={"https": Proxy(at)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "TLS")
    assert "connect" in lengths(times)


async def test_lookup_of_a_socks_proxy_counts_as_dns(server: RawServer) -> None:
    require_library("aiodns")
    require_library("python_socks")
    with name_server({"s.test": ["127.0.0.1"]}, delay=PAUSE) as names, SocksProxy() as socks:
        at = f"socks5h://s.test:{socks.port}"
        network = Network(dns_servers=(names.address,), proxies={"http": Proxy(at)})
        [times] = await times_of(network, Request("GET", url_of(server)))
    assert_spent_in(times, "DNS")


async def test_unix_socket_has_a_connect_phase(ca: CertificateAuthority, tmp_path: Path) -> None:
    with UnixServer(str(tmp_path / "s"), ca.trusted()) as server:
        server.answer(pause, HEAD, b"okay")
        url = Url("https", "localhost", None, "/")
        network = Network(verify=str(ca.file), unix_sockets={url.origin: server.host})
        [times] = await times_of(network, Request("GET", url))
    assert_spent_in(times, "wait")
    assert list(lengths(times)) == ["connect", "TLS", "request", "wait", "body"]


@pytest.mark.parametrize(
    ("answer", "cut"),
    [
        pytest.param(close, "wait", id="no response"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-", "wait", id="truncated head"),
        pytest.param(HEAD + b"ok", "body", id="truncated body"),
    ],
)
async def test_failure_names_the_phase_that_it_ended(
    server: RawServer, answer: Step, cut: str
) -> None:
    server.answer_always(answer, close)
    times = await failed_times(Network(), Request("POST", url_of(server)))
    assert times.failed_phase == cut
    assert times.phases[-1].name == cut


async def test_silent_name_server_ends_in_the_dns_phase() -> None:
    require_library("aiodns")
    with name_server({"h.test": None}) as names:
        network = Network(dns_servers=(names.address,), connect_timeout=PAUSE)
        times = await failed_times(network, Request("GET", Url("http", "h.test")))
    assert times.failed_phase == "DNS"
    assert_spent_in(times, "DNS")


async def test_refused_connection_ends_in_the_connect_phase() -> None:
    times = await failed_times(Network(), Request("GET", Url("http", "127.0.0.1", refused_port())))
    assert [phase.name for phase in times.phases] == ["connect"]


async def test_rejected_certificate_ends_in_the_tls_phase(tls_server: RawServer) -> None:
    times = await failed_times(Network(), Request("GET", url_of(tls_server)))
    assert times.failed_phase == "TLS"


async def test_refused_tunnel_ends_in_the_connect_phase(ca: CertificateAuthority) -> None:
    with ProxyServer(ca.trusted()) as proxy:
        proxy.refusal = "403 Forbidden"
        network = Network(verify=str(ca.file), proxies={"https": Proxy(proxy.url)})
        times = await failed_times(network, Request("GET", Url("https", "h.test")))
    assert [phase.name for phase in times.phases] == ["connect"]


async def test_outer_time_limit_gets_the_timings(server: RawServer) -> None:
    server.answer(stall)
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(PAUSE):
            await times_of(Network(), Request("GET", url_of(server)))
    cause = caught.value.__cause__
    assert isinstance(cause, asyncio.CancelledError)
    times = cause.args[1]
    assert isinstance(times, Timings)
    assert times.failed_phase == "wait"
    assert_spent_in(times, "wait")
