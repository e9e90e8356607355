"""``httpcli echo``: a client can neither fill the memory of the server nor break it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

import pytest

from tests.support.memory import peak_of_process
from tests.support.run import start_process
from tests.support.run_result import TIMEOUT

PEAK = 80
"""MiB."""
MEBIBYTE = 1 << 20


class EchoServer(NamedTuple):
    """A running ``httpcli echo``."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), TIMEOUT)

    def ask(self, request: bytes) -> bytes:
        """Send a request; return the response and all that follows until the server closes."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def assert_works(self) -> None:
        answer = self.ask(b"GET /anything HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.fixture
def server() -> Iterator[EchoServer]:
    """Run a server; at the end it must have printed nothing and taken little memory."""
    with start_process("echo", "--port=0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline().decode().strip()
        running = EchoServer(process, int(line.rstrip("/").rpartition(":")[2]))
        yield running
        running.assert_works()
        peak = peak_of_process(process.pid)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=TIMEOUT)[1].decode()
    assert not errors
    assert peak < PEAK


def read_all(client: socket.socket) -> bytes:
    received = bytearray()
    with suppress(ConnectionError):
        while piece := client.recv(65536):
            received += piece
    return bytes(received)


def flood(client: socket.socket, data: bytes, mebibytes: int = 160) -> bytes:
    """Send ``data`` repeatedly until the server closes; return what it sent."""
    piece = data * max(1, 65536 // len(data))
    with suppress(OSError):
        for _ in range(mebibytes * MEBIBYTE // len(piece)):
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
    return read_all(client)


GET = b"GET /anything HTTP/1.1\r\nHost: a\r\n"
HEADS = {
    "large headers": (GET, b"X: " + b"v" * 1_000_000 + b"\r\n"),
    "short headers": (GET, b"X: " + b"v" * 200 + b"\r\n"),
    "tiny headers": (GET, b"a:\r\n"),
    "a header without an end": (GET + b"X: ", b"v"),
    "a target without an end": (b"GET /", b"a"),
    "a method without an end": (b"", b"G"),
    "after empty lines": (b"\r\n\r\n" + GET, b"X: " + b"v" * 200 + b"\r\n"),
    "after a request": (GET + b"\r\n" + GET, b"X: " + b"v" * 200 + b"\r\n"),
    "after a body": (
        GET + b"Content-Length: 2\r\n\r\nok" + GET,
        b"X: " + b"v" * 200 + b"\r\n",
    ),
    "after a request to upgrade": (
        GET + b"Connection: Upgrade\r\nUpgrade: x\r\n\r\n" + GET,
        b"X: " + b"v" * 200 + b"\r\n",
    ),
    "behind a slow request": (
        b"GET /delay/2 HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        b"X: " + b"v" * 200 + b"\r\n",
    ),
    "trailers": (
        b"POST /anything HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X: " + b"v" * 200 + b"\r\n",
    ),
}


@pytest.mark.wide
@pytest.mark.parametrize(("begin", "repeated"), HEADS.values(), ids=HEADS)
def test_request_head_without_end_is_refused(
    server: EchoServer, begin: bytes, repeated: bytes
) -> None:
    with server.connect() as client:
        client.sendall(begin)
        flood(client, repeated)


def test_request_with_long_headers_gets_431(server: EchoServer) -> None:
    answer = server.ask(GET + (b"X: " + b"v" * 1000 + b"\r\n") * 1100 + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"headers of more than 1 MiB" in answer


def test_long_headers_below_the_limit_are_accepted(server: EchoServer) -> None:
    head = GET + b"Connection: close\r\n" + (b"X: " + b"v" * 1000 + b"\r\n") * 1000 + b"\r\n"
    answer = server.ask(head)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert len(json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]["X"]) == 1000


def test_head_may_arrive_in_any_pieces(server: EchoServer) -> None:
    request = b"\r\nPOST /anything HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
    last = b"GET /anything HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request * 2 + last:
            client.sendall(bytes([byte]))
        assert read_all(client).count(b"HTTP/1.1 200 OK") == 3
    assert server.ask(request * 2 + last).count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "request_head",
    [
        "POST /anything HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000",
        "POST /anything HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked",
        "POST /status/200 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000",
        "POST /delay/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000",
        "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000",
    ],
)
@pytest.mark.wide
def test_large_bodies_take_no_memory(server: EchoServer, request_head: str) -> None:
    with server.connect() as client:
        client.sendall(f"{request_head}\r\n\r\n".encode())
        flood(client, b"10000\r\n" + b"x" * 65536 + b"\r\n")


@pytest.mark.wide
def test_hashed_bodies_are_limited(server: EchoServer) -> None:
    challenge = server.ask(
        b"GET /digest-auth/auth-int/a/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    ).decode()
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    login = (
        f'Digest username="a", realm="echo", nonce="{nonce}", uri="/digest-auth/auth-int/a/b", '
        'qop=auth-int, nc=00000001, cnonce="a", response="00000000000000000000000000000000"'
    )
    with server.connect() as client:
        client.sendall(
            f"POST /digest-auth/auth-int/a/b HTTP/1.1\r\nHost: a\r\nAuthorization: {login}\r\n"
            "Content-Length: 200000000\r\n\r\n".encode()
        )
        flood(client, b"x")


FORMS = {
    "fields": ("application/x-www-form-urlencoded", b"a&"),
    "parts": ("multipart/form-data; boundary=a", b"\r\n--a"),
    "json": ("application/json", b"[],"),
    "deep json": ("application/json", b"["),
}


@pytest.mark.wide
@pytest.mark.parametrize(("kind", "repeated"), FORMS.values(), ids=FORMS)
def test_forms_of_tiny_fields_are_accepted(server: EchoServer, kind: str, repeated: bytes) -> None:
    body = repeated * (MEBIBYTE // len(repeated))
    head = f"Host: a\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    answer = server.ask(f"POST /anything HTTP/1.1\r\n{head}\r\n\r\n".encode() + body)
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "target",
    [
        *("/stream/1000000", "/sse?count=1000000", "/drip?duration=3&numbytes=1000000"),
        *("/bytes/1000000000", "/range/1000000000", "/delay/3", "/stream/1000?delay=0.01"),
    ],
)
def test_client_that_leaves_causes_no_error(server: EchoServer, target: str) -> None:
    for abort in (False, True):
        client = server.connect()
        if abort:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        if "delay/" not in target:
            assert client.recv(100)
        client.close()


def test_client_that_leaves_during_its_request_causes_no_error(server: EchoServer) -> None:
    for begin in (
        *(b"", b"G", GET, b"POST /anything HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"),
        b"POST /anything HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ):
        with server.connect() as client:
            client.sendall(begin)


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MASK = b"\0\0\0\0"


def frame(opcode: int, data: bytes, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return bytes([opcode, 0xFF]) + size.to_bytes(8, "big") + MASK + data


@pytest.mark.wide
@pytest.mark.parametrize(
    ("begin", "repeated"),
    [
        (frame(0x82, b"", length=1 << 40), b"x"),
        (frame(0x02, b"x"), frame(0x00, b"x" * 60_000)),
        (b"", frame(0x89, b"")),
        (frame(0x01, b"x"), frame(0x00, b"")),
    ],
    ids=["one frame", "fragments", "pings", "empty fragments"],
)
def test_websocket_messages_without_end_are_refused(
    server: EchoServer, begin: bytes, repeated: bytes
) -> None:
    with server.connect() as client:
        client.sendall(HANDSHAKE)
        assert client.recv(1000).startswith(b"HTTP/1.1 101")
        client.sendall(begin)
        client.settimeout(5)
        with suppress(TimeoutError):
            flood(client, repeated, 80)


def test_websocket_client_that_leaves_causes_no_error(server: EchoServer) -> None:
    for _ in range(3):
        with server.connect() as client:
            client.sendall(HANDSHAKE)
            assert client.recv(1000).startswith(b"HTTP/1.1 101")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(frame(0x82, b"x" * 3_000_000))


@pytest.mark.wide
def test_connections_are_limited(server: EchoServer) -> None:
    with ExitStack() as stack:
        clients = []
        for _ in range(1010):
            client = stack.enter_context(server.connect())
            clients.append(client)
        clients[-1].settimeout(TIMEOUT)
        with suppress(ConnectionError):
            assert clients[-1].recv(1) == b""
        clients[0].sendall(b"GET /anything HTTP/1.1\r\nHost: a\r\n\r\n")
        assert clients[0].recv(15) == b"HTTP/1.1 200 OK"
