"""The connections that many requests share: one engine for each way to reach origins."""

from __future__ import annotations

import asyncio
import gc
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from httpcli.core.connection_options import PoolLimits
from httpcli.core.plan import Mode, Network, Plan
from httpcli.transport.aiohttp_import import frugal_import
from httpcli.transport.connect import early_lookup, no_body, reachable, sending

if TYPE_CHECKING:
    from types import TracebackType

    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.core.url import Origin
    from httpcli.transport.aiohttp.engine import Engine

_MOST_ENGINES = 16
_MOST_ORIGINS = 128
"""Origins after which an engine is left: the library limits connections in use, not idle ones."""


class _Shared:
    """An engine, and how many use it."""

    def __init__(self, network: Network, *, echo: bool) -> None:
        self.network = network
        self.echo = echo
        self.origins: set[Origin] = set()
        self.users = 0
        self.engine: Engine | None = None
        self.stack = AsyncExitStack()
        self._opening = asyncio.Lock()

    def fits(self, network: Network, plan: Plan) -> bool:
        """Tell whether a plan's request can go this way."""
        if self.echo != plan.echo or self.network != network:
            return False
        return len(self.origins) < _MOST_ORIGINS or plan.request.url.origin in self.origins

    async def opened(self, plan: Plan) -> Engine:
        """Return the engine; the first plan is there for its early lookup."""
        async with self._opening:
            if self.engine is None:
                self.engine = await self._open(plan)
        return self.engine

    async def _open(self, plan: Plan) -> Engine:
        with frugal_import():
            early = early_lookup(plan)
            from httpcli.transport.aiohttp.engine import open_engine as open_engine
        plan = plan._replace(network=self.network)
        network = await self.stack.enter_async_context(reachable(plan))
        engine: Engine = await self.stack.enter_async_context(open_engine(network, no_body, early))
        return engine


class ConnectionPool:
    """Opens engines as they are needed; all are closed when the block ends."""

    def __init__(self) -> None:
        self._kept: list[_Shared] = []
        self._is_frozen = False
        self._last: Network | None = None
        self._newest = _Shared(Network(), echo=False)

    async def __aenter__(self) -> ConnectionPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for shared in self._kept:
            await shared.stack.aclose()

    def sending(self, plan: Plan, open_body: OpenBody) -> AbstractAsyncContextManager[Send]:
        """Give a bare Send that shares its connections with others. Raises HttpcliError."""
        return (
            sending(plan, open_body) if plan.mode is Mode.OFFLINE else _Use(self, plan, open_body)
        )

    def shared_by(self, plan: Plan) -> _Shared:
        """Return the engine for a plan, one that is perhaps still to be opened."""
        # Lines that are alike have the very same wire, mostly to the same origin.
        if plan.network is self._last and plan.request.url.origin in self._newest.origins:
            return self._newest
        # What limits one request's time is no matter of the connection's.
        network = plan.network._replace(
            total_timeout=None, pool_limits=plan.network.pool_limits or PoolLimits()
        )
        # The newest first: it is what the last line used, and the full ones stand behind it.
        found = next((one for one in reversed(self._kept) if one.fits(network, plan)), None)
        if found is None:
            found = _Shared(network, echo=plan.echo)
            self._kept.append(found)
        found.origins.add(plan.request.url.origin)
        if not plan.echo:
            self._last, self._newest = plan.network, found
        return found

    @property
    def many(self) -> bool:
        """Whether there are more engines than are worth keeping."""
        return len(self._kept) > _MOST_ENGINES

    async def thin_out(self) -> None:
        """Close engines that nobody uses, the oldest first."""
        for shared in [one for one in self._kept if not one.users][: -_MOST_ENGINES // 2]:
            if shared in self._kept and not shared.users:
                self._kept.remove(shared)
                self._last = None if shared is self._newest else self._last
                await shared.stack.aclose()

    def settle(self) -> None:
        """Let the collector pass over what is loaded by now."""
        if not self._is_frozen:
            self._is_frozen = True
            gc.freeze()
            gc.enable()


class _Use:
    """One request's use of an engine. A class, since a generator costs more, each time."""

    def __init__(self, engines: ConnectionPool, plan: Plan, open_body: OpenBody) -> None:
        self._engines = engines
        self._plan = plan
        self._open_body = open_body
        self._shared = engines.shared_by(plan)

    async def __aenter__(self) -> Send:
        shared = self._shared
        shared.users += 1
        try:
            engine = shared.engine or await shared.opened(self._plan)
        except BaseException:
            shared.users -= 1
            raise
        self._engines.settle()
        return partial(engine.send, open_body=self._open_body)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shared.users -= 1
        if self._engines.many:
            await self._engines.thin_out()
