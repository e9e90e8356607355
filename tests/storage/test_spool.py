"""Content spooled to disk can be read back unchanged, any number of times."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, RequestChunk, RequestStarted, ResponseChunk, ResponseEnded
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.url import Url
from httpcli.storage.spool import BodyCopy, DiskEventBuffer, spool_directory

START = RequestStarted("GET", "/", Url("http", "here"), Fields())
MEGABYTE = bytes(range(256)) * 4096


def merged(events: Iterator[Event]) -> list[Event | bytes]:
    """Return events with adjacent pieces of content joined."""
    row: list[Event | bytes] = []
    for event in events:
        if isinstance(event, (RequestChunk, ResponseChunk)):
            data = event.data
            if row and isinstance(row[-1], bytes):
                data = row.pop() + data  # type: ignore[operator]
            row.append(data)
        else:
            row.append(event)
    return row


def test_buffer_replays_events_in_order_and_content_unchanged(tmp_path: Path) -> None:
    buffer = DiskEventBuffer(str(tmp_path))
    end = ResponseEnded(1.0)
    content: list[Event] = [RequestChunk(b"sent"), START, *[ResponseChunk(MEGABYTE)] * 3, end]
    for event in (START, *content):
        buffer.add(event)
    for _ in range(2):
        assert merged(buffer.events()) == [START, b"sent", START, MEGABYTE * 3, end]
    buffer.close()


def test_spool_file_has_no_name(tmp_path: Path) -> None:
    buffer = DiskEventBuffer(str(tmp_path))
    buffer.add(ResponseChunk(MEGABYTE * 2))
    assert os.listdir(tmp_path) == ["home"]
    buffer.close()


def test_unwritable_directory_is_an_error_with_status_17(tmp_path: Path) -> None:
    buffer = DiskEventBuffer(str(tmp_path / "no"))
    with pytest.raises(HttpcliError, match=": cannot write temporary file:") as caught:
        buffer.add(ResponseChunk(MEGABYTE * 2))
    assert caught.value.status is ExitStatus.LOCAL
    assert "TMPDIR" in caught.value.hint
    buffer.close()


def test_directory_is_tmpdir_or_var_tmp(tmp_path: Path) -> None:
    assert spool_directory({"TMPDIR": str(tmp_path)}) == str(tmp_path)
    assert spool_directory({}) in ("/var/tmp", None)


class Source:
    """Yields its pieces once, each after ``go`` is released."""

    def __init__(self, *pieces: bytes, error: HttpcliError | None = None) -> None:
        self._pieces = pieces
        self._error = error
        self.go = asyncio.Semaphore(0)
        self.given = 0
        self.begun = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await self.go.acquire()
            self.given += 1
            self.begun.set()
            yield piece
        if self._error is not None:
            raise self._error


async def whole(copy: BodyCopy) -> bytes:
    return b"".join([piece async for piece in copy.pieces()])


async def test_copy_can_be_read_twice_and_reads_its_source_once(tmp_path: Path) -> None:
    source = Source(b"one", b"two", MEGABYTE)
    for _ in range(3):
        source.go.release()
    copy = BodyCopy(source.pieces(), str(tmp_path))
    assert await whole(copy) == await whole(copy) == b"onetwo" + MEGABYTE
    assert source.given == 3
    await copy.close()


async def test_cancelled_reader_does_not_stop_the_source(tmp_path: Path) -> None:
    source = Source(b"one", b"two")
    copy = BodyCopy(source.pieces(), str(tmp_path))
    first = asyncio.ensure_future(whole(copy))
    source.go.release()
    await asyncio.wait_for(source.begun.wait(), 5)
    first.cancel()
    await asyncio.wait([first])
    second = asyncio.ensure_future(whole(copy))
    source.go.release()
    assert await second == b"onetwo"
    await copy.close()


async def test_error_of_the_source_reaches_every_reader(tmp_path: Path) -> None:
    source = Source(b"one", error=HttpcliError("cut"))
    source.go.release()
    copy = BodyCopy(source.pieces(), str(tmp_path))
    for _ in range(2):
        with pytest.raises(HttpcliError, match="cut"):
            await whole(copy)
    await copy.close()


async def test_closing_cancels_a_waiting_reader(tmp_path: Path) -> None:
    copy = BodyCopy(Source(b"never").pieces(), str(tmp_path))
    reader = asyncio.ensure_future(whole(copy))
    await asyncio.sleep(0)
    await copy.close()
    await asyncio.wait([reader])
    assert reader.cancelled()
    assert os.listdir(tmp_path) == ["home"]
