"""A file that is sent is read in pieces."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.storage.upload_reader import file_pieces


async def test_a_file_comes_in_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8000
    (tmp_path / "f").write_bytes(content)
    for stored in (True, False):
        pieces = [piece async for piece in file_pieces(str(tmp_path / "f"), stored=stored)]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) == 512 * 1024


async def test_a_file_that_is_gone_is_said_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(HttpcliError, match="gone: cannot be read") as caught:
        await anext(aiter(file_pieces(str(tmp_path / "gone"), stored=True)))
    assert caught.value.status is ExitStatus.LOCAL


async def test_a_slow_read_is_the_last_that_the_loop_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"  # a FIFO is as slow as the test wants a disk to be
    os.mkfifo(slow)
    asked, seen = Event(), Event()

    def disk() -> None:
        with slow.open("wb", buffering=0) as file:
            asked.wait(10)
            began = monotonic()
            while monotonic() - began < 0.1:
                pass
            file.write(b"first")
            heard = seen.wait(10)
            file.write(b"heard" if heard else b"nobody came")

    read = os.read

    def reading(fd: int, size: int) -> bytes:
        asked.set()  # before that its slowness would pass while nobody waits
        return read(fd, size)

    monkeypatch.setattr(os, "read", reading)
    Thread(target=disk, daemon=True).start()
    pieces = file_pieces(str(slow), stored=True)
    assert await anext(pieces) == b"first"
    asyncio.get_running_loop().call_later(0.01, seen.set)
    assert await anext(pieces) == b"heard"
