"""Opens the engine that sends requests: every kind of run that sends begins here.

aiohttp is imported here and nowhere else, for a fast start: late, so that a run that
sends nothing does not load it; after the lookup of the host has begun; and without
what it would load in vain.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk
from httpcli.core.plan import Mode, Network, Plan
from httpcli.core.request import Request
from httpcli.transport.dial.dns import Lookup

if TYPE_CHECKING:
    from typing import Protocol

    from httpcli.core.body import Body
    from httpcli.core.connection_info import ServerHandshake
    from httpcli.core.errors import HttpcliError
    from httpcli.core.interfaces import OpenBody, Send
    from httpcli.core.url import Url
    from httpcli.transport.rate_limit import RateLimit

    class SendWithBody(Protocol):
        """Send one request, whose body ``open_body`` reads. Raises HttpcliError."""

        def __call__(
            self, request: Request, open_body: OpenBody
        ) -> AsyncGenerator[Event, None]: ...


OpenSend = Callable[[Plan, "OpenBody"], "AbstractAsyncContextManager[Send]"]
"""Give what sends the request of a plan, until the block ends."""


@asynccontextmanager
async def open_send(plan: Plan, open_body: OpenBody) -> AsyncIterator[Send]:
    """Give what sends the request of a plan over connections of its own.

    Raises HttpcliError.
    """
    url = plan.request.url
    offline = plan.mode is Mode.OFFLINE
    async with open_engine(plan.network, url, offline=offline, echo=plan.echo) as send:
        yield partial(send, open_body=open_body)


@asynccontextmanager
async def open_engine(
    network: Network,
    url: Url | None = None,
    *,
    offline: bool = False,
    echo: bool = False,
    limit: RateLimit | None = None,
) -> AsyncIterator[SendWithBody]:
    """Give an engine that keeps its connections until the block ends.

    ``url``: where the first request goes. ``offline``: requests are only made, not
    sent. ``echo``: connect to the built-in test server, in place of ``url``'s.
    ``limit``: the rate limit that transfers share with others; without one, the
    engine has its own where ``network`` asks for it. Raises HttpcliError.
    """
    if offline:
        yield partial(_make_only, network)
        return
    if limit is None and (network.max_rate or network.min_rate):
        from httpcli.transport.rate_limit import RateLimit

        limit = RateLimit(network)
    with lean_aiohttp_import():
        early = None if echo or url is None else _early_lookup(url, network)
        from httpcli.transport.aiohttp.engine import open_aiohttp_engine
    _start_collector()
    if echo and url is not None:
        async with (
            _echo_server(network, url) as network,
            open_aiohttp_engine(network, None, limit) as engine,
        ):
            yield engine.send
        return
    async with open_aiohttp_engine(network, early, limit) as engine:
        yield engine.send


async def probe_certificates(
    request: Request, network: Network
) -> tuple[ServerHandshake, HttpcliError | None]:
    """Return what the server shows in a TLS handshake, and why that is rejected, if it is.

    Raises HttpcliError where the handshake did not come as far as the certificates.
    """
    with lean_aiohttp_import():
        from httpcli.transport.aiohttp.certificate_probe import CertificateProbe
        from httpcli.transport.aiohttp.engine import open_aiohttp_engine
    async with open_aiohttp_engine(network) as engine:
        return await CertificateProbe(network, engine.tls, engine.request).look(request)


def no_body(_body: Body) -> AsyncIterator[bytes]:
    """Read the body of requests that have none."""
    raise AssertionError("a request without a body has nothing to open")


async def _make_only(
    network: Network, request: Request, open_body: OpenBody
) -> AsyncGenerator[Event, None]:
    """Yield the request as ``network`` would send it; there is no response."""
    from httpcli.protocol.proxies import frame_for_proxy, network_proxy

    yield frame_for_proxy(request, network_proxy(request.url, network), network)
    if request.body is not None:
        async for piece in open_body(request.body):
            yield RequestChunk(piece)


@asynccontextmanager
async def _echo_server(network: Network, url: Url) -> AsyncIterator[Network]:
    """Run the server behind ``echo:``; give a network that connects to it in place of ``url``."""
    from httpcli.core.plan_options import ConnectTo
    from httpcli.echo.server import serve

    server = await serve()
    try:
        connect_to = ConnectTo(url.host, url.effective_port, server.host, server.port)
        yield network._replace(connect_to=(connect_to,))
    finally:
        await server.close()


def _early_lookup(url: Url, network: Network) -> Lookup | None:
    """Start to resolve the host, unless it is resolved otherwise or needs no resolving."""
    if url.scheme in network.proxies or f"{url.scheme}://{url.host}" in network.proxies:
        return None
    # The timings must not hide a lookup behind the time in which modules are imported.
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


def _start_collector() -> None:
    """Start the garbage collector, which was off while modules were imported.

    The modules stay: it need not look at them.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


_TRUST_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_KEY_LOG = "SSLKEYLOGFILE"
_OPTIONAL = ("aiodns", "brotli", "brotlicffi", "backports.zstd")


@contextmanager
def lean_aiohttp_import(optional: tuple[str, ...] = _OPTIONAL) -> Iterator[None]:
    """Let ``import aiohttp`` in the block load no trust store and no ``optional`` modules.

    aiohttp makes two TLS contexts at import and each parses the whole CA bundle: 40 %
    of a start. Here they find an empty one, so that they trust nothing; ours
    (``dial.tls``) reads the trust store at the first handshake. Nor may aiohttp
    create SSLKEYLOGFILE, readable for everybody: ours creates it privately. aiohttp
    also imports each decoder that is installed, and aiodns; ours are loaded when a
    response or an option needs them.

    A thread that reads the environment, as a name lookup does, must be started in
    the block: adding a variable may move the environment in memory, restoring one
    does not.
    """
    saved = {name: os.environ.get(name) for name in _TRUST_STORES}
    if os.environ.get(_KEY_LOG):
        saved[_KEY_LOG] = os.environ[_KEY_LOG]
    hidden = [name for name in optional if name not in sys.modules]
    os.environ.update(dict.fromkeys(saved, os.devnull))
    # None in sys.modules makes Python treat a module as not installed.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        for name, value in saved.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
