"""A small recording SOCKS proxy: versions 4, 4a and 5 (RFC 1928, RFC 1929), CONNECT only."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

from tests.support.http_connection import Connection
from tests.support.proxy import connect_or_none, relay_both_ways
from tests.support.servers import LoopbackServer

_NAME = 3
Exactly = Callable[[int], bytes]


class SocksRequest(NamedTuple):
    """What a client asked for: the host as it was named, an address or a name."""

    version: str
    host: str
    port: int
    user: str = ""
    password: str = ""


class SocksProxy(LoopbackServer):
    """Records what it is asked in ``asked``, then does it.

    ``credentials`` (user, password) are asked for where they are set;
    ``refusal`` is the reply (5 is "connection refused" in version 5) that
    every client gets; ``names`` maps names to addresses. ``silent``: it says nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.socks_requests: list[SocksRequest] = []
        self.credentials: tuple[str, str] | None = None
        self.refusal = 0
        self.names: dict[str, str] = {}
        self.silent = False

    def serve(self, connection: Connection) -> None:
        """Greet, ask who it is, connect, and carry bytes."""
        with connection.socket.makefile("rb", buffering=0) as reader:
            read = reader.read

            def exactly(count: int) -> bytes:
                data = b""
                while len(data) < count and (piece := read(count - len(data))):
                    data += piece
                return data

            version = exactly(1)
            if self.silent:
                connection.stopping.wait()
                return
            asked = self._five(connection, exactly) if version == b"\5" else self._four(exactly)
        if asked is None:
            return
        self.socks_requests.append(asked)
        five = asked.version == "5"
        upstream = None
        if not self.refusal:
            upstream = connect_or_none(self.names.get(asked.host, asked.host), asked.port)
        code = self.refusal or (0 if upstream else 5)
        if five:
            connection.send(struct.pack("!BBBB4sH", 5, code, 0, 1, bytes(4), 0))
        else:
            connection.send(struct.pack("!BBH4s", 0, 91 if code else 90, 0, bytes(4)))
        if upstream is not None:
            relay_both_ways(connection, upstream)

    def _five(self, connection: Connection, exactly: Exactly) -> SocksRequest | None:
        methods = exactly(exactly(1)[0])
        user = password = ""
        if self.credentials is not None:
            if b"\2" not in methods:
                connection.send(b"\5\xff")
                return None
            connection.send(b"\5\2")
            exactly(1)
            user, password = (exactly(exactly(1)[0]).decode() for _ in range(2))
            right = (user, password) == self.credentials
            connection.send(b"\1\0" if right else b"\1\1")
            if not right:
                return None
        else:
            connection.send(b"\5\0")
        _, _, _, kind = exactly(4)
        if kind == _NAME:
            host = exactly(exactly(1)[0]).decode()
        else:
            packed = exactly(4 if kind == 1 else 16)
            host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, packed)
        (port,) = struct.unpack("!H", exactly(2))
        return SocksRequest("5", host, port, user, password)

    def _four(self, exactly: Exactly) -> SocksRequest:
        _, port, packed = struct.unpack("!BH4s", exactly(7))

        def text() -> str:
            data = b""
            while (byte := exactly(1)) not in (b"\0", b""):
                data += byte
            return data.decode()

        user = text()
        if packed[:3] == bytes(3) and packed[3]:
            return SocksRequest("4a", text(), port, user)
        return SocksRequest("4", socket.inet_ntoa(packed), port, user)
