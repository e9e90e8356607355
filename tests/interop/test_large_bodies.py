"""Uploads of 2 GiB from a file, a form and a pipe: complete, and in constant memory."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import memory
from tests.support.http_connection import ClientConnection, response
from tests.support.servers import LoopbackServer

pytestmark = pytest.mark.slow

SIZE = 2 * 1024**3
MOST = 60 * 1024  # KiB


class Sink(LoopbackServer):
    """Reads a body of any length, chunked or not, and keeps only its hash."""

    def __init__(self) -> None:
        super().__init__()
        self.digest = ""
        self.whole = threading.Event()

    def serve(self, connection: ClientConnection) -> None:
        stream = connection.socket.makefile("rb", buffering=1 << 20)
        head = b"".join(iter(stream.readline, b"\r\n")).lower()
        self.may_be_idle()
        content = hashlib.sha256()
        if b"transfer-encoding: chunked" in head:
            while size := int(stream.readline(), 16):
                content.update(stream.read(size))
                stream.readline()
            stream.readline()
        else:
            left = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
            while left:
                piece = stream.read(min(left, 1 << 20))
                content.update(piece)
                left -= len(piece)
        self.digest = content.hexdigest()
        connection.send(response("done"))
        connection.close()


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "sparse"
    with path.open("wb") as file:
        file.write(b"begin")
        file.seek(SIZE - 3)
        file.write(b"end")
    return path


@contextmanager
def peak(*argv: str, stdin: Path | None = None) -> Iterator[int]:
    """Run httpcli; yield its peak memory in KiB."""
    with subprocess.Popen(["cat", stdin], stdout=subprocess.PIPE) if stdin else _nothing() as cat:
        yield memory.peak_memory("-q", *argv, stdin=None if cat is None else cat.stdout)


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def digest(*pieces: bytes | Path) -> str:
    content = hashlib.sha256()
    for piece in pieces:
        if isinstance(piece, bytes):
            content.update(piece)
            continue
        with piece.open("rb") as file:
            while block := file.read(1 << 20):
                content.update(block)
    return content.hexdigest()


def test_file_is_uploaded_in_constant_memory(sparse: Path) -> None:
    with Sink() as sink, peak("-T", str(sparse), sink.url) as memory:
        assert sink.digest == digest(sparse)
    assert memory < MOST


def test_form_file_is_uploaded_in_constant_memory(sparse: Path) -> None:
    with Sink() as sink, peak("-f", "--boundary=B", sink.url, f"f@{sparse}") as memory:
        head = b'--B\r\nContent-Disposition: form-data; name="f"; filename="sparse"\r\n\r\n'
        assert sink.digest == digest(head, sparse, b"\r\n--B--\r\n")
    assert memory < MOST


def test_pipe_is_uploaded_in_constant_memory(sparse: Path) -> None:
    with Sink() as sink, peak("POST", sink.url, stdin=sparse) as memory:
        assert sink.digest == digest(sparse)
    assert memory < MOST
