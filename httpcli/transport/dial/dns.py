"""Resolves host names: fixed addresses, a lookup that was started early, name servers.

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

from httpcli.transport.current_attempt import mark_time, waiting_for

if TYPE_CHECKING:
    from httpcli.core.plan import Network

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
"""One address, as socket.getaddrinfo returns it."""

Resolve = Callable[[str, int, socket.AddressFamily], Awaitable[Sequence[Address]]]
"""Return the addresses of a host. Raises OSError, HttpcliError."""

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Lookup:
    """A lookup by the system, which starts at once."""

    def __init__(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> None:
        self.question = (host, port)
        self.answer: Future[Sequence[Address]] = Future()
        """The addresses; raises OSError where there are none."""
        self._family = family
        Thread(target=self._run, name=f"lookup of {host}", daemon=True).start()

    def _run(self) -> None:
        host, port = self.question
        try:
            addresses = socket.getaddrinfo(
                host, port, self._family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
        except (OSError, UnicodeError) as error:
            self.answer.set_exception(error)
        else:
            self.answer.set_result(addresses)


async def ask_system(host: str, port: int, family: socket.AddressFamily) -> Sequence[Address]:
    """Return the addresses that the system knows. Raises OSError."""
    return await asyncio.wrap_future(Lookup(host, port, family).answer)


class Resolver:
    """Resolves the names of one engine's requests.

    ``network.host_addresses`` has the addresses of some hosts; ``early`` is a lookup that
    was started before; ``resolve_other`` resolves everything else.
    """

    def __init__(
        self, network: Network, early: Lookup | None, resolve_other: Resolve = ask_system
    ) -> None:
        self._fixed = network.host_addresses
        self._early = early
        self._resolve_other = resolve_other

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> Sequence[Address]:
        """Return the addresses of a host. Raises OSError, HttpcliError."""
        fixed = self._fixed.get((host, port)) or self._fixed.get(("*", port))
        mark_time("resolving")
        with waiting_for(f"the name {host} was not resolved"):
            if fixed is not None:
                addresses = _of_family(fixed, port, family)
            elif self._early is not None and self._early.question == (host, port):
                lookup, self._early = self._early, None
                addresses = await asyncio.wrap_future(lookup.answer)
            else:
                addresses = await self._resolve_other(host, port, family)
        mark_time("resolved")
        return addresses


def _of_family(
    fixed: tuple[str, ...], port: int, family: socket.AddressFamily
) -> Sequence[Address]:
    """Return the addresses of that family. Raises OSError where there is none."""
    addresses = [
        address
        for text in fixed
        for address in socket.getaddrinfo(text, port, type=socket.SOCK_STREAM, flags=NUMERIC)
        if family in (socket.AF_UNSPEC, address[0])
    ]
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "--resolve has no address of the kind asked for")
    return addresses


def numeric_host(address: Address) -> str:
    """Return the IP address as text, with its zone if it has one (IPv6 link-local)."""
    where = address[4]
    host = str(where[0])
    if len(where) == 4 and where[3] and "%" not in host:
        return f"{host}%{where[3]}"
    return host
