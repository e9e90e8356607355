"""The resolver uses overrides first, then the early lookup, then the system."""

from __future__ import annotations

import socket

import pytest

from httpcli.core.plan import Network
from httpcli.transport.dial.dns import Lookup, Resolver, numeric_host


async def test_given_address_is_used_without_a_lookup() -> None:
    resolver = Resolver(Network(host_addresses={("h.test", 80): ("127.0.0.2",)}), None)
    (address,) = await resolver.resolve("h.test", 80, socket.AF_UNSPEC)
    assert address[4] == ("127.0.0.2", 80)


async def test_early_lookup_answers_for_its_host_and_port() -> None:
    early = Lookup("localhost", 80)
    resolver = Resolver(Network(), early)
    results = await resolver.resolve("localhost", 80, socket.AF_UNSPEC)
    assert results == early.addresses.result()


async def test_other_host_needs_a_new_lookup() -> None:
    resolver = Resolver(Network(), Lookup("localhost", 80))
    results = await resolver.resolve("127.0.0.1", 81, socket.AF_INET)
    assert [address[4] for address in results] == [("127.0.0.1", 81)]


async def test_unknown_host_raises_oserror() -> None:
    with pytest.raises(OSError, match="nown"):
        await Resolver(Network(), Lookup("no-such-host.invalid", 80)).resolve(
            "no-such-host.invalid", 80, socket.AF_INET
        )


async def test_link_local_address_keeps_its_zone() -> None:
    (address,) = await Resolver(Network(), None).resolve("fe80::1%1", 80, socket.AF_INET6)
    assert numeric_host(address).startswith("fe80::1%")
