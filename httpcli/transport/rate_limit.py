"""Limits the rate of transfers, and ends those that are too slow.

One limit applies to all connections, in both directions. Only the bytes of bodies are
limited: with their content codings, without headers and framing.
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
    from httpcli.core.plan_options import MinimumRate
    from httpcli.core.url import Url

_BURST = 0.1
"""Seconds of the rate that may be transferred at once after a pause."""
_MAX_PART_SIZE = 256 * 1024
_MIN_PART_SIZE = 512
_SAMPLES = 20
"""The intervals of a window; the bytes of one interval are added together."""


class RateLimit:
    """The limits of ``network``, which all connections share."""

    def __init__(self, network: Network) -> None:
        self._minimum = network.min_rate
        self._bucket = None if network.max_rate is None else TokenBucket(network.max_rate)

    @property
    def is_limited(self) -> bool:
        """Whether there is a maximum rate."""
        return self._bucket is not None

    def meter(self) -> ThroughputMeter | None:
        """Return a meter for one transfer; None without a minimum rate."""
        return None if self._minimum is None else ThroughputMeter(self._minimum)

    async def parts_in_time(self, piece: bytes) -> AsyncIterator[bytes]:
        """Yield a piece in parts, each as soon as the rate allows it."""
        if self._bucket is None:
            yield piece
            return
        for part in self._bucket.parts(piece):
            await self._bucket.take(len(part))
            yield part

    async def pieces_in_time(self, pieces: AsyncIterator[bytes], url: Url) -> AsyncIterator[bytes]:
        """Yield the pieces no faster than allowed. Raises HttpcliError if they are too slow.

        Only the time spent waiting for the next piece is measured, not that of a slow reader.
        """
        meter = self.meter()
        while (piece := await _next(pieces, meter, url)) is not None:
            async for part in self.parts_in_time(piece):
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
            raise  # --timeout ended first
        raise meter.failure(url) from None
    meter.add(len(piece or b""), clock() - began)
    return piece


class TokenBucket:
    """A token bucket of ``rate`` bytes a second, shared by all transfers.

    The balance may become negative; then every transfer waits until it is 0.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._balance = 0.0
        """The bytes that may be transferred at once."""
        self._updated_at: float | None = None
        """When the balance was computed; None before the first time."""

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """Split a piece so that the rate is even."""
        size = min(_MAX_PART_SIZE, max(_MIN_PART_SIZE, int(self._rate * _BURST)))
        for start in range(0, len(piece), size):
            yield piece[start : start + size]

    async def take(self, count: int) -> None:
        """Reserve bytes, and wait until they may be transferred."""
        wait = self.reserve(count, asyncio.get_running_loop().time())
        if wait > 0:
            await asyncio.sleep(wait)

    def reserve(self, count: int, now: float) -> float:
        """Reserve bytes; return the seconds to wait for them."""
        elapsed = 0.0 if self._updated_at is None else now - self._updated_at
        self._updated_at = now
        self._balance = min(self._balance + elapsed * self._rate, self._rate * _BURST) - count
        return max(0.0, -self._balance / self._rate)


class ThroughputMeter:
    """Measures the rate of one transfer over the last seconds that were spent waiting for it."""

    def __init__(self, minimum_rate: MinimumRate) -> None:
        self._minimum = minimum_rate
        self._required = minimum_rate.rate * minimum_rate.window
        self._interval = minimum_rate.window / _SAMPLES
        self._samples: deque[tuple[float, int]] = deque()
        """The window: a point of the waiting time, and the bytes of its interval."""
        self._sum = 0
        """The bytes of the window."""
        self._waited = 0.0
        """All seconds spent waiting."""

    def add(self, count: int, waited: float) -> None:
        """Add bytes that were transferred after waiting ``waited`` seconds."""
        self._waited += waited
        if (
            self._samples
            and self._waited // self._interval == self._samples[-1][0] // self._interval
        ):
            earlier = self._samples.pop()[1]
            self._sum -= earlier
            count += earlier
        self._samples.append((self._waited, count))
        self._sum += count
        while self._samples[0][0] <= self._waited - self._minimum.window:
            self._sum -= self._samples.popleft()[1]

    @property
    def left(self) -> float:
        """Seconds until the transfer is too slow, if nothing more is transferred."""
        start = 0.0
        total = self._sum
        for time, count in self._samples:
            if total < self._required:
                break
            start = time
            total -= count
        return max(0.0, start + self._minimum.window - self._waited)

    def failure(self, url: Url) -> HttpcliError:
        """Return the error of a transfer that was too slow."""
        rate, window = self._minimum
        return HttpcliError(
            f"{url.authority}: timed out: slower than {rate} bytes per second for {window:g} s",
            hint="to allow slower transfers: --min-rate RATE[:TIME]",
            status=ExitStatus.TIMED_OUT,
        ).as_transient(TIMEOUT)
