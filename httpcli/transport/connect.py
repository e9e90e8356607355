"""Opens the way to the origin and stacks the skins: what every mode that sends begins with.

This is the named seam between a fast start and a slow library: the name lookup
begins before aiohttp is imported, and aiohttp is not imported at all where
nothing is sent.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from ipaddress import ip_address
from typing import TYPE_CHECKING

from httpcli.core.plan import Mode, Plan, Wire
from httpcli.core.request import Request
from httpcli.middleware.stack import conversation
from httpcli.transport.aiohttp_import import frugal_import
from httpcli.transport.dial.early_dns import Lookup

if TYPE_CHECKING:
    from httpcli.body.prepare import Supply
    from httpcli.core.body import Body
    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.exchange.context import Means
    from httpcli.protocol.cookies import Jar
    from httpcli.transport.rate_limit import Flow


Sending = Callable[[Plan, "OpenBody"], "AbstractAsyncContextManager[Send]"]
"""Give the bare Send that a plan asks for, until the block ends."""


@asynccontextmanager
async def opened(
    plan: Plan,
    means: Means,
    jar: Jar | None,
    shared: Send | None = None,
    tapped: Callable[[Send], Send] | None = None,
) -> AsyncIterator[tuple[Request, Send]]:
    """Give the request as it can be sent, and what sends it as the plan says.

    Connections live until the block ends, unless they are ``shared`` with other
    requests, which have no body. ``tapped``: see ``stacked``. Raises HttpcliError.
    """
    request = plan.request
    async with (
        supplied(plan, means) as supply,
        nullcontext(shared)
        if shared
        else sending(plan, supply.open if supply else no_body) as send,
    ):
        if supply is not None:
            request = await supply.ready(request, send)
        yield request, stacked(plan, means, jar, send, tapped)


def stacked(
    plan: Plan,
    means: Means,
    jar: Jar | None,
    send: Send,
    tapped: Callable[[Send], Send] | None = None,
) -> Send:
    """Return what sends as the plan says, by the bare ``send``.

    ``tapped`` (``Audience.tapped``) lets reports hear of the wire.
    """
    heard = send if tapped is None else tapped(send)
    tries = None
    if plan.journey.retry is not None:
        from httpcli.exchange.retry_setup import tries_for

        tries = tries_for(plan, plan.journey.retry, means)
    return conversation(heard, plan, jar, means.around, means.notices.note, tries)


@asynccontextmanager
async def sending(
    plan: Plan, open_body: OpenBody, flow: Flow | None = None
) -> AsyncIterator[Send]:
    """Give the bare Send that the mode asks for; ``flow`` is shared with others."""
    if plan.mode is Mode.OFFLINE:
        from httpcli.transport.offline import offline

        yield offline(open_body, plan.wire)
        return
    with frugal_import():
        early = early_lookup(plan)
        from httpcli.transport.aiohttp.engine import open_wire
    # What is loaded now stays: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    async with reachable(plan) as wire, open_wire(wire, open_body, early, flow) as send:
        yield send


@asynccontextmanager
async def reachable(plan: Plan) -> AsyncIterator[Wire]:
    """Give the wire; the small server behind ``echo:`` runs until the block ends."""
    if not plan.echo:
        yield plan.wire
        return
    from httpcli.echo.server import serve

    server = await serve()
    try:
        here = plan.request.url.host, plan.request.url.effective_port
        from httpcli.core.connection_options import Detour

        detour = Detour(*here, server.host, server.port)
        yield plan.wire._replace(detours=(detour,))
    finally:
        await server.close()


def early_lookup(plan: Plan) -> Lookup | None:
    """Start to look up the host, unless somebody else does or nobody needs to."""
    url, wire = plan.request.url, plan.wire
    if plan.echo or url.scheme in wire.proxies or f"{url.scheme}://{url.host}" in wire.proxies:
        return None
    # What passes beside something else cannot be told apart: who takes times sees all of it.
    if wire.times:
        return None
    if wire.sockets or wire.detours or wire.answers or wire.name_servers or wire.family:
        return None
    try:
        ip_address(url.host.partition("%")[0])
    except ValueError:
        return Lookup(url.host, url.effective_port)
    return None


def supplied(plan: Plan, means: Means) -> AbstractAsyncContextManager[Supply | None]:
    """Give what supplies the request's body; a request without one loads nothing."""
    if plan.request.body is None:
        return nullcontext()
    from httpcli.body.prepare import Supply

    return Supply(means, spool=plan.journey.spool)


def no_body(_body: Body) -> AsyncIterator[bytes]:
    """Stand for what opens bodies, where there are none."""
    raise AssertionError("a request without a body has nothing to open")
