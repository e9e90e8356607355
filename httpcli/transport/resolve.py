"""Answers aiohttp's questions for addresses: overrides, the early lookup, then the system."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult

from httpcli.transport.lookup import Address, Lookup

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Resolver(AbstractResolver):
    """Resolves names.

    ``addresses`` maps (host, port) to another address to connect to;
    ``early`` is a lookup that was started before aiohttp was imported.
    """

    def __init__(
        self, addresses: Mapping[tuple[str, int], tuple[str, int]], early: Lookup | None
    ) -> None:
        self._addresses = addresses
        self._early = early

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises OSError."""
        if (host, port) in self._addresses:
            address, there = self._addresses[host, port]
            return [_result(host, (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, there)))]
        if self._early is not None and self._early.question == (host, port):
            lookup, self._early = self._early, None
        else:
            lookup = Lookup(host, port, family)
        return [_result(host, answer) for answer in await asyncio.wrap_future(lookup.answer)]

    async def close(self) -> None:
        """Nothing is held."""


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
