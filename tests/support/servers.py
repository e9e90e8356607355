"""Servers on the loopback for one test each, on threads of their own.

A server that nobody called fails its test: a test that never reached its
server has shown nothing. ``may_be_idle()`` says that this one need not be
called.
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

from tests.support.http_connection import Connection, ReceivedRequest, Step, response
from tests.support.run_result import TIMEOUT

_GONE = (ConnectionError, TimeoutError, ssl.SSLError)
"""The client left or did not trust us: that is for the test to judge."""


class LoopbackServer:
    """Accepts connections and gives each to ``serve`` on a thread.

    ``peers`` are the addresses that they came from; ``handshake_failures``
    holds what TLS said of clients that did not come through; such a client has
    called too.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._listener = self._listening(host)
        self._tls = tls
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._may_be_idle = False
        self.failures: list[Exception] = []
        self.handshake_failures: list[ssl.SSLError] = []
        self.connections = 0
        self.requests: list[ReceivedRequest] = []
        self.client_addresses: list[tuple[str, int]] = []
        self.host = host
        at = self._listener.getsockname()
        self.port: int = at[1] if isinstance(at, tuple) else 0

    def _listening(self, host: str) -> socket.socket:
        """Return the socket that clients come to."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, 0), family=family)

    def serve(self, connection: Connection) -> None:
        """Talk with one client until it or we have had enough."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """``host:port``, as a URL has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The origin, without a slash after it."""
        return f"{'https' if self._tls else 'http'}://{self.address}"

    @property
    def request(self) -> ReceivedRequest:
        """The one request that came. Fails where there were more, or none."""
        if len(self.requests) != 1:
            raise AssertionError(f"{len(self.requests)} requests came: {self.requests}")
        return self.requests[0]

    def wait_for_requests(self, count: int = 1, timeout: float = TIMEOUT) -> list[ReceivedRequest]:
        """Wait until that many requests have come; return all of them."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests) >= count, timeout):
                raise AssertionError(f"{len(self.requests)} requests came, not {count}")
            return list(self.requests)

    def may_be_idle(self) -> Self:
        """Say that the test is right even when nobody calls."""
        self._may_be_idle = True
        return self

    def assert_not_called(self) -> None:
        """Fail where somebody has called already."""
        self._may_be_idle = True
        if self.connections:
            raise AssertionError(f"{self.url} was called: {self.requests}")

    def record(self, request: ReceivedRequest) -> None:
        """Keep a request; wake who waits for it."""
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
        """End every conversation and wait for the threads."""
        self._stopping.set()
        with suppress(OSError):  # not everywhere does a listener mind being shut down
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            sockets = list(self._open)
        for each in sockets:
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(TIMEOUT)
            if thread.is_alive():
                self.failures.append(AssertionError("a conversation did not end"))

    def check(self) -> None:
        """Fail where the server itself failed, or was never called."""
        if self.failures:
            raise self.failures[0]
        if not self.connections and not self._may_be_idle:
            raise AssertionError(f"the server at {self.url} was never called")

    def _spawn(self, target: object, *args: object) -> None:
        """Start a thread that is waited for at the end."""
        assert callable(target)
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        """Take connections until the listener is closed."""
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
            self._spawn(self._converse, plain, number)

    def _converse(self, plain: socket.socket, number: int) -> None:
        """Serve one connection; a fault of the script's own is kept for ``check``."""
        if plain.family != socket.AF_UNIX:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._secured(plain) as talk:
                self.serve(Connection(talk, number, self._stopping))
        except _GONE as gone:
            if isinstance(gone, ssl.SSLError):
                self.handshake_failures.append(gone)
        except Exception as failure:  # noqa: BLE001 - a thread has nobody else to tell
            if not (isinstance(failure, OSError) and self._stopping.is_set()):
                self.failures.append(failure)
        finally:
            with self._changed:
                self._open.discard(plain)
            plain.close()

    def _secured(self, plain: socket.socket) -> socket.socket:
        """Return the socket to talk over."""
        if self._tls is None:
            return plain
        secured = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._changed:
            self._open.discard(plain)
            self._open.add(secured)
        try:
            if self._stopping.is_set():
                # Who stopped us saw the plain socket, which is nothing any more: to
                # read from this one would begin the handshake, and wait for it.
                raise ConnectionAbortedError
            secured.do_handshake()
        except OSError:
            secured.close()
            raise
        return secured


class RawServer(LoopbackServer):
    """Answers each request with the next answer of its script, byte for byte.

    After the script's end every request gets ``otherwise``. ``on_head`` is
    done between head and body of a request that expects 100-continue; empty,
    it leaves such a client waiting.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(tls, host)
        self._script: deque[tuple[Step, ...]] = deque()
        self.default_steps: Sequence[Step] = (response("ok\n", "Content-Type: text/plain"),)
        self.continue_steps: Sequence[Step] = (b"HTTP/1.1 100 Continue\r\n\r\n",)

    def answer(self, *steps: Step) -> Self:
        """Add the answer to one more request: its steps are done one after another."""
        self._script.append(steps)
        return self

    def answer_always(self, *steps: Step) -> Self:
        """Give this answer to every request after the script's end."""
        self.default_steps = steps
        return self

    def serve(self, connection: Connection) -> None:
        """Take requests and answer them until one side closes, or the client asks for it."""

        def interim(head: bytes) -> None:
            if b"\r\nexpect: 100-continue\r\n" in head.lower():
                _do(self.continue_steps, connection)

        while connection.open and (request := connection.receive(interim)) is not None:
            self.record(request)
            if request.complete and connection.open:
                _do(self._script.popleft() if self._script else self.default_steps, connection)
            if "close" in (value.lower() for value in request.header_values("Connection")):
                return


class UnixServer(RawServer):
    """The same on a Unix socket: ``host`` is its path, or ``@`` and an abstract name."""

    def __init__(self, host: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls, host)

    def _listening(self, host: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(f"\0{host[1:]}" if host.startswith("@") else host)
        listener.listen()
        return listener


def _do(steps: Sequence[Step], connection: Connection) -> None:
    """Do the steps of an answer, as long as there is a connection."""
    for step in steps:
        if not connection.open:
            return
        if isinstance(step, bytes):
            connection.send(step)
        else:
            step(connection)


def refused_port(host: str = "127.0.0.1") -> int:
    """Return a port where nobody listens, so that connecting there is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
