"""Resolves names with the name servers of ``--dns-server``, through aiodns (c-ares).

Separate from ``dns``, because aiodns is optional and slow to import.
"""

from __future__ import annotations

import socket

from aiodns import DNSResolver, error

from httpcli.core.errors import DNS_FAILURE
from httpcli.core.exit_status import ExitStatus
from httpcli.transport.dial.dns import Address, NameServerError

_UNKNOWN = (error.ARES_ENOTFOUND, error.ARES_ENODATA, error.ARES_ENONAME)


class NameServers:
    """Resolves names with these servers, each as ``ADDRESS:PORT``."""

    def __init__(self, servers: tuple[str, ...]) -> None:
        self._servers = ", ".join(servers)
        self._channel = DNSResolver(nameservers=list(servers))

    async def resolve(self, host: str, port: int, family: socket.AddressFamily) -> list[Address]:
        """Return the addresses of a host. Raises NameServerError."""
        try:
            result = await self._channel.getaddrinfo(
                host, family=family, port=port, type=socket.SOCK_STREAM
            )
        except error.DNSError as failure:
            raise self._failure(host, failure.args[0]) from failure
        return [
            (
                socket.AddressFamily(node.family),
                socket.SOCK_STREAM,
                0,
                "",
                (node.addr[0].decode(), *node.addr[1:]),
            )
            for node in result.nodes
        ]

    async def close(self) -> None:
        """Close the sockets."""
        await self._channel.close()

    def _failure(self, host: str, number: int) -> NameServerError:
        reason, status = "could not say", ExitStatus.NAME_NOT_RESOLVED
        if number == error.ARES_ETIMEOUT:
            reason, status = "did not reply", ExitStatus.TIMED_OUT
        elif number in _UNKNOWN:
            reason = "does not know this name"
        elif number == error.ARES_ECONNREFUSED:
            reason = "refused the request"
        failure = NameServerError(
            host,
            f"host name not found: the DNS server {self._servers} {reason}",
            hint="check the spelling, and --dns-server",
            status=status,
        )
        return failure.as_transient("" if number in _UNKNOWN else DNS_FAILURE, unsent=True)
