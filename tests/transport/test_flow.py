"""How fast content may flow, and how slow: by the clock of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.plan import Network
from httpcli.core.transfers import MinimumRate
from httpcli.core.url import Url
from httpcli.transport.rate_limit import Bucket, RateLimit, ThroughputMeter

HERE = Url("http", "here")


def test_a_debt_is_paid_by_time() -> None:
    bucket = Bucket(1000)
    assert bucket.debt(500, 0.0) == pytest.approx(0.5)
    assert bucket.debt(500, 0.5) == pytest.approx(0.5)
    assert bucket.debt(100, 2.0) == 0


def test_a_pause_saves_no_more_than_a_tenth_of_a_second() -> None:
    bucket = Bucket(1000)
    bucket.debt(0, 0.0)
    assert bucket.debt(100, 60.0) == 0
    assert bucket.debt(100, 60.0) == pytest.approx(0.1)


def test_what_leaves_is_cut_so_that_it_flows_evenly() -> None:
    sizes = [len(part) for part in Bucket(100_000).parts(bytes(25_000))]
    assert sizes == [10_000, 10_000, 5_000]
    assert max(len(part) for part in Bucket(10**9).parts(bytes(10**6))) == 256 * 1024
    assert max(len(part) for part in Bucket(1).parts(bytes(10**4))) == 512


async def test_what_arrives_in_lumps_is_passed_on_evenly() -> None:
    async def lump() -> AsyncIterator[bytes]:
        yield bytes(60_000)

    clock = asyncio.get_running_loop().time
    began = clock()
    came = [
        (len(part), clock() - began)
        async for part in RateLimit(Network(rate=100_000)).received(lump(), HERE)
    ]
    assert [size for size, _ in came] == [10_000] * 6
    assert came[0][1] < 0.2 <= came[2][1] < came[5][1]


async def test_two_connections_share_one_limit() -> None:
    bucket = Bucket(100_000)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(bucket.take(10_000) for _ in range(4)))
    assert asyncio.get_running_loop().time() - began >= 0.35


def test_a_transfer_has_a_whole_window_to_begin() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    assert meter.left == 10
    meter.add(0, 4)
    assert meter.left == 6


def test_what_was_enough_counts_for_a_window() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    meter.add(1000, 3)
    assert meter.left == 10
    meter.add(0, 9)
    assert meter.left == pytest.approx(1)


def test_too_little_in_the_last_window_is_too_slow_however_much_came_before() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    meter.add(10**9, 1)
    for _ in range(10):
        meter.add(50, 1)
    assert meter.left == 0


async def test_what_falls_silent_is_given_up() -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.get_running_loop().create_future()

    flow = RateLimit(Network(minimum_rate=MinimumRate(100, 0.2)))
    with pytest.raises(HttpcliError, match=r"less than 100 bytes a second for 0\.2 s"):
        assert [piece async for piece in flow.received(silent(), HERE)] == []


async def test_a_reader_that_takes_its_time_is_not_the_servers_fault() -> None:
    async def ready() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x"

    flow = RateLimit(Network(minimum_rate=MinimumRate(1000, 0.1)))
    async for _ in flow.received(ready(), HERE):
        await asyncio.sleep(0.15)
