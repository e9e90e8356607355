"""The connections that many requests share: an engine for each set of network options."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from httpcli.core.plan import Mode, Network, Plan
from httpcli.core.plan_options import PoolLimits
from httpcli.transport.open_engine import open_engine, open_send

if TYPE_CHECKING:
    from types import TracebackType

    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.core.plan_options import MinimumRate
    from httpcli.core.url import Origin
    from httpcli.transport.open_engine import SendWithBody
    from httpcli.transport.rate_limit import RateLimit

OpenEngine = Callable[..., "AbstractAsyncContextManager[SendWithBody]"]
"""``open_engine``, or a test double."""

_MAX_ENGINES = 16
_MAX_ORIGINS = 128
"""Origins of one engine: aiohttp limits the connections in use, not the idle ones."""


class ConnectionPool:
    """Opens engines as they are needed; all are closed at the end of the block.

    Requests share an engine if their network options are equal, except for the total
    timeout. Engines with equal rate limits share one limit.
    """

    def __init__(self, open_engine: OpenEngine = open_engine) -> None:
        self._open_engine = open_engine
        self._engines: list[_PooledEngine] = []
        self._limits: dict[tuple[int | None, MinimumRate | None], RateLimit] = {}
        self._last_network: Network | None = None
        self._last_engine = _PooledEngine(Network(), echo=False)

    async def __aenter__(self) -> ConnectionPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for engine in self._engines:
            await engine.stack.aclose()

    def open_send(self, plan: Plan, open_body: OpenBody) -> AbstractAsyncContextManager[Send]:
        """Open a Send for the request of a plan, over shared connections. Raises HttpcliError."""
        if plan.mode is Mode.OFFLINE:
            return open_send(plan, open_body)
        return _Use(self, plan, open_body)

    def engine_for(self, plan: Plan) -> _PooledEngine:
        """Return the engine for a plan, which may not be open yet."""
        # Lines of a batch with the same options share the network object, and mostly the origin.
        origin = plan.request.url.origin
        if plan.network is self._last_network and origin in self._last_engine.origins:
            return self._last_engine
        network = plan.network._replace(
            total_timeout=None, pool_limits=plan.network.pool_limits or PoolLimits()
        )
        # The newest first: the last request used it, and the older ones may be full.
        for engine in reversed(self._engines):
            if engine.fits(network, origin, echo=plan.echo):
                break
        else:
            engine = _PooledEngine(network, echo=plan.echo)
            self._engines.append(engine)
        engine.origins.add(origin)
        if not plan.echo:
            self._last_network, self._last_engine = plan.network, engine
        return engine

    async def open(self, engine: _PooledEngine, plan: Plan) -> SendWithBody:
        """Open an engine, unless it is open, for a first request. Raises HttpcliError."""
        async with engine.opening:
            if engine.send is None:
                opened = self._open_engine(
                    engine.network,
                    plan.request.url,
                    echo=engine.echo,
                    limit=self._limit_for(engine.network),
                )
                engine.send = await engine.stack.enter_async_context(opened)
        return engine.send

    def _limit_for(self, network: Network) -> RateLimit | None:
        if not network.max_rate and not network.min_rate:
            return None
        from httpcli.transport.rate_limit import RateLimit

        key = network.max_rate, network.min_rate
        if key not in self._limits:
            self._limits[key] = RateLimit(network)
        return self._limits[key]

    async def close_unused(self) -> None:
        """Close engines that no request uses, the oldest first, if there are too many."""
        if len(self._engines) <= _MAX_ENGINES:
            return
        unused = [engine for engine in self._engines if not engine.users]
        for engine in unused[: -_MAX_ENGINES // 2]:
            # Other tasks may have used or closed it while this one closed the engine before it.
            if engine in self._engines and not engine.users:
                self._engines.remove(engine)
                if engine is self._last_engine:
                    self._last_network = None
                await engine.stack.aclose()


class _PooledEngine:
    """An engine of the pool."""

    def __init__(self, network: Network, *, echo: bool) -> None:
        self.network = network
        self.echo = echo
        """Whether it connects to the built-in test server."""
        self.origins: set[Origin] = set()
        """The origins of the requests that use or used it."""
        self.users = 0
        """The number of requests that use it now."""
        self.send: SendWithBody | None = None
        """None until it is opened."""
        self.stack = AsyncExitStack()
        """Closes the engine."""
        self.opening = asyncio.Lock()
        """Held while the engine is opened."""

    def fits(self, network: Network, origin: Origin, *, echo: bool) -> bool:
        """Return whether a request to ``origin`` may be sent with this engine."""
        if self.echo != echo or self.network != network:
            return False
        return len(self.origins) < _MAX_ORIGINS or origin in self.origins


class _Use:
    """One request's use of an engine. A class: a generator would cost more for each request."""

    def __init__(self, pool: ConnectionPool, plan: Plan, open_body: OpenBody) -> None:
        self._pool = pool
        self._plan = plan
        self._open_body = open_body
        self._engine = pool.engine_for(plan)

    async def __aenter__(self) -> Send:
        engine = self._engine
        engine.users += 1
        try:
            send = engine.send or await self._pool.open(engine, self._plan)
        except BaseException:
            engine.users -= 1
            raise
        return partial(send, open_body=self._open_body)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.users -= 1
        await self._pool.close_unused()
