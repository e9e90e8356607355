"""Runs a plan: opens the wire once, stacks the skins, gathers the audience.

This is the named seam between a fast start and a slow library: the name lookup
begins before aiohttp is imported, and aiohttp is not imported at all where
nothing is sent.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from ipaddress import ip_address
from typing import TYPE_CHECKING

from httpcli.exchange.conversation import conversation
from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.plan import Mode, Plan, Wire
from httpcli.model.registry import load
from httpcli.modes.audience import Audience
from httpcli.modes.fetch import fetch
from httpcli.modes.means import Means
from httpcli.terminal.departure import until_reader_leaves
from httpcli.terminal.stdio import writer
from httpcli.transport.frugal import frugal_import
from httpcli.transport.lookup import Lookup

if TYPE_CHECKING:
    from httpcli.model.bodies import Body
    from httpcli.model.ports import OpenBody, Send, Write
    from httpcli.modes.supply import Supply
    from httpcli.protocol.cookies import Jar


def run(plan: Plan, means: Means) -> ExitStatus:
    """Do what the plan says. Raises HttpcliError, BrokenPipeError, KeyboardInterrupt."""
    for warning in plan.warnings:
        means.notices.warn(warning)
    plan = _with_passphrase(_with_password(plan))
    if plan.session is None and plan.cookie_file is None:
        return asyncio.run(_run(plan, means, None))
    now = means.around.now
    jar = load("httpcli.modes.remembering:open_jar")(plan, now())
    status = asyncio.run(_run(plan, means, jar))
    for warning in load("httpcli.modes.remembering:remember")(plan, jar, now()):
        means.notices.warn(warning)
    return status


async def _run(plan: Plan, means: Means, jar: Jar | None) -> ExitStatus:
    # What goes wrong in a task that nobody waits for any more is not news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    around = means.around
    stdout = writer(around.stdout, "standard output")
    stderr = writer(around.stderr, "standard error")
    request = plan.request
    try:
        if plan.mode is Mode.CERTIFICATES:
            return await _show_certificates(plan, stdout)
        async with (
            asyncio.timeout(plan.wire.total),
            until_reader_leaves(around.stdout) if _writes_to_stdout(plan) else nullcontext(),
            _supply(plan, means) as supply,
            _send_for(plan, supply.open if supply else _no_body) as send,
        ):
            if supply is not None:
                request = await supply.ready(request, send)
            with Audience(plan, means, stdout, stderr) as audience:
                talk = conversation(send, plan, jar, around.entropy, around.now)
                await fetch(talk, request, audience)
    except TimeoutError as error:
        if plan.wire.total is None:
            raise
        raise HttpcliError(
            f"{plan.request.url.authority}: timed out: not done after {plan.wire.total:g} s"
            + _where(error),
            hint="--max-time sets how long it may take",
            status=ExitStatus.TIMED_OUT,
        ) from None
    reason = audience.verdict.reason
    if reason and plan.announce_status:
        means.notices.warn(reason)
    return audience.verdict.status


async def _show_certificates(plan: Plan, stdout: Write) -> ExitStatus:
    status: ExitStatus = await load("httpcli.modes.certificates:show")(plan, stdout)
    return status


def _where(error: TimeoutError) -> str:
    """Return what was waited for when the time was over, as the transport's cancelling tells."""
    words = error.__cause__.args if isinstance(error.__cause__, asyncio.CancelledError) else ()
    return f" ({words[0]})" if words else ""


def _writes_to_stdout(plan: Plan) -> bool:
    """Tell whether it matters that somebody reads standard output."""
    return plan.output is None and bool(plan.show.parts)


@asynccontextmanager
async def _send_for(plan: Plan, open_body: OpenBody) -> AsyncIterator[Send]:
    """Give the Send that the mode asks for; connections live until the block ends."""
    if plan.mode is Mode.OFFLINE:
        yield load("httpcli.modes.offline:offline")(open_body, plan.wire)
        return
    with frugal_import():
        early = _early_lookup(plan)
        open_wire = load("httpcli.transport.http:open_wire")
    # What is loaded now stays: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    async with _reachable(plan) as wire, open_wire(wire, open_body, early) as send:
        yield send


@asynccontextmanager
async def _reachable(plan: Plan) -> AsyncIterator[Wire]:
    """Give the wire; the small server behind ``echo:`` runs until the block ends."""
    if not plan.echo:
        yield plan.wire
        return
    server = await load("httpcli.echo.server:serve")()
    try:
        here = plan.request.url.host, plan.request.url.effective_port
        detour = load("httpcli.model.ways:Detour")(*here, server.host, server.port)
        yield plan.wire._replace(detours=(detour,))
    finally:
        await server.close()


def _early_lookup(plan: Plan) -> Lookup | None:
    """Start to look up the host, unless somebody else does or nobody needs to."""
    url, wire = plan.request.url, plan.wire
    # What passes beside something else cannot be told apart: who takes times sees all of it.
    if plan.echo or wire.times or url.scheme in wire.proxies:
        return None
    if wire.sockets or wire.detours or wire.answers or wire.name_servers or wire.family:
        return None
    try:
        ip_address(url.host.partition("%")[0])
    except ValueError:
        return Lookup(url.host, url.effective_port)
    return None


@asynccontextmanager
async def _supply(plan: Plan, means: Means) -> AsyncIterator[Supply | None]:
    """Give what supplies the request's body; a request without one loads nothing."""
    if plan.request.body is None:
        yield None
        return
    async with load("httpcli.modes.supply:Supply")(means) as supply:
        yield supply


def _no_body(_body: Body) -> AsyncIterator[bytes]:
    raise AssertionError("a request without a body has nothing to open")


def _with_password(plan: Plan) -> Plan:
    if any(proxy.password is None for proxy in plan.wire.proxies.values()):
        plan = load("httpcli.modes.proxy_login:with_proxy_password")(plan)
    credentials = plan.journey.credentials
    if credentials is None or credentials.password is not None:
        return plan
    ask = load("httpcli.terminal.prompt:ask_password")
    answered = credentials._replace(password=ask(credentials.user, plan.request.url.host))
    return plan._replace(journey=plan.journey._replace(credentials=answered))


def _with_passphrase(plan: Plan) -> Plan:
    tls = plan.wire.tls
    if tls is None or tls.identity is None or not tls.identity.locked or plan.mode is Mode.OFFLINE:
        return plan
    passphrase = load("httpcli.terminal.prompt:ask_passphrase")(tls.identity.key)
    identity = tls.identity._replace(passphrase=passphrase, locked=False)
    return plan._replace(wire=plan.wire._replace(tls=tls._replace(identity=identity)))
