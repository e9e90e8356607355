"""Our reader of HTTP/1 agrees with aiohttp's parser (llhttp) and curl, but for named cases.

The responses are those of ``tests.protocol.test_http1_reader``, with random changes.
"""

from __future__ import annotations

import asyncio
import subprocess
from random import Random

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpResponseParser

from httpcli.protocol import http1_head
from tests.protocol.test_http1_reader import CASES
from tests.support.http1 import Outcome, mutate, read_all
from tests.support.http_connection import close
from tests.support.other_programs import require_program
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer

SEEDS = [
    case.data
    for case in CASES
    if len(case.data) < 400 and not case.for_head and not case.for_connect
]
STRICTER_THAN_LLHTTP = {
    http1_head.NUL_BYTE,
    http1_head.CARRIAGE_RETURN,
    http1_head.NOT_HTTP,  # many empty lines before the response
    http1_head.UNSUPPORTED_VERSION,  # HTTP/2.0 in text
    http1_head.CODING_AFTER_CHUNKED,  # llhttp delivers the chunk lines as content
    http1_head.BAD_CHUNK_SIZE,  # as well, if another coding is beside chunked
    http1_head.CHUNK_TOO_LONG,
    http1_head.CUT_IN_CHUNKS,
    http1_head.CUT_IN_TRAILERS,
    http1_head.NO_COLON,  # in trailers
    http1_head.BAD_STATUS_LINE,  # 099
    http1_head.CUT_IN_HEAD,  # after an interim response
}
"""Problems of responses that llhttp accepts."""
STRICTER_THAN_CURL = {
    http1_head.NUL_BYTE,  # curl 8 refuses it too
    http1_head.CARRIAGE_RETURN,
    http1_head.DIFFERENT_LENGTHS,
    http1_head.BAD_LENGTH,
    http1_head.CUT_IN_HEAD,
    http1_head.UNSUPPORTED_VERSION,
    http1_head.BAD_CHUNK_SIZE,
    http1_head.NOT_HTTP,
    http1_head.NO_COLON,
    http1_head.BAD_STATUS_LINE,
    http1_head.CODING_AFTER_CHUNKED,
    http1_head.CHUNK_TOO_LONG,
}
"""Problems of responses that curl 7.88 accepts."""


def has_unusual_coding(outcome: Outcome) -> bool:
    """Return whether chunks may be content for another reader: it knows fewer spellings."""
    values = outcome.heads[-1].fields.all_values("Transfer-Encoding")
    return values not in ([], ["chunked"])


class NullProtocol(BaseProtocol):
    """Gives the parser something to pause."""

    def data_received(self, _data: bytes) -> None:
        """Do nothing."""


def read_by_aiohttp(data: bytes) -> tuple[int, bytes] | None:
    """Return status and content; None if aiohttp's parser refuses the response."""
    loop = asyncio.get_running_loop()
    protocol = NullProtocol(loop)
    parser = HttpResponseParser(
        protocol,
        loop,
        1 << 22,
        response_with_body=True,
        read_until_eof=True,
        auto_decompress=False,
        max_line_size=1 << 20,
        max_field_size=1 << 20,
        max_headers=10_000,
    )
    protocol._parser = parser
    try:
        messages, _, _ = parser.feed_data(data)
        parser.feed_eof()
    except Exception:  # noqa: BLE001 - it has many kinds of errors
        return None
    for message, payload in messages:
        if message.code >= 200 or message.code == 101:
            if payload.exception() is not None or not payload.is_eof():
                return None
            return message.code, b"".join(getattr(payload, "_buffer", ()))
    return None


@pytest.mark.wide
@pytest.mark.parametrize("seed", range(5))
async def test_reader_agrees_with_llhttp(seed: int) -> None:
    random = Random(seed)
    differences = []
    for _ in range(2000):
        data = mutate(random, SEEDS)
        ours, theirs = read_all([data]), read_by_aiohttp(data)
        cut = random.randrange(len(data) + 1)
        again = read_all([data[:cut], data[cut:]])
        assert again == ours or again.problem == ours.problem == http1_head.NOT_HTTP, data
        if theirs is None or ours.problem in STRICTER_THAN_LLHTTP:
            continue
        if ours.upgraded is not None or not ours.heads:
            continue
        if (ours.status, ours.content) != theirs and not has_unusual_coding(ours):
            differences.append((data, ours, theirs))
    assert not differences


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_reader_agrees_with_curl(server: RawServer, seed: int) -> None:
    require_program("curl")
    random = Random(seed)
    differences = []
    for _ in range(150):
        data = mutate(random, SEEDS)
        server.answer(data, close)
        curl = subprocess.run(
            ["curl", "--silent", "--http1.1", "--max-time", "10", server.url],
            capture_output=True,
            timeout=TIMEOUT,
        )
        ours = read_all([data])
        if curl.returncode or ours.problem in STRICTER_THAN_CURL or not ours.heads:
            continue
        if ours.upgraded is not None or has_unusual_coding(ours):
            continue
        if b"Content-Length :" in data or b"Content-Length\t:" in data:
            continue  # curl does not see it
        if ours.problem or curl.stdout != ours.content:
            differences.append((data, ours, curl.stdout))
    assert not differences
