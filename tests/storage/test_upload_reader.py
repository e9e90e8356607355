"""An uploaded file is read in pieces."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.storage.upload_reader import read_upload


async def test_file_is_read_in_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8000
    (tmp_path / "f").write_bytes(content)
    for is_regular in (True, False):
        pieces = [piece async for piece in read_upload(str(tmp_path / "f"), is_regular=is_regular)]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) == 512 * 1024


async def test_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(HttpcliError, match="gone: cannot be read") as caught:
        await anext(aiter(read_upload(str(tmp_path / "gone"), is_regular=True)))
    assert caught.value.status is ExitStatus.LOCAL


async def test_reads_move_to_a_thread_after_a_slow_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"  # a FIFO: the test decides how slow it is
    os.mkfifo(slow)
    reading_begun, seen = Event(), Event()

    def disk() -> None:
        with slow.open("wb", buffering=0) as file:
            reading_begun.wait(10)
            began = monotonic()
            while monotonic() - began < 0.1:
                pass
            file.write(b"first")
            loop_ran = seen.wait(10)
            file.write(b"loop ran" if loop_ran else b"loop was blocked")

    read = os.read

    def reading(fd: int, size: int) -> bytes:
        reading_begun.set()  # start the slow write only when a read waits for it
        return read(fd, size)

    monkeypatch.setattr(os, "read", reading)
    Thread(target=disk, daemon=True).start()
    pieces = read_upload(str(slow), is_regular=True)
    assert await anext(pieces) == b"first"
    asyncio.get_running_loop().call_later(0.01, seen.set)
    assert await anext(pieces) == b"loop ran"
