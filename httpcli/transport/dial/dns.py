"""Resolves host names: by ``--resolve``, by an early lookup, or by the system or name servers.

A lookup by the system runs in a daemon thread and not in an executor: one that
hangs must not keep the process from ending.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import canonical_host, is_localhost
from httpcli.transport.current_attempt import mark_time, timeout_reason

if TYPE_CHECKING:
    from httpcli.core.plan import Network

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
"""One address, as socket.getaddrinfo returns it."""

Resolve = Callable[[str, int, socket.AddressFamily], Awaitable[Sequence[Address]]]
"""Return the addresses of a host. Raises OSError, HttpcliError."""

_LOOPBACK = ("127.0.0.1", "::1")
"""IPv4 first: a SOCKS proxy gets only one address, and few servers listen on IPv6 only."""

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class NameServerError(HttpcliError):
    """A name server did not resolve a host name."""

    def __init__(self, host: str, reason: str, *, hint: str, status: ExitStatus) -> None:
        super().__init__(f"{host}: {reason}", hint=hint, status=status)
        self.reason = reason
        """The message without the host, for a proxy's error."""


class Lookup:
    """A lookup by the system, which starts when the object is made."""

    def __init__(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> None:
        self.host_and_port = (host, port)
        self.addresses: Future[Sequence[Address]] = Future()
        """Raises OSError if the lookup fails."""
        self._family = family
        Thread(target=self._run, name=f"lookup of {host}", daemon=True).start()

    def _run(self) -> None:
        host, port = self.host_and_port
        try:
            addresses = socket.getaddrinfo(
                host, port, self._family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
        except (OSError, UnicodeError) as error:
            self.addresses.set_exception(error)
        else:
            self.addresses.set_result(addresses)


async def resolve_by_system(
    host: str, port: int, family: socket.AddressFamily
) -> Sequence[Address]:
    """Return the addresses from the system's resolver. Raises OSError."""
    return await asyncio.wrap_future(Lookup(host, port, family).addresses)


class Resolver:
    """Resolves the names of one engine's requests."""

    def __init__(
        self, network: Network, early: Lookup | None, resolve_other: Resolve = resolve_by_system
    ) -> None:
        self._fixed = network.host_addresses
        """The addresses from ``--resolve``, which go before all others."""
        self._early = early
        """A lookup that was started before; None if there was none, or it has been used."""
        self._resolve_other = resolve_other
        """Resolves all other names."""

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> Sequence[Address]:
        """Return the addresses of a host. Raises OSError, HttpcliError."""
        fixed = None
        if self._fixed:
            fixed = self._fixed.get((canonical_host(host), port)) or self._fixed.get(("*", port))
        mark_time("resolving")
        with timeout_reason(f"host name not found: {host}"):
            if fixed is not None:
                addresses = _of_family(fixed, port, family)
            elif self._early is not None and self._early.host_and_port == (host, port):
                lookup, self._early = self._early, None
                addresses = await asyncio.wrap_future(lookup.addresses)
            elif is_localhost(host):
                # Never by DNS, where a server could give them other addresses (RFC 6761, 6.3).
                addresses = _of_family(_LOOPBACK, port, family)
            else:
                addresses = await self._resolve_other(host, port, family)
        mark_time("resolved")
        return addresses


def _of_family(
    fixed: tuple[str, ...], port: int, family: socket.AddressFamily
) -> Sequence[Address]:
    """Return the fixed addresses of a family. Raises OSError if there are none."""
    addresses = [
        address
        for text in fixed
        for address in socket.getaddrinfo(text, port, type=socket.SOCK_STREAM, flags=NUMERIC)
        if family in (socket.AF_UNSPEC, address[0])
    ]
    if not addresses:
        raise socket.gaierror(
            socket.EAI_NONAME, "--resolve has no address of the requested kind (IPv4 or IPv6)"
        )
    return addresses


def numeric_host(address: Address) -> str:
    """Return the IP address as text, with its zone if it has one (IPv6 link-local)."""
    socket_address = address[4]
    host = str(socket_address[0])
    if len(socket_address) == 4 and socket_address[3] and "%" not in host:
        return f"{host}%{socket_address[3]}"
    return host
