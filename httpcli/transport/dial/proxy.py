"""The stream to a proxy that is spoken to by hand: it obeys the options that any other does."""

from __future__ import annotations

import socket
from typing import Any

import aiohappyeyeballs

from httpcli.core.errors import HttpcliError
from httpcli.core.plan import Proxy
from httpcli.transport.aiohttp.dns import Resolver
from httpcli.transport.aiohttp.errors import reason_of
from httpcli.transport.aiohttp.hop import now_waiting_for
from httpcli.transport.proxy_errors import unreachable


async def stream_to(
    proxy: Proxy, at: tuple[str, int], resolver: Resolver, family: int, sockets: Any
) -> socket.socket:
    """Connect to a proxy at (host, port). ``sockets`` is aiohttp's socket factory, or None.

    Raises HttpcliError.
    """
    now_waiting_for(f"no connection to the proxy {proxy.url}")
    try:
        found = await resolver.resolve(*at, socket.AddressFamily(family))
        stream = await aiohappyeyeballs.start_connection(
            [
                (each["family"], socket.SOCK_STREAM, 0, "", (each["host"], each["port"]))
                for each in found
            ],
            happy_eyeballs_delay=0.25,
            interleave=1,
            socket_factory=sockets,
        )
    except OSError as error:
        if isinstance(error.__cause__, HttpcliError):
            raise error.__cause__ from error
        raise unreachable(proxy, reason_of(error)) from error
    now_waiting_for(f"the proxy {proxy.url} did not connect")
    return stream
