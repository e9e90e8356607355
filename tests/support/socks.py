"""A small SOCKS proxy that records its requests.

It supports CONNECT in versions 4, 4a and 5 (RFC 1928, RFC 1929).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

from tests.support.http_connection import ClientConnection
from tests.support.proxy import connect_or_none, relay_both_ways
from tests.support.servers import LoopbackServer

_DOMAIN_NAME = 3
ReadExactly = Callable[[int], bytes]


class SocksRequest(NamedTuple):
    """A client's request; ``host`` is an address or a name, as sent."""

    version: str
    host: str
    port: int
    user: str = ""
    password: str = ""


class SocksProxy(LoopbackServer):
    """Records each request in ``socks_requests``, then connects to its target."""

    def __init__(self) -> None:
        super().__init__()
        self.socks_requests: list[SocksRequest] = []
        self.credentials: tuple[str, str] | None = None
        """User name and password that clients need."""
        self.refusal = 0
        """A reply code that answers every request; 5 is "connection refused" in version 5."""
        self.names: dict[str, str] = {}
        """Maps host names to addresses."""
        self.silent = False
        """Never answer."""

    def serve(self, connection: ClientConnection) -> None:
        """Negotiate, connect to the target, and relay bytes."""
        with connection.socket.makefile("rb", buffering=0) as reader:
            read = reader.read

            def read_exactly(count: int) -> bytes:
                data = b""
                while len(data) < count and (piece := read(count - len(data))):
                    data += piece
                return data

            version = read_exactly(1)
            if self.silent:
                connection.stopping.wait()
                return
            if version == b"\5":
                request = self._read_version_5(connection, read_exactly)
            else:
                request = self._read_version_4(read_exactly)
        if request is None:
            return
        self.socks_requests.append(request)
        upstream = None
        if not self.refusal:
            host = self.names.get(request.host, request.host)
            upstream = connect_or_none(host, request.port)
        code = self.refusal or (0 if upstream else 5)
        if request.version == "5":
            connection.send(struct.pack("!BBBB4sH", 5, code, 0, 1, bytes(4), 0))
        else:
            connection.send(struct.pack("!BBH4s", 0, 91 if code else 90, 0, bytes(4)))
        if upstream is not None:
            relay_both_ways(connection, upstream)

    def _read_version_5(
        self, connection: ClientConnection, read_exactly: ReadExactly
    ) -> SocksRequest | None:
        methods = read_exactly(read_exactly(1)[0])
        user = password = ""
        if self.credentials is not None:
            if b"\2" not in methods:
                connection.send(b"\5\xff")
                return None
            connection.send(b"\5\2")
            read_exactly(1)
            user, password = (read_exactly(read_exactly(1)[0]).decode() for _ in range(2))
            accepted = (user, password) == self.credentials
            connection.send(b"\1\0" if accepted else b"\1\1")
            if not accepted:
                return None
        else:
            connection.send(b"\5\0")
        _, _, _, address_type = read_exactly(4)
        if address_type == _DOMAIN_NAME:
            host = read_exactly(read_exactly(1)[0]).decode()
        else:
            packed = read_exactly(4 if address_type == 1 else 16)
            host = socket.inet_ntop(
                socket.AF_INET if address_type == 1 else socket.AF_INET6, packed
            )
        (port,) = struct.unpack("!H", read_exactly(2))
        return SocksRequest("5", host, port, user, password)

    def _read_version_4(self, read_exactly: ReadExactly) -> SocksRequest:
        _, port, packed = struct.unpack("!BH4s", read_exactly(7))

        def read_text() -> str:
            data = b""
            while (byte := read_exactly(1)) not in (b"\0", b""):
                data += byte
            return data.decode()

        user = read_text()
        if packed[:3] == bytes(3) and packed[3]:
            return SocksRequest("4a", read_text(), port, user)
        return SocksRequest("4", socket.inet_ntoa(packed), port, user)
