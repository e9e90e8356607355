from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.http_connection import (
    ClientConnection,
    chunk,
    close,
    repeat_until_closed,
    reset,
    response,
    signal_event,
    stall,
    wait_for_event,
)
from tests.support.servers import RawServer, refused_port

if TYPE_CHECKING:
    from tests.support.certificates import CertificateAuthority
    from tests.support.proxy import ProxyServer


def connect(server: RawServer | ProxyServer) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=5)


def receive_all(client: socket.socket) -> bytes:
    pieces = []
    while data := client.recv(65536):
        pieces.append(data)
    return b"".join(pieces)


def test_server_keeps_every_byte_of_a_request(server: RawServer) -> None:
    raw = b"POST /a?b HTTP/1.1\r\nHoSt: x\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 3\r\n\r\nabc"
    with connect(server) as client:
        client.sendall(raw)
        assert client.recv(65536) == response("ok\n", "Content-Type: text/plain")
    request = server.request
    assert request.raw == raw
    assert (request.method, request.target, request.body) == ("POST", "/a?b", b"abc")
    assert request.headers[0] == ("HoSt", "x")
    assert request.header_values("x-TWO") == ["1", "2"]
    with pytest.raises(AssertionError, match="sent 2 times"):
        request.header("x-two")


def test_server_decodes_chunked_framing_and_keeps_the_raw_body(server: RawServer) -> None:
    framed = chunk("ab") + b"3;x=y\r\ncde\r\n" + b"0\r\nTrailer: 1\r\n\r\n"
    with connect(server) as client:
        client.sendall(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + framed)
        client.recv(65536)
    assert server.request.body == b"abcde"
    assert server.request.raw_body == framed
    assert server.request.complete


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HT",
        b"PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ],
)
def test_truncated_request_is_recorded_as_incomplete(server: RawServer, sent: bytes) -> None:
    with connect(server) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert receive_all(client) == b""
    assert server.request.raw == sent
    assert not server.request.complete


def test_script_answers_in_order_then_default_on_one_connection(server: RawServer) -> None:
    server.answer(response("one")).answer(response("two", status="404 Not Found"))
    server.answer_always(response("more"))
    client = http.client.HTTPConnection(server.host, server.port, timeout=5)
    seen = []
    for _ in range(4):
        client.request("GET", "/")
        answer = client.getresponse()
        seen.append((answer.status, answer.read()))
    client.close()
    assert seen == [(200, b"one"), (404, b"two"), (200, b"more"), (200, b"more")]
    assert {request.connection for request in server.requests} == {0}


def test_client_that_expects_100_continue_gets_it_before_its_body(server: RawServer) -> None:
    with connect(server) as client:
        client.sendall(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"x")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
    assert server.request.body == b"x"


def test_response_may_reject_a_body_before_it_is_sent(server: RawServer) -> None:
    server.continue_steps = (response(status="417 Expectation Failed"), close)
    with connect(server) as client:
        client.sendall(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert receive_all(client).startswith(b"HTTP/1.1 417")


def test_steps_wait_for_events_and_signal_them(server: RawServer) -> None:
    go, first_part_sent = threading.Event(), threading.Event()
    server.answer(
        b"HTTP/1.1 200 OK\r\n\r\nfirst ",
        signal_event(first_part_sent),
        wait_for_event(go),
        b"second",
        close,
    )
    with connect(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert first_part_sent.wait(5)
        assert client.recv(65536).endswith(b"first ")
        go.set()
        assert receive_all(client) == b"second"


def test_reset_step_resets_the_connection(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\n", reset)
    with connect(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            receive_all(client)


@pytest.mark.parametrize("step", [stall, repeat_until_closed(b"x" * 1000)])
def test_endless_step_ends_with_the_test(step: Callable[[ClientConnection], None]) -> None:
    with RawServer() as server:
        server.answer(b"HTTP/1.1 200 OK\r\n\r\n", step)
        client = connect(server)
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert client.recv(1)
    client.close()


def test_unused_server_fails_its_test() -> None:
    with pytest.raises(AssertionError, match="never called"), RawServer():
        pass


def test_unused_server_is_allowed_if_it_may_be_idle() -> None:
    with RawServer() as server:
        server.may_be_idle()


def test_exception_in_a_step_fails_the_test() -> None:
    def fail(_: ClientConnection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), RawServer() as server:  # noqa: PT012 - the end raises
        server.answer(fail)
        with connect(server) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert receive_all(client) == b""


def test_waiting_for_missing_requests_fails(server: RawServer) -> None:
    server.may_be_idle()
    with pytest.raises(AssertionError, match="0 requests came, not 1"):
        server.wait_for_requests(1, timeout=0.01)


def test_connection_to_a_refused_port_is_refused() -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", refused_port()), timeout=5)


def test_client_with_the_ca_file_trusts_the_tls_server(
    tls_server: RawServer, ca_file: str
) -> None:
    trust = ssl.create_default_context(cafile=ca_file)
    client = http.client.HTTPSConnection("localhost", tls_server.port, context=trust, timeout=5)
    client.request("GET", "/")
    assert client.getresponse().read() == b"ok\n"
    client.close()
    assert tls_server.url.startswith("https://127.0.0.1:")


def test_closed_tls_connection_ends_with_close_notify(tls_server: RawServer, ca_file: str) -> None:
    tls_server.answer(b"HTTP/1.1 200 OK\r\n\r\nabc", close)
    trust = ssl.create_default_context(cafile=ca_file)
    with trust.wrap_socket(connect(tls_server), server_hostname="localhost") as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert receive_all(client).endswith(b"abc")


@pytest.mark.parametrize(
    ("kind", "error"),
    [("expired", "certificate has expired"), ("misnamed", "Hostname mismatch")],
)
def test_client_rejects_a_bad_certificate(ca: CertificateAuthority, kind: str, error: str) -> None:
    context = ca.expired() if kind == "expired" else ca.wrong_host()
    trust = ssl.create_default_context(cafile=str(ca.file))
    with RawServer(context) as server:
        plain = connect(server)
        with plain, pytest.raises(ssl.SSLCertVerificationError, match=error):
            trust.wrap_socket(plain, server_hostname="localhost")
    assert server.connections == 1


def test_proxy_forwards_and_records(proxy: ProxyServer, server: RawServer) -> None:
    with connect(proxy) as client:
        client.sendall(f"GET {server.url}/a?b HTTP/1.1\r\nHost: {server.address}\r\n\r\n".encode())
        assert receive_all(client).endswith(b"ok\n")
    assert proxy.request.target == f"{server.url}/a?b"
    assert server.request.target == "/a?b"


def test_proxy_opens_tunnels(proxy: ProxyServer, tls_server: RawServer, ca_file: str) -> None:
    trust = ssl.create_default_context(cafile=ca_file)
    client = http.client.HTTPSConnection(proxy.host, proxy.port, context=trust, timeout=5)
    client.set_tunnel("localhost", tls_server.port)
    client.request("GET", "/secret")
    assert client.getresponse().read() == b"ok\n"
    client.close()
    assert proxy.request.method == "CONNECT"
    assert tls_server.request.target == "/secret"


def test_proxy_requires_credentials_if_set(proxy: ProxyServer, server: RawServer) -> None:
    proxy.credentials = ("ann", "secret")
    client = http.client.HTTPConnection(proxy.host, proxy.port, timeout=5)
    client.request("GET", f"{server.url}/")
    refused = client.getresponse()
    refused.read()
    assert refused.status == 407
    client.request(
        "GET", f"{server.url}/", headers={"Proxy-Authorization": "Basic YW5uOnNlY3JldA=="}
    )
    assert client.getresponse().read() == b"ok\n"
    client.close()
    assert server.request.header("Proxy-Authorization") is None


def test_proxy_answers_502_if_the_target_is_unreachable(proxy: ProxyServer) -> None:
    with connect(proxy) as client:
        client.sendall(f"CONNECT 127.0.0.1:{refused_port()} HTTP/1.1\r\n\r\n".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 502")


def test_proxy_refuses_if_set(proxy: ProxyServer) -> None:
    proxy.refusal = "403 Forbidden"
    with connect(proxy) as client:
        client.sendall(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 403 Forbidden")


class ObservedSet(set[socket.socket]):
    """A set that sets ``event`` when it is iterated."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def __iter__(self) -> Iterator[socket.socket]:
        items = list(super().__iter__())
        self.event.set()
        return iter(items)


def test_server_that_stops_during_a_tls_handshake_does_not_wait(
    ca: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    handshake_started, sockets = threading.Event(), ObservedSet()
    context = ca.trusted()

    def wrap_slowly(sock: socket.socket, **options: Any) -> ssl.SSLSocket:
        tls_socket = ssl.SSLContext.wrap_socket(context, sock, **options)
        handshake_started.set()
        assert sockets.event.wait(5)
        return tls_socket

    monkeypatch.setattr(context, "wrap_socket", wrap_slowly)
    with RawServer(context) as server:
        monkeypatch.setattr(server, "_open", sockets)
        with connect(server):
            assert handshake_started.wait(5)
            server.stop()
