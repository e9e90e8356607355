"""The connection pool opens one engine for equal network options, and closes unused ones.

A scripted engine takes the place of aiohttp.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, RequestStarted, ResponseEnded
from httpcli.core.interfaces import OpenBody, Send
from httpcli.core.plan import Display, Mode, Network, Plan, SendPolicy
from httpcli.core.plan_options import MinimumRate, PoolLimits
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.transport.open_engine import refuse_body
from httpcli.transport.pool import ConnectionPool
from httpcli.transport.rate_limit import RateLimit

if TYPE_CHECKING:
    from httpcli.transport.open_engine import SendWithBody


class ScriptedEngine:
    """An engine that answers every request at once."""

    def __init__(self, network: Network, url: Url, limit: RateLimit | None, *, echo: bool) -> None:
        self.network = network
        self.first = url.host
        self.limit = limit
        self.echo = echo
        self.is_open = True
        self.hosts: list[str] = []

    async def send(self, request: Request, open_body: OpenBody) -> AsyncGenerator[Event, None]:
        assert self.is_open
        assert open_body is refuse_body
        self.hosts.append(request.url.host)
        yield RequestStarted(request.method, request.url.target, request.url, request.fields)
        yield ResponseEnded(0.0)


class ScriptedEngines:
    """Opens scripted engines, and remembers them."""

    def __init__(self, error: HttpcliError | None = None) -> None:
        self.opened: list[ScriptedEngine] = []
        self.error = error
        self.pool = ConnectionPool(self.open)

    @asynccontextmanager
    async def open(
        self, network: Network, url: Url, *, echo: bool, limit: RateLimit | None
    ) -> AsyncIterator[SendWithBody]:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        engine = ScriptedEngine(network, url, limit, echo=echo)
        self.opened.append(engine)
        yield engine.send
        engine.is_open = False

    @property
    def open_ones(self) -> list[ScriptedEngine]:
        return [engine for engine in self.opened if engine.is_open]

    async def send(self, plan: Plan) -> None:
        async with self.pool.open_send(plan, refuse_body) as send:
            await sent(send, plan)


async def sent(send: Send, plan: Plan) -> None:
    assert [type(event) async for event in send(plan.request)] == [RequestStarted, ResponseEnded]


def plan_of(
    host: str = "a.test",
    network: Network | None = None,
    *,
    mode: Mode = Mode.REQUEST,
    echo: bool = False,
) -> Plan:
    request = Request("GET", Url("http", host))
    return Plan(mode, request, network or Network(), SendPolicy(), Display(), echo=echo)


async def test_equal_network_options_share_an_engine() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        for host in ("a.test", "b.test", "a.test"):
            await engines.send(plan_of(host))
    [engine] = engines.opened
    assert (engine.first, engine.hosts) == ("a.test", ["a.test", "b.test", "a.test"])


async def test_other_network_options_get_another_engine() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        await engines.send(plan_of())
        await engines.send(plan_of(network=Network(verify=False)))
        await engines.send(plan_of())
    assert [engine.network.verify for engine in engines.opened] == [True, False]
    assert [len(engine.hosts) for engine in engines.opened] == [2, 1]


async def test_time_limit_of_a_request_is_not_a_network_option() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        for seconds in (1.0, 2.0, None):
            await engines.send(plan_of(network=Network(total_timeout=seconds)))
    [engine] = engines.opened
    assert engine.network.total_timeout is None


@pytest.mark.parametrize("limits", [None, PoolLimits(idle_timeout=3.0, max_connections=2)])
async def test_engine_gets_the_limits_of_the_pool(limits: PoolLimits | None) -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        await engines.send(plan_of(network=Network(pool_limits=limits)))
    assert engines.opened[0].network.pool_limits == (limits or PoolLimits())


async def test_concurrent_first_requests_open_one_engine() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        await asyncio.gather(*(engines.send(plan_of()) for _ in range(5)))
    assert [len(engine.hosts) for engine in engines.opened] == [5]


async def test_all_engines_are_closed_at_the_end() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        await engines.send(plan_of())
        await engines.send(plan_of(network=Network(verify=False)))
        assert len(engines.open_ones) == 2
    assert engines.open_ones == []


async def test_engine_that_cannot_be_opened_is_tried_again_for_the_next_request() -> None:
    engines = ScriptedEngines(HttpcliError("no such certificate"))
    async with engines.pool:
        with pytest.raises(HttpcliError, match="no such certificate"):
            await engines.send(plan_of())
        engines.error = None
        await engines.send(plan_of())
    assert len(engines.opened) == 1


async def test_offline_request_opens_no_engine() -> None:
    engines = ScriptedEngines()
    async with (
        engines.pool,
        engines.pool.open_send(plan_of(mode=Mode.OFFLINE), refuse_body) as send,
    ):
        events = [type(event) async for event in send(plan_of().request)]
    assert (events, engines.opened) == ([RequestStarted], [])


async def test_echo_server_has_an_engine_of_its_own() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        for echo in (False, True, False, True):
            await engines.send(plan_of("echo", echo=echo))
    assert [(engine.echo, len(engine.hosts)) for engine in engines.opened] == [
        (False, 2),
        (True, 2),
    ]


async def test_engine_takes_a_limited_number_of_origins() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        for number in range(130):
            await engines.send(plan_of(f"{number}.test"))
        await engines.send(plan_of("0.test"))
    assert [len(engine.hosts) for engine in engines.opened] == [128, 3]


async def test_oldest_unused_engines_are_closed_when_there_are_too_many() -> None:
    engines = ScriptedEngines()
    async with engines.pool:
        for seconds in range(17):
            await engines.send(plan_of(network=Network(connect_timeout=seconds)))
        assert [engine.network.connect_timeout for engine in engines.open_ones] == [*range(9, 17)]
        await engines.send(plan_of(network=Network(connect_timeout=0)))
    assert len(engines.opened) == 18


async def test_engine_in_use_is_not_closed() -> None:
    engines = ScriptedEngines()
    async with engines.pool, AsyncExitStack() as stack:
        first = plan_of(network=Network(connect_timeout=99))
        send = await stack.enter_async_context(engines.pool.open_send(first, refuse_body))
        for seconds in range(40):
            await engines.send(plan_of(network=Network(connect_timeout=seconds)))
        await sent(send, first)
        assert len(engines.open_ones) <= 17


async def test_closed_engine_is_not_used_again() -> None:
    engines = ScriptedEngines()
    network = Network(connect_timeout=0)
    async with engines.pool, AsyncExitStack() as stack:
        for seconds in range(1, 18):
            plan = plan_of(network=Network(connect_timeout=seconds))
            await stack.enter_async_context(engines.pool.open_send(plan, refuse_body))
        for _ in range(3):
            await engines.send(plan_of(network=network))
    assert all(engine.hosts for engine in engines.opened if engine.network == network)


async def test_requests_with_equal_rate_limits_share_the_rate() -> None:
    engines = ScriptedEngines()
    slow = MinimumRate(10, 5)
    async with engines.pool:
        await engines.send(plan_of())
        await engines.send(plan_of(network=Network(max_rate=1000)))
        await engines.send(plan_of(network=Network(max_rate=1000, verify=False)))
        await engines.send(plan_of(network=Network(max_rate=1000, min_rate=slow)))
    none, first, second, other = (engine.limit for engine in engines.opened)
    assert none is None
    assert first is second is not None
    assert other is not None
    assert other is not first
