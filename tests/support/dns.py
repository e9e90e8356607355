"""A small name server (RFC 1035, UDP): it answers from a table and keeps what was asked."""

from __future__ import annotations

import asyncio
import ipaddress
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

from tests.support.run_result import TIMEOUT

_A, _AAAA = 1, 28
_NO_SUCH_NAME = 3
_HEADER = struct.Struct("!HHHHHH")
_QUESTION_AT = 12


class NameServer(asyncio.DatagramProtocol):
    """Answers A and AAAA questions.

    ``names`` has the addresses; a name with None gets no answer at all, one
    that is not there NXDOMAIN. An answer comes ``delay`` seconds after its question.
    """

    def __init__(self, names: Mapping[str, Sequence[str] | None], delay: float = 0.0) -> None:
        self._names = names
        self._delay = delay
        self._transport: asyncio.DatagramTransport | None = None
        self.questions: list[tuple[str, int]] = []
        self.port = 0

    @property
    def address(self) -> str:
        """``ADDRESS:PORT``, as ``--dns-server`` wants it."""
        return f"127.0.0.1:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, kind, end = _question(data)
        self.questions.append((name, kind))
        known = self._names.get(name, ())
        if known is None or self._transport is None:
            return
        addresses = [ipaddress.ip_address(each) for each in known]
        wanted = [each.packed for each in addresses if each.version == (4 if kind == _A else 6)]
        flags = 0x8180 if name in self._names else 0x8180 | _NO_SUCH_NAME
        number = struct.unpack_from("!H", data)[0]
        answer = _HEADER.pack(number, flags, 1, len(wanted), 0, 0) + data[_QUESTION_AT:end]
        for packed in wanted:  # the name is a pointer to the question's
            answer += struct.pack("!HHHIH", 0xC000 | _QUESTION_AT, kind, 1, 60, len(packed))
            answer += packed
        asyncio.get_running_loop().call_later(self._delay, self._transport.sendto, answer, addr)


def _question(data: bytes) -> tuple[str, int, int]:
    """Return the name, the kind and the end of the only question."""
    labels: list[str] = []
    at = _QUESTION_AT
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    (kind,) = struct.unpack_from("!H", data, at + 1)
    return ".".join(labels), kind, at + 5


@contextmanager
def name_server(
    names: Mapping[str, Sequence[str] | None], delay: float = 0.0
) -> Iterator[NameServer]:
    """Run a name server on a thread and a free port of the loopback."""
    server = NameServer(names, delay)
    ready = threading.Event()
    done: list[asyncio.Event] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loops.append(loop)
        done.append(asyncio.Event())
        transport, _ = await loop.create_datagram_endpoint(
            lambda: server, local_addr=("127.0.0.1", 0)
        )
        ready.set()
        await done[0].wait()
        transport.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    if not ready.wait(TIMEOUT):
        raise AssertionError("the name server did not start")
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(done[0].set)
        thread.join(TIMEOUT)
