"""Opens the engine that sends requests, for every kind of run.

Only this module imports aiohttp's adapter, to keep the start fast: not in a run that
sends nothing, after the lookup of the host has begun, and without the modules that
aiohttp imports but httpcli does not use.
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
from httpcli.core.url import canonical_host, is_localhost
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
"""Open a Send for the request of a plan; closed at the end of the block."""


@asynccontextmanager
async def open_send(plan: Plan, open_body: OpenBody) -> AsyncIterator[Send]:
    """Open a Send for the request of a plan, which shares no connections. Raises HttpcliError."""
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
    """Open an engine; its connections are closed at the end of the block.

    ``url``: the URL of the first request. ``offline``: requests are built, but not sent.
    ``echo``: connect to the built-in test server instead of the server of ``url``.
    ``limit``: a rate limit that other engines share; None for one from ``network``.
    Raises HttpcliError.
    """
    if offline:
        yield partial(_send_offline, network)
        return
    if limit is None and (network.max_rate or network.min_rate):
        from httpcli.transport.rate_limit import RateLimit

        limit = RateLimit(network)
    with lean_aiohttp_import():
        early = None if echo or url is None else _early_lookup(url, network)
        from httpcli.transport.aiohttp.engine import open_aiohttp_engine
    _start_garbage_collector()
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
    """Return the server's handshake, and the error if its certificate is rejected.

    Raises HttpcliError if the handshake fails before the certificates are received.
    """
    with lean_aiohttp_import():
        from httpcli.transport.aiohttp.certificate_probe import CertificateProbe
        from httpcli.transport.aiohttp.engine import open_aiohttp_engine
    async with open_aiohttp_engine(network) as engine:
        return await CertificateProbe(network, engine.tls, engine.send_head).probe(request)


def refuse_body(_body: Body) -> AsyncIterator[bytes]:
    """Placeholder for requests without a body; never called."""
    raise AssertionError("a request without a body has nothing to open")


async def _send_offline(
    network: Network, request: Request, open_body: OpenBody
) -> AsyncGenerator[Event, None]:
    """Yield the events of a request that is not sent: its head and body, but no response."""
    from httpcli.protocol.proxies import frame_for_proxy, network_proxy

    yield frame_for_proxy(request, network_proxy(request.url, network), network)
    if request.body is not None:
        async for piece in open_body(request.body):
            yield RequestChunk(piece)


@asynccontextmanager
async def _echo_server(network: Network, url: Url) -> AsyncIterator[Network]:
    """Run the ``echo:`` server; yield a network that connects to it instead of to ``url``."""
    from httpcli.core.plan_options import ConnectTo
    from httpcli.echo.server import serve

    server = await serve()
    try:
        connect_to = ConnectTo(url.host, url.effective_port, server.host, server.port)
        yield network._replace(connect_to=(connect_to,))
    finally:
        await server.close()


def _early_lookup(url: Url, network: Network) -> Lookup | None:
    """Start to resolve the host if the first request needs the system's resolver."""
    if network.proxies and any(
        key in network.proxies
        for key in (url.scheme, f"{url.scheme}://{canonical_host(url.host)}")
    ):
        return None
    # Its time would be hidden: the timings begin after the modules are imported.
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
    if is_localhost(url.host):
        return None
    try:
        ip_address(url.host.partition("%")[0])
    except ValueError:
        return Lookup(url.host, url.effective_port)
    return None


def _start_garbage_collector() -> None:
    """Enable the garbage collector, which was off while modules were imported.

    It need not search the modules, which stay.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


_TRUST_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_KEY_LOG = "SSLKEYLOGFILE"
_OPTIONAL = ("aiodns", "brotli", "brotlicffi", "backports.zstd")


@contextmanager
def lean_aiohttp_import(optional: tuple[str, ...] = _OPTIONAL) -> Iterator[None]:
    """Let ``import aiohttp`` in the block read no trust store and no ``optional`` modules.

    aiohttp makes two TLS contexts when it is imported, and each parses the whole CA
    bundle: 40 % of a start. In the block they read an empty one; our own contexts
    (``dial.tls_trust``) read the trust store at the first handshake. aiohttp's contexts
    would also create SSLKEYLOGFILE readable by everyone; ours create it privately.
    aiohttp also imports each decoder that is installed, and aiodns; httpcli imports
    them when a response or an option needs them.

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
