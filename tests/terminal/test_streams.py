"""A pipe is enlarged when a large piece is written to it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.streams import stream_writer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can resize pipes")

KIB = 1024


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def _capacity(pipe: tuple[int, int]) -> int:
    return fcntl.fcntl(pipe[1], fcntl.F_GETPIPE_SZ)


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [(64, 64, 64), (64, 65, 1024), (512, 256, 1024), (1024, 256, 1024), (2048, 256, 2048)],
)
def test_large_piece_enlarges_a_small_pipe(
    pipe: tuple[int, int], before: int, piece: int, after: int
) -> None:
    reading, writing = pipe
    try:
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, before * KIB)
    except PermissionError:
        pytest.skip("this user may not set this pipe size")
    content = bytes(piece * KIB)
    received = bytearray()

    def read() -> None:
        while len(received) < len(content):
            received.extend(os.read(reading, len(content)))

    reader = Thread(target=read)
    reader.start()
    stream_writer(Stream(writing, StreamKind.PIPE), "standard output")(content)
    reader.join()
    assert received == content
    assert _capacity(pipe) == after * KIB


def test_file_reported_as_a_pipe_is_written_normally(tmp_path: object) -> None:
    fd = os.open(f"{tmp_path}/file", os.O_RDWR | os.O_CREAT)
    try:
        stream_writer(Stream(fd, StreamKind.PIPE), "standard output")(bytes(100 * KIB))
        assert os.fstat(fd).st_size == 100 * KIB
    finally:
        os.close(fd)
