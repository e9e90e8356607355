"""Rate limits and minimum rates of transfers, tested with a simulated clock."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.plan import Network
from httpcli.core.plan_options import MinimumRate
from httpcli.core.url import Url
from httpcli.transport.rate_limit import RateLimit, ThroughputMeter, TokenBucket

HERE = Url("http", "here")


class SimulatedTime(selectors.SelectSelector):
    """Adds each timeout to a clock instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        self.now += max(0.0, timeout)
        return super().select(0)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on an event loop with a simulated clock: no sleep takes real time."""
    selector = SimulatedTime()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(coroutine)


def test_debt_shrinks_with_time() -> None:
    bucket = TokenBucket(1000)
    assert bucket.reserve(500, 0.0) == pytest.approx(0.5)
    assert bucket.reserve(500, 0.5) == pytest.approx(0.5)
    assert bucket.reserve(100, 2.0) == 0


def test_pause_allows_a_burst_of_a_tenth_of_a_second() -> None:
    bucket = TokenBucket(1000)
    bucket.reserve(0, 0.0)
    assert bucket.reserve(100, 60.0) == 0
    assert bucket.reserve(100, 60.0) == pytest.approx(0.1)


def test_sent_data_is_split_to_flow_evenly() -> None:
    sizes = [len(part) for part in TokenBucket(100_000).parts(bytes(25_000))]
    assert sizes == [10_000, 10_000, 5_000]
    assert max(len(part) for part in TokenBucket(10**9).parts(bytes(10**6))) == 256 * 1024
    assert max(len(part) for part in TokenBucket(1).parts(bytes(10**4))) == 512


def test_received_burst_is_passed_on_evenly() -> None:
    async def burst() -> AsyncIterator[bytes]:
        yield bytes(60_000)

    async def receive() -> None:
        clock = asyncio.get_running_loop().time
        received = [
            (len(part), clock())
            async for part in RateLimit(Network(max_rate=100_000)).pieces_in_time(burst(), HERE)
        ]
        assert [size for size, _ in received] == [10_000] * 6
        times = [time for _, time in received]
        assert times == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])

    run(receive())


def test_two_connections_share_one_limit() -> None:
    async def take() -> None:
        bucket = TokenBucket(100_000)
        await asyncio.gather(*(bucket.take(10_000) for _ in range(4)))
        assert asyncio.get_running_loop().time() == pytest.approx(0.4)

    run(take())


def test_transfer_has_a_full_window_to_start() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    assert meter.left == 10
    meter.add(0, 4)
    assert meter.left == 6


def test_sufficient_bytes_count_for_one_window() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    meter.add(1000, 3)
    assert meter.left == 10
    meter.add(0, 9)
    assert meter.left == pytest.approx(1)


def test_only_the_last_window_decides_what_is_too_slow() -> None:
    meter = ThroughputMeter(MinimumRate(100, 10))
    meter.add(10**9, 1)
    for _ in range(10):
        meter.add(50, 1)
    assert meter.left == 0


def test_silent_transfer_is_aborted_after_the_window() -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.get_running_loop().create_future()

    async def receive() -> None:
        limit = RateLimit(Network(min_rate=MinimumRate(100, 20)))
        with pytest.raises(HttpcliError, match="slower than 100 bytes per second for 20 s"):
            assert [piece async for piece in limit.pieces_in_time(silent(), HERE)] == []
        assert asyncio.get_running_loop().time() == pytest.approx(20)

    run(receive())


def test_slow_reader_does_not_count_as_a_slow_server() -> None:
    async def ready() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x"

    async def receive() -> None:
        limit = RateLimit(Network(min_rate=MinimumRate(1000, 10)))
        async for _ in limit.pieces_in_time(ready(), HERE):
            await asyncio.sleep(15)

    run(receive())
