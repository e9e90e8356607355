"""A small proxy that records its requests.

It supports CONNECT tunnels and plain forwarding (RFC 9110, sections 7.7 and 9.3.6).
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from tests.support.http_connection import ClientConnection, ReceivedRequest, response, stall
from tests.support.servers import LoopbackServer

_HOP_BY_HOP = ("proxy-authorization", "proxy-connection", "connection", "keep-alive")


class ProxyServer(LoopbackServer):
    """Records each request, then forwards it. ``requests`` has no tunnelled requests."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(tls, host)
        self.credentials: tuple[str, str] | None = None
        """User name and password that clients need; others get 407."""
        self.refusal: str | None = None
        """Status and reason, such as ``403 Forbidden``, that answer every request."""
        self.tunnel_response = b"HTTP/1.1 200 Connection established\r\n\r\n"
        self.silent = False
        """Never answer."""

    def serve(self, connection: ClientConnection) -> None:
        """Handle requests until one opens a tunnel or the client closes."""
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if not request.complete:
                return
            if self.silent:
                stall(connection)
            elif self.refusal is not None:
                connection.send(response(status=self.refusal))
            elif not self._is_authorized(request):
                challenge = 'Proxy-Authenticate: Basic realm="proxy"'
                connection.send(
                    response("", challenge, status="407 Proxy Authentication Required")
                )
            elif request.method == "CONNECT":
                self._tunnel(connection, request)
            else:
                self._forward(connection, request)

    def _is_authorized(self, request: ReceivedRequest) -> bool:
        """Return whether the request has the right proxy credentials."""
        if self.credentials is None:
            return True
        token = base64.b64encode(":".join(self.credentials).encode()).decode()
        return request.header("Proxy-Authorization") == f"Basic {token}"

    def _tunnel(self, connection: ClientConnection, request: ReceivedRequest) -> None:
        """Connect the client to the authority in its request."""
        host, _, port = request.target.rpartition(":")
        upstream = connect_or_none(host.strip("[]"), int(port))
        if upstream is None:
            connection.send(response(status="502 Bad Gateway"))
            return
        connection.send(self.tunnel_response)
        relay_both_ways(connection, upstream)

    def _forward(self, connection: ClientConnection, request: ReceivedRequest) -> None:
        """Forward the request in origin form, relay the response, and close the connection."""
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
            _relay(upstream, connection.socket)
        connection.close()


def connect_or_none(host: str, port: int) -> socket.socket | None:
    """Return a connected socket, or None on failure."""
    try:
        return socket.create_connection((host, port), timeout=10)
    except OSError:
        return None


def relay_both_ways(connection: ClientConnection, upstream: socket.socket) -> None:
    """Relay bytes between a client and ``upstream`` until both have closed."""
    with upstream:
        download = threading.Thread(target=_relay, args=(upstream, connection.socket), daemon=True)
        download.start()
        _relay(connection.socket, upstream)
        download.join()
    connection.close()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes until the end of ``source``, then shut down writing to ``sink``."""
    source.settimeout(None)
    with suppress(OSError):  # one side reset the connection: end the tunnel
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        socket.socket.shutdown(sink, socket.SHUT_WR)
