"""A small recording proxy: CONNECT tunnels and plain forwarding (RFC 9110, 7.7 and 9.3.6)."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from tests.support.http_connection import Connection, ReceivedRequest, response, stall
from tests.support.servers import LoopbackServer

_HOP_BY_HOP = ("proxy-authorization", "proxy-connection", "connection", "keep-alive")


class Proxy(LoopbackServer):
    """Records what it is asked, then does it. ``requests`` holds no tunnelled request.

    ``credentials`` (user, password) are asked for with 407 where they are set;
    ``refusal`` is a status line (``403 Forbidden``) that every client gets;
    ``silent``: nobody gets an answer.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(tls, host)
        self.credentials: tuple[str, str] | None = None
        self.refusal: str | None = None
        self.silent = False

    def serve(self, connection: Connection) -> None:
        """Do what each request asks for, until it is a tunnel or the client leaves."""
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if not request.complete:
                return
            if self.silent:
                stall(connection)
            elif self.refusal is not None:
                connection.send(response(status=self.refusal))
            elif not self._is_known(request):
                ask = 'Proxy-Authenticate: Basic realm="proxy"'
                connection.send(response("", ask, status="407 Proxy Authentication Required"))
            elif request.method == "CONNECT":
                self._tunnel(connection, request)
            else:
                self._forward(connection, request)

    def _is_known(self, request: ReceivedRequest) -> bool:
        """Tell whether the client may use this proxy."""
        if self.credentials is None:
            return True
        token = base64.b64encode(":".join(self.credentials).encode()).decode()
        return request.header("Proxy-Authorization") == f"Basic {token}"

    def _tunnel(self, connection: Connection, request: ReceivedRequest) -> None:
        """Connect the client with the authority it names."""
        host, _, port = request.target.rpartition(":")
        upstream = connect_or_none(host.strip("[]"), int(port))
        if upstream is None:
            connection.send(response(status="502 Bad Gateway"))
            return
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay_both_ways(connection, upstream)

    def _forward(self, connection: Connection, request: ReceivedRequest) -> None:
        """Send the request on in origin form and its answer back, one a connection."""
        url = urlsplit(request.target)
        upstream = connect_or_none(url.hostname or "", url.port or 80)
        if upstream is None:
            connection.send(response(status="502 Bad Gateway"))
            return
        path = url.path or "/"
        target = f"{path}?{url.query}" if url.query else path
        lines = [f"{request.method} {target} HTTP/1.1"]
        lines += [f"{k}: {v}" for k, v in request.headers if k.lower() not in _HOP_BY_HOP]
        head = "\r\n".join([*lines, "Connection: close", "", ""])
        with upstream:
            upstream.sendall(head.encode("utf-8", "surrogateescape") + request.raw_body)
            _pump(upstream, connection.socket)
        connection.close()


def connect_or_none(host: str, port: int) -> socket.socket | None:
    """Connect, or return None where that fails."""
    try:
        return socket.create_connection((host, port), timeout=10)
    except OSError:
        return None


def relay_both_ways(connection: Connection, upstream: socket.socket) -> None:
    """Carry bytes between a client and ``upstream`` until both have ended."""
    with upstream:
        back = threading.Thread(target=_pump, args=(upstream, connection.socket), daemon=True)
        back.start()
        _pump(connection.socket, upstream)
        back.join()
    connection.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Send on what comes until it ends, then say so to the other side."""
    source.settimeout(None)
    with suppress(OSError):  # one side broke off: so does the tunnel
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        socket.socket.shutdown(sink, socket.SHUT_WR)
