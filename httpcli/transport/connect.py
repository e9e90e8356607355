"""Opens the way to the origin and stacks the skins: what every mode that sends begins with.

This is the named seam between a fast start and a slow library: the name lookup
begins before aiohttp is imported, and aiohttp is not imported at all where
nothing is sent.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

from httpcli.core.plan import Mode, Network, Plan
from httpcli.transport.aiohttp_import import frugal_import
from httpcli.transport.dial.early_dns import Lookup

if TYPE_CHECKING:
    from httpcli.core.body import Body
    from httpcli.core.connection_info import ServerHandshake
    from httpcli.core.errors import HttpcliError
    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.core.request import Request
    from httpcli.transport.rate_limit import RateLimit


Sending = Callable[[Plan, "OpenBody"], "AbstractAsyncContextManager[Send]"]
"""Give the bare Send that a plan asks for, until the block ends."""


@asynccontextmanager
async def sending(
    plan: Plan, open_body: OpenBody, flow: RateLimit | None = None
) -> AsyncIterator[Send]:
    """Give the bare Send that the mode asks for; ``flow`` is shared with others."""
    if plan.mode is Mode.OFFLINE:
        from httpcli.transport.offline import offline

        yield offline(open_body, plan.network)
        return
    with frugal_import():
        early = early_lookup(plan)
        from httpcli.transport.aiohttp.engine import open_send
    # What is loaded now stays: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    async with reachable(plan) as network, open_send(network, open_body, early, flow) as send:
        yield send


async def handshake_with(
    request: Request, network: Network
) -> tuple[ServerHandshake, HttpcliError | None]:
    """Return what the server shows in a TLS handshake, and why that is rejected, if it is.

    Raises HttpcliError where the handshake did not come as far as the certificates.
    """
    with frugal_import():
        from httpcli.transport.aiohttp.certificate_probe import CertificateProbe
        from httpcli.transport.aiohttp.engine import open_engine
    async with open_engine(network, no_body, None) as engine:
        probe = CertificateProbe(engine.network, engine.handshakes, engine.ask)
        return await probe.look(request)


@asynccontextmanager
async def reachable(plan: Plan) -> AsyncIterator[Network]:
    """Give the wire; the small server behind ``echo:`` runs until the block ends."""
    if not plan.echo:
        yield plan.network
        return
    from httpcli.echo.server import serve

    server = await serve()
    try:
        here = plan.request.url.host, plan.request.url.effective_port
        from httpcli.core.connection_options import ConnectTo

        detour = ConnectTo(*here, server.host, server.port)
        yield plan.network._replace(connect_to=(detour,))
    finally:
        await server.close()


def early_lookup(plan: Plan) -> Lookup | None:
    """Start to look up the host, unless somebody else does or nobody needs to."""
    url, network = plan.request.url, plan.network
    if (
        plan.echo
        or url.scheme in network.proxies
        or f"{url.scheme}://{url.host}" in network.proxies
    ):
        return None
    # What passes beside something else cannot be told apart: who takes times sees all of it.
    if network.record_timings:
        return None
    if (
        network.unix_sockets
        or network.connect_to
        or network.host_addresses
        or network.dns_servers
        or network.ip_version
    ):
        return None
    try:
        ip_address(url.host.partition("%")[0])
    except ValueError:
        return Lookup(url.host, url.effective_port)
    return None


def no_body(_body: Body) -> AsyncIterator[bytes]:
    """Stand for what opens bodies, where there are none."""
    raise AssertionError("a request without a body has nothing to open")
