"""How fast content flows: no faster than allowed, and not slower than is worth waiting for.

One limit for all connections, up and down. Bytes count as they are on the wire,
content codings and all, without heads and framing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from httpcli.core.errors import TIMEOUT, HttpcliError
from httpcli.core.exit_status import ExitStatus

if TYPE_CHECKING:
    from httpcli.core.plan import Network
    from httpcli.core.transfers import MinimumRate
    from httpcli.core.url import Url

_BURST = 0.1
"""Seconds of the rate that may pass at once after a pause."""
_LARGEST = 256 * 1024
_SMALLEST = 512
_SAMPLES = 20
"""A window's parts, in each of which bytes are counted together."""


class RateLimit:
    """What is asked of the flow of content; all connections of an engine share it."""

    def __init__(self, network: Network) -> None:
        self._slowest = network.min_rate
        self._bucket = None if network.max_rate is None else Bucket(network.max_rate)

    @property
    def is_limited(self) -> bool:
        """Whether content may have to wait."""
        return self._bucket is not None

    def meter(self) -> ThroughputMeter | None:
        """Return what measures one transfer, None where it may be as slow as it likes."""
        return None if self._slowest is None else ThroughputMeter(self._slowest)

    async def cut(self, piece: bytes) -> AsyncIterator[bytes]:
        """Give a piece in parts, each when it may pass."""
        if self._bucket is None:
            yield piece
            return
        for part in self._bucket.parts(piece):
            await self._bucket.take(len(part))
            yield part

    async def received(self, pieces: AsyncIterator[bytes], url: Url) -> AsyncIterator[bytes]:
        """Pass on what comes, not too fast. Raises HttpcliError where it comes too slowly.

        Only time in which more is waited for counts, not that of a slow reader.
        """
        meter = self.meter()
        while (piece := await _next(pieces, meter, url)) is not None:
            async for part in self.cut(piece):
                yield part


async def _next(
    pieces: AsyncIterator[bytes], meter: ThroughputMeter | None, url: Url
) -> bytes | None:
    if meter is None:
        return await anext(pieces, None)
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        async with asyncio.timeout(meter.left) as limit:
            piece = await anext(pieces, None)
    except TimeoutError:
        if not limit.expired():
            raise  # the silence of --timeout came first
        raise meter.failure(url) from None
    meter.add(len(piece or b""), clock() - began)
    return piece


class Bucket:
    """Lets ``rate`` bytes pass a second, whoever they are for.

    Who takes more than there is leaves a debt, and all wait until it is paid.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._there = 0.0
        self._since: float | None = None

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """Cut a piece so that it passes evenly."""
        size = min(_LARGEST, max(_SMALLEST, int(self._rate * _BURST)))
        for start in range(0, len(piece), size):
            yield piece[start : start + size]

    async def take(self, count: int) -> None:
        """Wait until that many bytes may pass."""
        wait = self.debt(count, asyncio.get_running_loop().time())
        if wait > 0:
            await asyncio.sleep(wait)

    def debt(self, count: int, now: float) -> float:
        """Take bytes, and return the seconds until they are paid for."""
        passed = 0.0 if self._since is None else now - self._since
        self._since = now
        self._there = min(self._there + passed * self._rate, self._rate * _BURST) - count
        return max(0.0, -self._there / self._rate)


class ThroughputMeter:
    """Measures one transfer over a window that moves with the time that was waited."""

    def __init__(self, minimum_rate: MinimumRate) -> None:
        self._slowest = minimum_rate
        self._enough = minimum_rate.rate * minimum_rate.window
        self._part = minimum_rate.window / _SAMPLES
        self._samples: deque[tuple[float, int]] = deque()
        self._sum = 0
        self._now = 0.0

    def add(self, count: int, waited: float) -> None:
        """Note that bytes passed after a wait of seconds."""
        self._now += waited
        if self._samples and self._now // self._part == self._samples[-1][0] // self._part:
            earlier = self._samples.pop()[1]
            self._sum -= earlier
            count += earlier
        self._samples.append((self._now, count))
        self._sum += count
        while self._samples[0][0] <= self._now - self._slowest.window:
            self._sum -= self._samples.popleft()[1]

    @property
    def left(self) -> float:
        """Seconds until it is too slow, if nothing comes."""
        over = 0.0
        total = self._sum
        for at, count in self._samples:
            if total < self._enough:
                break
            over = at
            total -= count
        return max(0.0, over + self._slowest.window - self._now)

    def failure(self, url: Url) -> HttpcliError:
        """Return the failure of a transfer that was too slow."""
        rate, window = self._slowest
        return HttpcliError(
            f"{url.authority}: timed out: less than {rate} bytes a second for {window:g} s",
            hint="--min-rate sets how slow it may be",
            status=ExitStatus.TIMED_OUT,
        ).as_transient(TIMEOUT)
