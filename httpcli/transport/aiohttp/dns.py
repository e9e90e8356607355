"""Answers aiohttp's questions for addresses: what was told, the early lookup, others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiohttp.abc import AbstractResolver, ResolveResult

from httpcli.core.plan import Network
from httpcli.transport.aiohttp.hop import mark_time, waiting_for
from httpcli.transport.dial.early_dns import Address, Answer, Lookup

Ask = Callable[[str, int, socket.AddressFamily], Awaitable[Answer]]
"""Find the addresses of a host. Raises OSError, HttpcliError."""

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Resolver(AbstractResolver):
    """Resolves names.

    ``network.answers`` has the addresses of some; ``early`` is a lookup that was
    started before aiohttp was imported; the others ``ask`` finds.
    """

    def __init__(self, network: Network, early: Lookup | None, ask: Ask | None = None) -> None:
        self._answers = network.host_addresses
        self._early = early
        self._ask = ask or _ask_the_system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises OSError, HttpcliError."""
        told = self._answers.get((host, port)) or self._answers.get(("*", port))
        mark_time("asked")
        with waiting_for(f"the name {host} was not resolved"):
            if told is not None:
                answers = _told(told, port, family)
            elif self._early is not None and self._early.question == (host, port):
                lookup, self._early = self._early, None
                answers = await asyncio.wrap_future(lookup.answer)
            else:
                answers = await self._ask(host, port, family)
        mark_time("named")
        return [_result(host, answer) for answer in answers]

    async def close(self) -> None:
        """Nothing is held here."""


async def _ask_the_system(host: str, port: int, family: socket.AddressFamily) -> Answer:
    return await asyncio.wrap_future(Lookup(host, port, family).answer)


def _told(addresses: tuple[str, ...], port: int, family: socket.AddressFamily) -> Answer:
    """Return the addresses of that family. Raises OSError where there is none."""
    answers = [
        answer
        for address in addresses
        for answer in socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=_NUMERIC)
        if family in (socket.AF_UNSPEC, answer[0])
    ]
    if not answers:
        raise socket.gaierror(socket.EAI_NONAME, "--resolve has no address of the kind asked for")
    return answers


def _result(hostname: str, answer: Address) -> ResolveResult:
    family, _, protocol, _, address = answer
    host = str(address[0])
    if len(address) == 4 and address[3]:  # a link-local address needs its zone
        host = f"{host}%{address[3]}" if "%" not in host else host
    return ResolveResult(
        hostname=hostname,
        host=host,
        port=int(address[1]),
        family=family,
        proto=protocol,
        flags=_NUMERIC,
    )
