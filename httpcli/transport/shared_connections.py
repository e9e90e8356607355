"""What the files of ``httpcli download`` share: connections, and a limit of speed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from httpcli.transport.connect import no_body, sending

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send
    from httpcli.core.plan import Plan
    from httpcli.transport.rate_limit import RateLimit


class SharedConnections:
    """The connections of a run: requests that go the same way share them. Enter it first."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._open: list[tuple[Plan, Send]] = []
        self._flow: RateLimit | None = None

    async def __aenter__(self) -> SharedConnections:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def of(self, plan: Plan) -> Send | None:
        """Return what sends a request that has no body; None where it needs a way of its own."""
        if plan.request.body is not None:
            return None
        for other, send in self._open:
            if other.network == plan.network and other.echo == plan.echo:
                return send
        if self._flow is None and (plan.network.max_rate or plan.network.min_rate):
            from httpcli.transport.rate_limit import RateLimit

            self._flow = RateLimit(plan.network)
        send = await self._stack.enter_async_context(sending(plan, no_body, self._flow))
        self._open.append((plan, send))
        return send
