"""Batch output is written in the order of requests, from memory or from disk."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from httpcli.batch import ordered_output as module
from httpcli.batch.ordered_output import OrderedOutput
from httpcli.storage.spool import SpillFile


class Output:
    """Collects what is written, and the numbers of the finished requests."""

    def __init__(self) -> None:
        self.out = b""
        self.all = b""
        self.finished: list[int] = []
        self.ordered = OrderedOutput(
            self._write_out,
            self._write_out,
            self._write_err,
            lambda slot: self.finished.append(slot.number),
        )

    def _write_out(self, data: bytes) -> None:
        self.out += data
        self.all += data

    def _write_err(self, data: bytes) -> None:
        self.all += data


@pytest.mark.parametrize("in_memory", [0, 100, 1 << 20])
@pytest.mark.parametrize("seed", range(5))
def test_pieces_are_written_in_the_order_of_requests(
    seed: int, in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_IN_MEMORY", in_memory)
    rng = random.Random(seed)
    output = Output()
    pieces = {number: [b"%d:%d;" % (number, each) for each in range(9)] for number in range(7)}
    slots = {number: output.ordered.open_slot(number) for number in pieces}
    left = {number: list(expected) for number, expected in pieces.items()}
    while left:
        number = rng.choice(list(left))
        if not left[number]:
            slots[number].finish()
            del left[number]
        elif rng.random() < 0.5:
            slots[number].write_stdout(left[number].pop(0))
        else:
            slots[number].write_stderr(left[number].pop(0))
    assert output.all == b"".join(b"".join(expected) for expected in pieces.values())
    assert output.finished == list(pieces)
    output.ordered.close()


def test_output_of_the_first_request_is_written_at_once() -> None:
    output = Output()
    first, second = output.ordered.open_slot(1), output.ordered.open_slot(2)
    second.write_stdout(b"later")
    first.write_stdout(b"now ")
    assert output.out == b"now "
    first.finish()
    assert output.out == b"now later"
    second.write_stdout(b" and on")
    assert output.out == b"now later and on"


def test_headers_are_separated_from_earlier_content_by_a_blank_line() -> None:
    output = Output()
    for data, separated in ((b"a", False), (b"b", True), (b"c\n", True), (b"d", True)):
        slot = output.ordered.open_slot(1)
        slot.needs_separator = separated
        slot.write_stdout(data)
        slot.finish()
    assert output.out == b"a\n\nb\n\nc\nd"


def test_request_too_far_ahead_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SLOTS", 2)

    async def run() -> None:
        ordered = Output().ordered
        first, _ = ordered.open_slot(1), ordered.open_slot(2)
        waiting = asyncio.ensure_future(ordered.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        first.finish()
        await waiting

    asyncio.run(run())


def test_output_waiting_on_disk_has_no_file_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    overflow = SpillFile()
    first, second = overflow.put(b"a" * 100_000), overflow.put(b"b")
    assert os.listdir(tmp_path / "temporary") == []
    assert overflow.take(second) == b"b"
    assert overflow.take(first) == b"a" * 100_000
    third = overflow.put(b"c")
    assert third == (0, 1)  # the space is reused
    overflow.close()
