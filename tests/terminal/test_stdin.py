"""Standard input is read in pieces, on demand, with back-pressure."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from httpcli.terminal.stdin import HEAD_SIZE, StandardInput


def _never() -> None:
    raise AssertionError("printed a waiting notice")


async def test_head_of_a_short_input_is_all_of_it() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"short")
    os.close(writing)
    stdin = StandardInput(reading, _never)
    assert await stdin.head() == b"short"
    assert stdin.ended
    assert [piece async for piece in stdin.rest()] == []
    os.close(reading)


async def test_long_input_is_read_with_back_pressure() -> None:
    reading, writing = os.pipe()
    total = 8 * HEAD_SIZE
    written = 0

    def feed() -> None:
        nonlocal written
        with open(writing, "wb", buffering=0) as pipe:
            while written < total:
                written += pipe.write(b"x" * 65536)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    stdin = StandardInput(reading, _never)
    head = await stdin.head()
    assert not stdin.ended
    # The reader thread is two pieces ahead at the most, and the pipe holds 1 MiB.
    assert written <= len(head) + 3 * 512 * 1024 + 1024 * 1024 + 65536
    size = len(head)
    async for piece in stdin.rest():
        size += len(piece)
    assert size == total
    feeder.join()
    os.close(reading)


async def test_silent_input_prints_a_waiting_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("httpcli.terminal.stdin._NOTICE_DELAY", 0)
    reading, writing = os.pipe()
    noticed = asyncio.Event()
    stdin = StandardInput(reading, noticed.set)
    head = asyncio.ensure_future(stdin.head())
    await asyncio.wait_for(noticed.wait(), 10)
    os.close(writing)
    assert await head == b""
    os.close(reading)
