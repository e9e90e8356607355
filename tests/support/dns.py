"""A small DNS server (RFC 1035, UDP) that answers from a table and records the questions."""

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

    ``names`` maps names to addresses. A name with None gets no answer, an unknown name gets
    NXDOMAIN. An answer is sent ``delay`` seconds after its question.
    """

    def __init__(self, names: Mapping[str, Sequence[str] | None], delay: float = 0.0) -> None:
        self._names = names
        self._delay = delay
        self._transport: asyncio.DatagramTransport | None = None
        self.questions: list[tuple[str, int]] = []
        self.port = 0

    @property
    def address(self) -> str:
        """``ADDRESS:PORT``, the value for ``--dns-server``."""
        return f"127.0.0.1:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, record_type, end = _parse_question(data)
        self.questions.append((name, record_type))
        answers = self._names.get(name, ())
        if answers is None or self._transport is None:
            return
        version = 4 if record_type == _A else 6
        addresses = map(ipaddress.ip_address, answers)
        records = [address.packed for address in addresses if address.version == version]
        flags = 0x8180 if name in self._names else 0x8180 | _NO_SUCH_NAME
        message_id = struct.unpack_from("!H", data)[0]
        answer = _HEADER.pack(message_id, flags, 1, len(records), 0, 0) + data[_QUESTION_AT:end]
        for packed in records:  # the name is a pointer to the name in the question
            answer += struct.pack("!HHHIH", 0xC000 | _QUESTION_AT, record_type, 1, 60, len(packed))
            answer += packed
        asyncio.get_running_loop().call_later(self._delay, self._transport.sendto, answer, addr)


def _parse_question(data: bytes) -> tuple[str, int, int]:
    """Return the name, the record type and the end offset of the only question."""
    labels: list[str] = []
    offset = _QUESTION_AT
    while length := data[offset]:
        labels.append(data[offset + 1 : offset + 1 + length].decode("ascii").lower())
        offset += 1 + length
    (record_type,) = struct.unpack_from("!H", data, offset + 1)
    return ".".join(labels), record_type, offset + 5


@contextmanager
def name_server(
    names: Mapping[str, Sequence[str] | None], delay: float = 0.0
) -> Iterator[NameServer]:
    """Run a name server on a thread, on a free port of the loopback interface."""
    server = NameServer(names, delay)
    ready = threading.Event()
    stop_events: list[asyncio.Event] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loops.append(loop)
        stop_events.append(asyncio.Event())
        transport, _ = await loop.create_datagram_endpoint(
            lambda: server, local_addr=("127.0.0.1", 0)
        )
        ready.set()
        await stop_events[0].wait()
        transport.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    if not ready.wait(TIMEOUT):
        raise AssertionError("the DNS server did not start")
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(stop_events[0].set)
        thread.join(TIMEOUT)
