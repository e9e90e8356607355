"""Output is written as soon as data arrives, before the server sends more."""

from __future__ import annotations

import os
import selectors
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from resource import RUSAGE_CHILDREN, getrusage
from time import monotonic

import brotli
import pytest

from tests.support.http_connection import ClientConnection, chunk, response, wait_for_event
from tests.support.run import start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

pytestmark = pytest.mark.wide

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

END = chunk("")
FIRST = {
    "text/html": "<p>first</p>\n",
    "text/plain": "first\n",
    "text/event-stream": 'data: {"n": "first"}\n\n',
    "application/x-ndjson": '{"n": "first"}\n',
    "application/json": '["first",\n',
    "application/yaml": "- first\n",
    "application/xml": "<a>first\n",
}


def answer_in_two_parts(
    server: RawServer, first: bytes, media: str, *fields: str
) -> threading.Event:
    """Have the server send ``first`` and continue only after the event is set."""
    head = ["Transfer-Encoding: chunked", f"Content-Type: {media}", *fields]
    seen = threading.Event()
    server.answer(response(b"", *head) + chunk(first), wait_for_event(seen), END)
    return seen


def read_until(descriptor: int, wanted: bytes) -> bytes:
    """Read a pipe until ``wanted`` appears. Fail if it does not appear in time."""
    data = b""
    deadline = monotonic() + TIMEOUT
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while wanted not in data:
            assert selector.select(deadline - monotonic()), f"received only {data!r}"
            piece = os.read(descriptor, 65536)
            assert piece, f"end of file after {data!r}"
            data += piece
    return data


def output_of_first_part(server: RawServer, seen: threading.Event, *argv: str) -> bytes:
    """Return the output in a pipe before the server continues."""
    with start_process(*argv, server.url) as child:
        assert child.stdout is not None
        before = read_until(child.stdout.fileno(), b"first")
        assert not seen.is_set()
        seen.set()
        child.communicate(timeout=TIMEOUT)
        assert child.returncode == 0
    return before


@pytest.mark.parametrize("argv", [(), ("--stream",)])
def test_pipe_gets_raw_bytes_immediately(server: RawServer, argv: Sequence[str]) -> None:
    seen = answer_in_two_parts(server, b"first", "text/plain")
    assert output_of_first_part(server, seen, *argv) == b"first"


@pytest.mark.slow
@pytest.mark.parametrize("media", FIRST)
def test_pipe_gets_formatted_and_coloured_output_immediately(
    server: RawServer, media: str
) -> None:
    output_of_first_part(
        server,
        answer_in_two_parts(server, FIRST[media].encode(), media),
        "--pretty=all",
        "--stream",
    )


@pytest.mark.parametrize("stream", [(), ("--stream",)])
@pytest.mark.parametrize("media", ["text/html", "text/event-stream", "application/x-ndjson"])
def test_terminal_shows_a_line_immediately(
    server: RawServer, media: str, stream: Sequence[str]
) -> None:
    seen = answer_in_two_parts(server, FIRST[media].encode(), media)
    with Terminal("-b", *stream, server.url) as screen:
        screen.read_until("first")
        seen.set()
        assert screen.wait() == 0
    assert b"\x1b[" in screen.raw


def test_terminal_shows_text_without_a_line_end(server: RawServer) -> None:
    seen = answer_in_two_parts(server, b"<b>first</b>?", "text/html")
    with Terminal("-b", server.url) as screen:
        screen.read_until("?")
        seen.set()
        assert screen.wait() == 0


def gzipped(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=31)
    return coder.compress(data) + coder.flush(zlib.Z_SYNC_FLUSH)


def deflated(data: bytes) -> bytes:
    coder = zlib.compressobj()
    return coder.compress(data) + coder.flush(zlib.Z_SYNC_FLUSH)


def brotli_compressed(data: bytes) -> bytes:
    coder = brotli.Compressor()
    coded: bytes = coder.process(data) + coder.flush()
    return coded


def zstd_compressed(data: bytes) -> bytes:
    coder = zstd.ZstdCompressor()
    return coder.compress(data) + coder.flush(coder.FLUSH_BLOCK)


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzipped),
        ("deflate", deflated),
        ("br", brotli_compressed),
        ("zstd", zstd_compressed),
    ],
)
@pytest.mark.slow
@pytest.mark.parametrize("pretty", ["none", "all"])
def test_flushed_compressed_data_is_shown_immediately(
    server: RawServer, coding: str, compress: Callable[[bytes], bytes], pretty: str
) -> None:
    first = FIRST["text/event-stream"].encode()
    seen = answer_in_two_parts(
        server, compress(first), "text/event-stream", f"Content-Encoding: {coding}"
    )
    with start_process(f"--pretty={pretty}", server.url) as child:
        assert child.stdout is not None
        read_until(child.stdout.fileno(), b"first")
        seen.set()
        child.communicate(timeout=TIMEOUT)
        assert child.returncode == 13  # the compressed stream is incomplete


def test_colouring_does_not_wait_for_a_pause_in_the_data(server: RawServer) -> None:
    stop = threading.Event()

    def drip(connection: ClientConnection) -> None:
        while not stop.wait(0.01):
            connection.send(chunk("<b>x</b>\n"))

    head = ["Transfer-Encoding: chunked", "Content-Type: text/html"]
    server.answer(response(b"", *head) + chunk("<p>first</p>\n"), drip, END)
    with Terminal("-b", server.url) as screen:
        screen.read_until("first")
        stop.set()
        assert screen.wait() == 0


LONG = 5_000_000


@pytest.mark.slow
@pytest.mark.parametrize("pretty", ["none", "all"])
@pytest.mark.parametrize(
    ("media", "line"),
    [
        ("text/plain", b"x" * LONG),
        ("text/html", b"<p>x y</p>" * (LONG // 10)),
        ("text/html", b"x" * LONG),
        ("text/html", b"&" * LONG),
        ("application/javascript", b"a=[1,2];" * (LONG // 8)),
        ("text/event-stream", b"data: " + b"x" * LONG),
        ("application/json", b'"%b"' % (b"x" * LONG)),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:8]),
)
def test_line_of_five_megabytes_costs_less_than_a_cpu_second(
    server: RawServer, media: str, line: bytes, pretty: str
) -> None:
    server.answer(response(b"x", f"Content-Type: {media}"))
    server.answer(response(line, f"Content-Type: {media}"))
    short, long = (cpu_seconds("-b", f"--pretty={pretty}", server.url) for _ in range(2))
    assert long - short < 1


def cpu_seconds(*argv: str) -> float:
    """Return the CPU seconds of a run on a terminal, without those of other processes."""
    before = getrusage(RUSAGE_CHILDREN)
    with Terminal(*argv) as screen:
        assert screen.wait() == 0
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
