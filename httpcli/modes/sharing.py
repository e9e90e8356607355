"""What the files of a run share: a person's answers, connections, a limit of speed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from httpcli.model.registry import load
from httpcli.modes.opening import no_body, sending
from httpcli.modes.run import must_ask

if TYPE_CHECKING:
    from httpcli.model.plan import Plan
    from httpcli.model.ports import Send
    from httpcli.transport.flow import Flow

_ASKING = "httpcli.modes.asking:with_answers"
_FLOW = "httpcli.transport.flow:Flow"


def with_answers(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """Return the plans with what a person has to type; the same is asked for once only."""
    answers: list[tuple[Plan, Plan]] = []
    for plan in plans:
        known = next((each for asked, each in answers if _asks_the_same(asked, plan)), None)
        if known is not None:
            answers.append((plan, _answered_by(plan, known)))
        else:
            answers.append((plan, load(_ASKING)(plan) if must_ask(plan) else plan))
    return tuple(answered for _, answered in answers)


def _asks_the_same(one: Plan, other: Plan) -> bool:
    ours, theirs = one.wire, other.wire
    return (
        one.journey.credentials == other.journey.credentials
        and ours.proxies == theirs.proxies
        and (ours.tls and ours.tls.identity) == (theirs.tls and theirs.tls.identity)
    )


def _answered_by(plan: Plan, known: Plan) -> Plan:
    wire = plan.wire._replace(proxies=known.wire.proxies)
    if wire.tls is not None and known.wire.tls is not None:
        wire = wire._replace(tls=wire.tls._replace(identity=known.wire.tls.identity))
    journey = plan.journey._replace(credentials=known.journey.credentials)
    return plan._replace(wire=wire, journey=journey)


class Ways:
    """The connections of a run: requests that go the same way share them. Enter it first."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._open: list[tuple[Plan, Send]] = []
        self._flow: Flow | None = None

    async def __aenter__(self) -> Ways:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def of(self, plan: Plan) -> Send | None:
        """Return what sends a request that has no body; None where it needs a way of its own."""
        if plan.request.body is not None:
            return None
        for other, send in self._open:
            if other.wire == plan.wire and other.echo == plan.echo:
                return send
        if self._flow is None and (plan.wire.rate or plan.wire.slowest):
            self._flow = load(_FLOW)(plan.wire)
        send = await self._stack.enter_async_context(sending(plan, no_body, self._flow))
        self._open.append((plan, send))
        return send
