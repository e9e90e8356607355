"""What is done around aiohttp's own sending of one request, so that the wire is ours.

Our method and head go in the place of aiohttp's, which upper-cases, sorts and
adds; a proxy sees what is for it and nothing else; and the connection's end is
watched, since aiohttp takes a reset for the end of content without a length.
"""

from __future__ import annotations

import asyncio
import socket
from contextvars import ContextVar
from ssl import CertificateError, SSLContext, SSLError
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from aiohttp import (
    ClientConnectionError,
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientTimeout,
    ServerDisconnectedError,
    TCPConnector,
)
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Proxy
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.transport.aiohttp.connection_info import Stopwatch

_PATIENCE_FOR_100 = 1.0
"""Seconds."""
_HOP: ContextVar[Hop | None] = ContextVar("hop", default=None)
"""The hop that this task works for."""


class waiting_for:  # noqa: N801 - used as a function
    """Note what this task's hop waits for in the block: it is told where time runs out.

    A class, since a generator costs more, each time.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._hop = _HOP.get()
        self._before = ""

    def __enter__(self) -> None:
        if self._hop is not None:
            self._before, self._hop.wait = self._hop.wait, self._what

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._hop is not None and kind is None:  # where the block failed, it was there
            self._hop.wait = self._before


def now_waiting_for(what: str) -> None:
    """Note that this task's hop waits for something else now."""
    hop = _HOP.get()
    if hop is not None:
        hop.wait = what


def mark_time(mark: str) -> None:
    """Note how far this task's hop came, where its times are taken (``timing.Stopwatch``)."""
    hop = _HOP.get()
    if hop is not None and hop.watch is not None:
        hop.watch.reached(mark)


class Connector(TCPConnector):
    """Lets a proxy see the authority that is asked for, whatever the user's Host field says.

    aiohttp copies Host from our head into its CONNECT, and fails without one.
    ``of_proxy``: the context for the proxy's own handshake, where that is not
    the origin's; requests to origins then say their ``server_hostname``.
    ``unasked``: nobody asks for the connection to be kept, as aiohttp would by
    itself in HTTP/1.0, behind our head's back.
    """

    of_proxy: SSLContext | None = None
    unasked = False

    @property
    def force_close(self) -> bool:
        """Whether a connection is for one request."""
        return self.unasked or super().force_close

    def _get_ssl_context(self, req: ClientRequest) -> SSLContext | None:
        """Keep client certificate and pins from the proxy: aiohttp has one context for both."""
        context = super()._get_ssl_context(req)
        if context is not None and self.of_proxy is not None and req.server_hostname is None:
            return self.of_proxy
        return context

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's name
    ) -> Connection:
        to = "" if req.proxy is None else f" to the proxy {req.proxy.authority}"
        with waiting_for(f"no connection{to}"):
            if req.proxy is None:
                return _noted(await super().connect(req, traces, timeout))
            ours, req.headers = req.headers, CIMultiDict(req.headers)
            req.headers["Host"] = str(req.url.host_port_subcomponent)
            try:
                return _noted(await super().connect(req, traces, timeout))
            finally:
                req.headers = ours

    async def _create_direct_connection(
        self, req: ClientRequest, *args: Any, **options: Any
    ) -> tuple[asyncio.Transport, Any]:
        """Connect by TCP. Not public, but nothing else tells a tunnel's first half."""
        if self.family:
            _check_kind(req.url.raw_host or "", self.family)
        made = await super()._create_direct_connection(req, *args, **options)
        if options.get("client_error") is not None:
            now_waiting_for(f"the proxy {req.url.authority} did not open a tunnel")
            hop = _HOP.get()
            if hop is not None and hop.watch is not None:
                hop.watch.tunnels()
        return made

    async def _start_tls_connection(
        self,
        underlying_transport: asyncio.Transport,
        req: ClientRequest,
        *args: Any,
        **options: Any,
    ) -> Any:
        """Begin TLS in a tunnel; tell what is wrong with it although Python hides that."""
        try:
            return await super()._start_tls_connection(underlying_transport, req, *args, **options)
        except ClientConnectionError as error:
            fault = _stumbled_over(error.__cause__)
            if fault is None:
                raise
            kind = ClientConnectorSSLError
            if isinstance(fault, CertificateError):
                kind = ClientConnectorCertificateError
            raise kind(req.connection_key, fault) from fault


def _stumbled_over(error: BaseException | None) -> SSLError | None:
    """Return the failure of TLS in TLS that asyncio before Python 3.11.8 and 3.12.2 trips over."""
    fault = error.__context__ if isinstance(error, TypeError) else None
    return fault if isinstance(fault, SSLError) else None


_USED: WeakSet[object] = WeakSet()
"""The connections that a request has gone out on."""


def _noted(connection: Connection) -> Connection:
    """Return the connection, which its hop may have to break off."""
    hop = _HOP.get()
    if hop is not None:
        hop.transport = connection.transport
        hop.wait_for_100()
        hop.reuses = connection.protocol in _USED
        if not hop.reuses:
            _USED.add(connection.protocol)
    return connection


class LostError(ClientConnectionError):
    """A new connection was lost before the answer; ``error`` says how.

    aiohttp would send an idempotent request again without a word, since a server
    may close an idle connection just then (RFC 9112, 9.3.1); on a new one that
    is a failure, and whether it is tried again is for the user to say.
    """

    def __init__(self, error: ClientOSError | ServerDisconnectedError) -> None:
        super().__init__(str(error))
        self.error = error


def _check_kind(host: str, family: int) -> None:
    """Raise HttpcliError for an address of the other kind, by which aiohttp trips."""
    six = ":" in host
    if (six and family == socket.AF_INET) or (
        not six and family == socket.AF_INET6 and host.replace(".", "").isdecimal()
    ):
        raise HttpcliError(
            f"{host} is an IPv{6 if six else 4} address",
            hint="--ipv4, --ipv6 or the local address asks for the other kind only",
            status=ExitStatus.NOT_CONNECTED,
        )


class Hop:
    """One request on its way: a client middleware, which aiohttp runs last.

    ``wait`` says what it waits for, or would have in vain. ``watch`` takes its times.
    """

    watch: Stopwatch | None = None

    def __init__(self, method: str, fields: Fields, proxy: Proxy | None = None) -> None:
        self._method = method
        self.proxy = proxy
        self.wait = "the server did not answer"
        self.transport: asyncio.Transport | None = None
        self.reuses = False
        self.fields = [(field.name, field.value) for field in fields]
        self._closed: asyncio.Future[None] | None = None
        self.request: ClientRequest | None = None

    def sets_out(self) -> None:
        """Take the place of the hop before it, where one task sends several requests."""
        _HOP.set(self)

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send. The head has just come in: of the connection's end nothing can be known yet."""
        _HOP.set(self)
        self.request = request
        request.method = self._method
        request.headers = CIMultiDict(self.fields)
        try:
            response = await handler(request)
        except (ClientOSError, ServerDisconnectedError) as error:
            if self.reuses or isinstance(error, ClientConnectorError):
                raise
            raise LostError(error) from error
        except TypeError as error:
            raise _stumbled_over(error) or error from None
        self.wait = "the server fell silent in the middle of the content"
        has_length = (
            "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        )
        if response.connection is not None and not has_length:
            protocol = response.connection.protocol
            self._closed = protocol.closed if protocol is not None else None
        return response

    def wait_for_100(self) -> None:
        """Let the content go, where it was held for a 100 (Continue) that does not come.

        A server need not know of it, and nobody should wait for ever (RFC 9110,
        10.1.1); curl waits as long. aiohttp does, and only its own future ends that.
        """
        held: asyncio.Future[bool] | None = getattr(self.request, "_continue", None)
        if held is not None:
            asyncio.get_running_loop().call_later(_PATIENCE_FOR_100, _let_go, held)

    async def abandon(self, waiting: asyncio.Future[ClientResponse]) -> None:
        """End a request that nobody waits for any more, and see its end."""
        if not waiting.done():
            waiting.cancel()
            await asyncio.wait([waiting])
        if waiting.cancelled():
            self.break_off()

    def break_off(self) -> None:
        """Break the connection of a request that was cancelled."""
        if self.transport is not None:
            # Closed only, it would wait for a peer that takes nothing.
            self.transport.abort()

    def check_end(self, url: Url) -> None:
        """Raise HttpcliError where content without a length ended with a broken connection."""
        closed = self._closed
        if closed is not None and closed.done() and closed.exception() is not None:
            raise HttpcliError(
                f"{url.authority}: the response is incomplete: the connection was reset",
                status=ExitStatus.INCOMPLETE,
            ).as_transient(TRUNCATED)


def _let_go(held: asyncio.Future[bool]) -> None:
    if not held.done():
        held.set_result(True)
