"""Servers on the loopback interface, one or more for each test, each on its own threads.

A server without any connection fails its test, because a test that never reached its server
proves nothing. ``may_be_idle()`` allows a server without connections.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.http_connection import ClientConnection, ReceivedRequest, Step, response, stall
from tests.support.run_result import TIMEOUT

_CLIENT_ERRORS = (ConnectionError, TimeoutError, ssl.SSLError)
"""The client closed the connection or rejected the certificate; the test judges that."""


class LoopbackServer:
    """Accepts connections and runs ``serve`` for each on a thread."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._listener = self._create_listener(host)
        self._tls = tls
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._may_be_idle = False
        self.failures: list[Exception] = []
        """Exceptions in ``serve``; they fail the test."""
        self.handshake_failures: list[ssl.SSLError] = []
        """TLS errors of connections, whose handshake may have failed."""
        self.connections = 0
        """How many connections were accepted, including failed TLS handshakes."""
        self.requests: list[ReceivedRequest] = []
        self.client_addresses: list[tuple[str, int]] = []
        """The client's address of each connection."""
        self.host = host
        address = self._listener.getsockname()
        self.port: int = address[1] if isinstance(address, tuple) else 0

    def _create_listener(self, host: str) -> socket.socket:
        """Return the listening socket."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, 0), family=family)

    def serve(self, connection: ClientConnection) -> None:
        """Answer one client until either side closes the connection."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """``host:port`` as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The origin, without a trailing slash."""
        return f"{'https' if self._tls else 'http'}://{self.address}"

    @property
    def request(self) -> ReceivedRequest:
        """The only request received. Fails if there were none or several."""
        if len(self.requests) != 1:
            raise AssertionError(f"{len(self.requests)} requests came: {self.requests}")
        return self.requests[0]

    def wait_for_requests(self, count: int = 1, timeout: float = TIMEOUT) -> list[ReceivedRequest]:
        """Wait until ``count`` requests have arrived; return all requests received."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests) >= count, timeout):
                raise AssertionError(f"{len(self.requests)} requests came, not {count}")
            return list(self.requests)

    def may_be_idle(self) -> Self:
        """Let the test pass even if no client connects."""
        self._may_be_idle = True
        return self

    def assert_not_called(self) -> None:
        """Fail if a client has connected."""
        self._may_be_idle = True
        if self.connections:
            raise AssertionError(f"{self.url} was called: {self.requests}")

    def record(self, request: ReceivedRequest) -> None:
        """Store a request and wake threads that wait for requests."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None:
            self.check()

    def stop(self) -> None:
        """Close every connection and wait for the threads."""
        self._stopping.set()
        with suppress(OSError):  # some systems refuse to shut down a listener
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            sockets = list(self._open)
        for client_socket in sockets:
            with suppress(OSError):
                socket.socket.shutdown(client_socket, socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(TIMEOUT)
            if thread.is_alive():
                self.failures.append(AssertionError("a connection was not closed"))

    def check(self) -> None:
        """Fail if ``serve`` raised an exception, or no client connected."""
        if self.failures:
            raise self.failures[0]
        if not self.connections and not self._may_be_idle:
            raise AssertionError(f"the server at {self.url} was never called")

    def _spawn(self, target: object, *args: object) -> None:
        """Start a thread; ``stop`` waits for its end."""
        assert callable(target)
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        """Accept connections until the listener is closed."""
        while not self._stopping.is_set():
            try:
                plain, peer = self._listener.accept()
            except OSError:
                return
            with self._changed:
                if self._stopping.is_set():
                    plain.close()
                    return
                number, self.connections = self.connections, self.connections + 1
                self.client_addresses.append(peer)
                self._open.add(plain)
            self._spawn(self._serve_client, plain, number)

    def _serve_client(self, plain: socket.socket, number: int) -> None:
        """Serve one connection; an exception in the script is kept for ``check``."""
        if plain.family != socket.AF_UNIX:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._start_tls(plain) as client_socket:
                self.serve(ClientConnection(client_socket, number, self._stopping))
        except _CLIENT_ERRORS as error:
            if isinstance(error, ssl.SSLError):
                self.handshake_failures.append(error)
        except Exception as failure:  # noqa: BLE001 - the main thread raises it
            if not (isinstance(failure, OSError) and self._stopping.is_set()):
                self.failures.append(failure)
        finally:
            with self._changed:
                self._open.discard(plain)
            plain.close()

    def _start_tls(self, plain: socket.socket) -> socket.socket:
        """Return the TLS socket of a connection, or the plain one without TLS."""
        if self._tls is None:
            return plain
        secured = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._changed:
            self._open.discard(plain)
            self._open.add(secured)
        try:
            if self._stopping.is_set():
                # stop() may have shut down the plain socket, which wrap_socket detached: a read
                # from the TLS socket would then start the handshake and wait forever.
                raise ConnectionAbortedError
            secured.do_handshake()
        except OSError:
            secured.close()
            raise
        return secured


class RawServer(LoopbackServer):
    """Answers each request with the next response of its script, byte for byte."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(tls, host)
        self._script: deque[tuple[Step, ...]] = deque()
        self.default_steps: Sequence[Step] = (response("ok\n", "Content-Type: text/plain"),)
        """The response to every request after the end of the script."""
        self.continue_steps: Sequence[Step] = (b"HTTP/1.1 100 Continue\r\n\r\n",)
        """Run after the head of a request that expects 100-continue; empty: send nothing."""

    def answer(self, *steps: Step) -> Self:
        """Add the response to one more request, as steps that run in order."""
        self._script.append(steps)
        return self

    def answer_always(self, *steps: Step) -> Self:
        """Set the response to every request after the end of the script."""
        self.default_steps = steps
        return self

    def serve(self, connection: ClientConnection) -> None:
        """Answer requests until one side closes, or the client sends ``Connection: close``."""

        def send_interim(head: bytes) -> None:
            if b"\r\nexpect: 100-continue\r\n" in head.lower():
                _run_steps(self.continue_steps, connection)

        while connection.open and (request := connection.receive(send_interim)) is not None:
            self.record(request)
            if request.complete and connection.open:
                _run_steps(
                    self._script.popleft() if self._script else self.default_steps, connection
                )
            if "close" in (value.lower() for value in request.header_values("Connection")):
                return


class PlainHttpServer(LoopbackServer):
    """Answers any bytes in plain HTTP, as nginx does on a port without TLS."""

    def serve(self, connection: ClientConnection) -> None:
        connection.socket.recv(100)
        connection.send(response(status="400 Bad Request"))
        connection.close()


class UnixServer(RawServer):
    """A RawServer on a Unix socket; ``host`` is its path, or ``@`` and an abstract name."""

    def __init__(self, host: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls, host)

    def _create_listener(self, host: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(f"\0{host[1:]}" if host.startswith("@") else host)
        listener.listen()
        return listener


def _run_steps(steps: Sequence[Step], connection: ClientConnection) -> None:
    """Run the steps of a response while the connection is open."""
    for step in steps:
        if not connection.open:
            return
        if isinstance(step, bytes):
            connection.send(step)
        else:
            step(connection)


def refused_port(host: str = "127.0.0.1") -> int:
    """Return a port without a listener, so that connections to it are refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class SilentServer(LoopbackServer):
    """Accepts connections, and then neither reads nor writes."""

    def serve(self, connection: ClientConnection) -> None:
        stall(connection)
