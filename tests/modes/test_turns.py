"""Output comes in the order of turns, from memory or from disk."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from httpcli.batch import ordered_output as module
from httpcli.batch.ordered_output import Turns
from httpcli.storage.spool import Overflow


class Written:
    """What came out, and the lines that were over."""

    def __init__(self) -> None:
        self.out = b""
        self.all = b""
        self.over: list[int] = []
        self.turns = Turns(
            self._write_out, self._write_err, lambda turn: self.over.append(turn.number)
        )

    def _write_out(self, data: bytes) -> None:
        self.out += data
        self.all += data

    def _write_err(self, data: bytes) -> None:
        self.all += data


@pytest.mark.parametrize("in_memory", [0, 100, 1 << 20])
@pytest.mark.parametrize("seed", range(5))
def test_pieces_said_in_any_order_come_out_in_the_order_of_turns(
    seed: int, in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY", in_memory)
    dice = random.Random(seed)
    written = Written()
    pieces = {number: [b"%d:%d;" % (number, each) for each in range(9)] for number in range(7)}
    turns = {number: written.turns.take(number) for number in pieces}
    left = {number: list(said) for number, said in pieces.items()}
    while left:
        number = dice.choice(list(left))
        if not left[number]:
            turns[number].end()
            del left[number]
        elif dice.random() < 0.5:
            turns[number].out(left[number].pop(0))
        else:
            turns[number].err(left[number].pop(0))
    assert written.all == b"".join(b"".join(said) for said in pieces.values())
    assert written.over == list(pieces)
    written.turns.close()


def test_the_first_turn_is_written_at_once() -> None:
    written = Written()
    first, second = written.turns.take(1), written.turns.take(2)
    second.out(b"later")
    first.out(b"now ")
    assert written.out == b"now "
    first.end()
    assert written.out == b"now later"
    second.out(b" and on")
    assert written.out == b"now later and on"


def test_a_request_that_is_shown_with_its_head_is_set_apart_from_content_without_an_end() -> None:
    written = Written()
    for data, apart in ((b"a", False), (b"b", True), (b"c\n", True), (b"d", True)):
        turn = written.turns.take(1)
        turn.apart = apart
        turn.out(data)
        turn.end()
    assert written.out == b"a\n\nb\n\nc\nd"


def test_who_is_too_far_ahead_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 2)

    async def ahead() -> None:
        turns = Written().turns
        first, _ = turns.take(1), turns.take(2)
        waiting = asyncio.ensure_future(turns.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        first.end()
        await waiting

    asyncio.run(ahead())


def test_what_waits_on_disk_has_no_name_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    overflow = Overflow()
    first, second = overflow.put(b"a" * 100_000), overflow.put(b"b")
    assert os.listdir(tmp_path / "temporary") == []
    assert overflow.take(second) == b"b"
    assert overflow.take(first) == b"a" * 100_000
    third = overflow.put(b"c")
    assert third == (0, 1)  # the room was given back
    overflow.close()
